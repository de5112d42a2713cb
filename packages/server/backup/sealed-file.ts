import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { constants, createZstdCompress, createZstdDecompress } from 'node:zlib'
import { DoverieError } from '@doverie/core/base'
import { Decrypter, Encrypter } from 'age-encryption'
import type { FileOwner } from '../durable-file.ts'

/** Sealed bytes do not get smaller, whatever it costs; facts and ledger do at once. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

export interface Written {
  readonly bytes: number
  /** Of the file, lower-case hex. */
  readonly sha256: string
}

/** Who may open what is written. Throws `invalid-request` for what is no age recipient, and never quotes it. */
export function recipientsOf(recipients: readonly string[]): Encrypter {
  const encrypter = new Encrypter()
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient)
    } catch {
      const secret = /^AGE-SECRET-KEY-/i.test(recipient)
      const what = secret
        ? 'an identity was given as a recipient: give its public half (age1…)'
        : 'this is no age recipient'
      throw new DoverieError('invalid-request', what, { field: 'recipient' })
    }
  }
  if (recipients.length === 0) {
    throw new DoverieError('invalid-request', 'name at least one age recipient (age1…)', { field: 'recipient' })
  }
  return encrypter
}

/** Who opens what was written, from the text of an identity file. Throws `wrong-identity`, and never quotes it. */
export function identitiesOf(text: string): Decrypter {
  const decrypter = new Decrypter()
  const lines = text.split('\n').map((line) => line.trim())
  const identities = lines.filter((line) => line !== '' && !line.startsWith('#'))
  try {
    for (const identity of identities) decrypter.addIdentity(identity)
  } catch {
    throw new DoverieError('wrong-identity', 'the identity file holds something else than age identities')
  }
  if (identities.length === 0) throw new DoverieError('wrong-identity', 'the identity file holds no age identity')
  return decrypter
}

/**
 * Writes chunks compressed and encrypted to a file of mode 0600, over what was there. It is on the disk when this resolves. A
 * slow disk slows the source down; memory does not grow.
 */
export async function writeSealed(
  path: string,
  chunks: AsyncIterable<Uint8Array>,
  encrypter: Encrypter,
  owner?: FileOwner,
): Promise<Written> {
  const packed = createZstdCompress(ZSTD)
  const fed = pipeline(Readable.from(chunks, { objectMode: false }), packed)
  // Its own fault comes through `packed` to whoever reads below; unheard here, it would end the process.
  fed.catch(() => undefined)
  const file = await open(path, 'w', 0o600)
  try {
    if (owner !== undefined) await file.chown(owner.uid, owner.gid)
    const sealed = await encrypter.encrypt(Readable.toWeb(packed) as ReadableStream<Uint8Array>)
    const written = await writeAll(file, sealed)
    await fed
    await file.sync()
    return written
  } catch (error) {
    packed.destroy()
    // What the source says is the cause; that the stream broke is its effect.
    throw await fed.then(
      () => error,
      (cause: unknown) => (isPremature(cause) ? error : cause),
    )
  } finally {
    await file.close()
  }
}

async function writeAll(file: FileHandle, chunks: AsyncIterable<Uint8Array>): Promise<Written> {
  const digest = createHash('sha256')
  let bytes = 0
  for await (const chunk of chunks) {
    digest.update(chunk)
    await file.writeFile(chunk)
    bytes += chunk.length
  }
  return { bytes, sha256: digest.digest('hex') }
}

/**
 * What was written. Throws `wrong-identity` where no identity opens it and `backup-damaged` where it does not verify, at the
 * latest after the last chunk: nothing may be done for good with what came before the end.
 */
export async function* readSealed(path: string, decrypter: Decrypter): AsyncGenerator<Uint8Array> {
  const source = Readable.toWeb(createReadStream(path, { highWaterMark: 256 * 1024 })) as ReadableStream<Uint8Array>
  const opened = await decrypter.decrypt(source).catch((error: unknown) => Promise.reject(unreadable(error)))
  const unpacked = createZstdDecompress()
  const fed = pipeline(Readable.fromWeb(opened as never), unpacked)
  fed.catch(() => undefined)
  try {
    for await (const chunk of unpacked) yield chunk as Uint8Array
    await fed
  } catch (error) {
    throw unreadable(error)
  } finally {
    unpacked.destroy()
  }
}

/** Size and hash of a file as it lies there; null where there is none. */
export async function hashFile(path: string): Promise<Written | null> {
  const digest = createHash('sha256')
  let bytes = 0
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      digest.update(chunk as Uint8Array)
      bytes += (chunk as Uint8Array).length
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
  return { bytes, sha256: digest.digest('hex') }
}

function unreadable(error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'ENOENT' || code === 'EACCES' || code === 'EIO') {
    return new DoverieError('backup-damaged', `a file of the backup cannot be read (${code}); nothing was changed`)
  }
  // The library has no codes: of what it says only this sentence is another cause than damage.
  return /no identity matched/i.test(message)
    ? new DoverieError('wrong-identity')
    : new DoverieError('backup-damaged', 'a file of the backup does not open; nothing was changed')
}

function isPremature(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE'
}

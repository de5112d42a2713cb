import { createHash } from 'node:crypto'
import { ARCHIVE_LIMITS, type ArchivedFile, DoverieError, type Instant, ZipWriter } from '@doverie/core/base'

/** Where an archive's bytes go, in order. */
export type ArchiveSink = (bytes: Uint8Array) => Promise<void>

/** What is written before it is handed on. */
const PIECE = 256 * 1024

/**
 * Writes the files of an archive one after another, and knows the hash of each and of all. Of a file no more than a piece is held.
 * Throws `invalid-request` once there is more than a verifier takes.
 */
export class ArchiveFiles {
  readonly files: ArchivedFile[] = []
  readonly #sink: ArchiveSink
  readonly #zip: ZipWriter
  readonly #hash = createHash('sha256')
  #waiting: Uint8Array[] = []
  #packed = 0
  #unpacked = 0

  constructor(at: Instant, sink: ArchiveSink) {
    this.#sink = sink
    this.#zip = new ZipWriter(at, (bytes) => this.#waiting.push(bytes))
  }

  /** A file of these texts; `listed` where the manifest is to name it. */
  async add(
    path: string,
    texts: AsyncIterable<string> | Iterable<string | Uint8Array>,
    listed: boolean = true,
  ): Promise<void> {
    const file = this.#zip.file(path)
    const hash = createHash('sha256')
    let bytes = 0
    let held = ''
    const write = async (part: Uint8Array): Promise<void> => {
      bytes += part.length
      this.#unpacked += part.length
      hash.update(part)
      file.write(part)
      await this.#flush()
    }
    for await (const text of texts) {
      if (typeof text !== 'string') await write(text)
      else if ((held += text).length > PIECE) {
        await write(Buffer.from(held))
        held = ''
      }
    }
    await write(Buffer.from(held))
    file.end()
    if (listed) this.files.push({ path, bytes, sha256: hash.digest('hex') })
    if (this.files.length >= ARCHIVE_LIMITS.files) throw tooLarge()
  }

  /** Ends the archive. Gives its length and hash. */
  async end(): Promise<{ readonly bytes: number; readonly sha256: string }> {
    this.#zip.end()
    await this.#flush()
    return { bytes: this.#packed, sha256: this.#hash.digest('hex') }
  }

  async #flush(): Promise<void> {
    for (const bytes of this.#waiting) {
      this.#packed += bytes.length
      this.#hash.update(bytes)
      await this.#sink(bytes)
    }
    this.#waiting = []
    if (this.#packed > ARCHIVE_LIMITS.packed || this.#unpacked > ARCHIVE_LIMITS.unpacked) throw tooLarge()
  }
}

function tooLarge(): DoverieError {
  return new DoverieError(
    'invalid-request',
    'There is more of this period than one archive holds: ask for a shorter one.',
    {
      field: 'to',
    },
  )
}

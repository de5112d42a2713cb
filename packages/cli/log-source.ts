import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import type { ReadResource } from '@doverie/core/log'

/** A log that is not in our own database: on a web server, or in a folder as `doverie ledger export` writes it. */
export interface LogSource {
  readonly read: ReadResource
  /** The key that it shows of itself, or null. Who has it from elsewhere trusts that one. */
  readonly key: () => Promise<string | null>
}

const TIMEOUT_MS = 30_000
/** A full tile has 8 KiB, a full bundle of our entries 9; entries of other logs may be longer. */
const MAX_RESOURCE = 32 * 1024 * 1024

/** The log at an address or in a folder. Throws `not-found` where neither is there. */
export async function openLogSource(where: string): Promise<LogSource> {
  if (/^https?:\/\//.test(where)) return onWeb(where)
  const folder = await stat(where).catch(() => null)
  if (folder?.isDirectory() !== true) throw new DoverieError('not-found', `${where} is neither a folder nor an address`)
  const read = readFolder(where)
  return { read, key: () => keyIn(read) }
}

/** Reads files under a folder. */
export function readFolder(folder: string): ReadResource {
  return async (path) => {
    try {
      return await readFile(join(folder, path))
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null
      throw new DoverieError('storage-unavailable', `${join(folder, path)} cannot be read`)
    }
  }
}

/** The address is the log's prefix, or a server of ours, which shows its log under `/log/`. */
async function onWeb(address: string): Promise<LogSource> {
  if (!URL.canParse(address)) throw new DoverieError('invalid-request', `${address} is no address`)
  const base = address.endsWith('/') ? address : `${address}/`
  const own = readWeb(base)
  const read = (await own('checkpoint')) === null ? readWeb(`${base}log/`) : own
  return { read, key: () => keyIn(read) }
}

function readWeb(prefix: string): ReadResource {
  return async (path) => {
    const answer = await fetch(new URL(path, prefix), { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(() => {
      throw new DoverieError('storage-unavailable', `nothing answers at ${prefix}`)
    })
    if (answer.status === 404 || answer.status === 410) return null
    if (!answer.ok) throw new DoverieError('storage-unavailable', `${path} answers ${answer.status}`)
    return bytesOf(answer, path)
  }
}

/** The body, as long as no log has one longer: the other side may be anybody. */
async function bytesOf(answer: Response, path: string): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body ?? []) {
    length += part.length
    if (length > MAX_RESOURCE) throw new DoverieError('body-too-large', `${path} does not end`)
    parts.push(part)
  }
  return Buffer.concat(parts)
}

async function keyIn(read: ReadResource): Promise<string | null> {
  const bytes = await read('key')
  return bytes === null ? null : Buffer.from(bytes).toString('utf8').trim()
}

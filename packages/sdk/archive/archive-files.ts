import {
  ARCHIVE_FILES,
  ARCHIVE_LIMITS,
  type ArchivedFile,
  concat,
  DoverieError,
  hex,
  onlyZipEntries,
  unpackZip,
  type ZipEntry,
} from '@doverie/core/base'
import type { Sha256 } from '@doverie/core/log'

/** The files of an archive, unpacked one at a time. */
export interface Files {
  readonly names: readonly string[]
  readonly read: (path: string) => Uint8Array | null
  /** That these files and no others are there, each with its length and hash. */
  readonly check: (listed: readonly ArchivedFile[], sha256: Sha256) => void
}

/** What is read before the manifest says how long it is. */
const MOST_UNLISTED = 1_048_576
const UNLISTED: readonly string[] = [ARCHIVE_FILES.manifest, ARCHIVE_FILES.signed]
/** Read before anything is verified. */
const EARLY: readonly string[] = [...UNLISTED, ARCHIVE_FILES.trust]

/** Throws `ZipFault`, and `invalid-value` for names that a file system would take elsewhere, and for more than an archive holds. */
export function filesOf(bytes: Uint8Array): Files {
  if (bytes.length > ARCHIVE_LIMITS.packed) throw broken('archive', 'it is larger than any archive')
  const entries = new Map<string, ZipEntry>()
  const folded = new Set<string>()
  let sum = 0
  for (const entry of onlyZipEntries(bytes)) {
    const { name, size } = entry
    if (!isPath(name)) throw broken('archive', 'a file of it has a name that is no plain path')
    // Two names that differ in case alone are one file where it is unpacked on Windows.
    if (folded.has(name.toLowerCase())) throw broken(name, 'two files have this name')
    folded.add(name.toLowerCase())
    entries.set(name, entry)
    sum += size
  }
  if (sum > ARCHIVE_LIMITS.unpacked || entries.size > ARCHIVE_LIMITS.files)
    throw broken('archive', 'it holds more than any archive')
  const read = (path: string): Uint8Array | null => {
    const entry = entries.get(path)
    return entry === undefined ? null : unpacked(entry)
  }
  return {
    names: [...entries.keys()],
    read,
    check: (listed, sha256) => {
      check(entries, listed, sha256)
    },
  }
}

/** A file that must be there. */
export function fileOf({ read }: Files, path: string): Uint8Array {
  const bytes = read(path)
  if (bytes === null) throw broken(path, 'the file is missing')
  return bytes
}

/** Lines of a list with one object a line. */
export function* linesOf(bytes: Uint8Array): Generator {
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let from = 0
  while (from < bytes.length) {
    const next = bytes.indexOf(10, from)
    const end = next === -1 ? bytes.length : next
    const line = decoder.decode(bytes.subarray(from, end)).replace(/,$/, '')
    from = end + 1
    if (line !== '[' && line !== ']' && line !== '') yield JSON.parse(line)
  }
}

export function broken(field: string, says: string): DoverieError {
  return new DoverieError('invalid-value', `${field}: ${says}`, { field })
}

function check(entries: ReadonlyMap<string, ZipEntry>, listed: readonly ArchivedFile[], sha256: Sha256): void {
  const named = new Set([...listed.map(({ path }) => path), ...UNLISTED])
  if (named.size !== listed.length + UNLISTED.length) throw broken(ARCHIVE_FILES.manifest, 'it names a file twice')
  for (const name of entries.keys()) if (!named.has(name)) throw broken(name, 'the manifest does not name this file')
  for (const file of listed) {
    const entry = entries.get(file.path)
    if (entry === undefined) throw broken(file.path, 'the file is missing')
    if (entry.size !== file.bytes || hex(sha256(unpacked(entry))) !== file.sha256) {
      throw broken(file.path, 'it is another than the manifest names')
    }
  }
}

function unpacked(entry: ZipEntry): Uint8Array {
  if (EARLY.includes(entry.name) && entry.size > MOST_UNLISTED) throw broken(entry.name, 'it is too long')
  const chunks: Uint8Array[] = []
  unpackZip(entry, (chunk) => void chunks.push(chunk))
  return concat(...chunks)
}

function isPath(name: string): boolean {
  const parts = name.split('/')
  return (
    name.length <= 200 && parts.every((part) => /^[A-Za-z0-9@_][A-Za-z0-9@._-]*$/.test(part) && !part.endsWith('.'))
  )
}

/** What is looked for in an archive lies among this many files, or it is none of Word's. */
const MOST_FILES = 2000

/** What is wrong with an archive. */
export class ZipFault extends Error {
  constructor(message = 'the archive is damaged, or protected by a password') {
    super(message)
  }
}

/** A file of an archive, still packed. */
export interface Entry {
  readonly name: string
  readonly data: Uint8Array
  readonly deflated: boolean
  /** Of what it holds, as the directory says. */
  readonly size: number
}

const END = 0x06054b50
const END_LENGTH = 22
const CENTRAL = 0x02014b50
const CENTRAL_LENGTH = 46
const LOCAL = 0x04034b50
const LOCAL_LENGTH = 30

/**
 * The files that an archive's directory names (APPNOTE.TXT 4.3): each where the directory says, under the same name there.
 * Archives of several disks, above 4 GB or encrypted are none of Word's documents. Throws `ZipFault`.
 */
export function centralDirectory(bytes: Uint8Array): readonly Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOf(view)
  const count = view.getUint16(end + 10, true)
  if (count > MOST_FILES) throw new ZipFault(`the archive has more than ${MOST_FILES} files`)
  const entries = new Map<string, Entry>()
  let at = view.getUint32(end + 16, true)
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_LENGTH > end || view.getUint32(at, true) !== CENTRAL) throw new ZipFault()
    const [name, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true)) as [
      number,
      number,
      number,
    ]
    const next = at + CENTRAL_LENGTH + name + extra + comment
    if (next > end) throw new ZipFault()
    const entry = entryAt(bytes, view, at, bytes.subarray(at + CENTRAL_LENGTH, at + CENTRAL_LENGTH + name))
    if (entries.has(entry.name)) throw new ZipFault('the archive has two files of one name')
    entries.set(entry.name, entry)
    at = next
  }
  return [...entries.values()]
}

/** The end of the directory, which is the end of the archive but for a remark: what was cut short has none. */
function endOf(view: DataView): number {
  const first = Math.max(0, view.byteLength - END_LENGTH - 0xffff)
  for (let at = view.byteLength - END_LENGTH; at >= first; at--) {
    if (view.getUint32(at, true) === END && at + END_LENGTH + view.getUint16(at + 20, true) === view.byteLength)
      return at
  }
  throw new ZipFault()
}

function entryAt(bytes: Uint8Array, view: DataView, at: number, named: Uint8Array): Entry {
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
  const [packed, size, local] = [20, 24, 42].map((place) => view.getUint32(at + place, true)) as [
    number,
    number,
    number,
  ]
  const name = latin(named)
  const known = method === 0 || method === 8
  if ((flags & 1) !== 0 || !known || local + LOCAL_LENGTH > at || view.getUint32(local, true) !== LOCAL)
    throw new ZipFault()
  const begins = local + LOCAL_LENGTH + view.getUint16(local + 26, true) + view.getUint16(local + 28, true)
  const there = bytes.subarray(local + LOCAL_LENGTH, local + LOCAL_LENGTH + view.getUint16(local + 26, true))
  if (latin(there) !== name) throw new ZipFault('a file of the archive has two names')
  if (begins + packed > at) throw new ZipFault()
  return { name, data: bytes.subarray(begins, begins + packed), deflated: method === 8, size }
}

/** Names of parts are ASCII; what is not is none of those that are read. */
function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 1000))
}

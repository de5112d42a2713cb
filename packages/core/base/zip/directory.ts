/** What is looked for in an archive lies among this many files. */
const MOST_FILES = 2000

/** What is wrong with an archive. */
export class ZipFault extends Error {
  constructor(message = 'the archive is damaged, or protected by a password') {
    super(message)
  }
}

/** A file of an archive, still packed. */
export interface ZipEntry {
  readonly name: string
  readonly data: Uint8Array
  readonly deflated: boolean
  /** Of what it holds, as the directory says. */
  readonly size: number
  /** Where its bytes lie in the archive, its own header and what follows on its data included: [begins, ends). */
  readonly begins: number
  readonly ends: number
  /** True where its two headers say the same and nothing besides: no other name, no other way of packing, no link. */
  readonly plain: boolean
}

const END = 0x06054b50
const END_LENGTH = 22
const CENTRAL = 0x02014b50
const CENTRAL_LENGTH = 46
const LOCAL = 0x04034b50
const LOCAL_LENGTH = 30
/** What follows on the data of a file that was packed as it came: mark, checksum and both lengths. */
const DESCRIPTOR = 0x08074b50
const DESCRIPTOR_LENGTH = 16

/**
 * The files that an archive's directory names (APPNOTE.TXT 4.3): each where the directory says, under the same name there.
 * Archives of several disks, above 4 GB or encrypted are not read. Throws `ZipFault`.
 */
export function zipEntries(bytes: Uint8Array): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOf(view)
  const count = view.getUint16(end + 10, true)
  if (count > MOST_FILES) throw new ZipFault(`the archive has more than ${MOST_FILES} files`)
  const entries = new Map<string, ZipEntry>()
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

/**
 * The same of an archive that holds nothing else: file after file from its first byte to its directory, which is its end. So nothing lies
 * between them unseen, no two files share their bytes, by which a small archive would unpack to a vast one, and whatever unpacks it finds the same
 * files under the same names. Throws `ZipFault`.
 */
export function onlyZipEntries(bytes: Uint8Array): readonly ZipEntry[] {
  const entries = zipEntries(bytes)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const end = endOf(view)
  const inOrder = [...entries].sort((a, b) => a.begins - b.begins)
  let at = 0
  for (const { begins, ends, plain } of inOrder) {
    if (!plain) throw new ZipFault('the headers of a file say more than its name, or not the same')
    if (begins !== at) throw new ZipFault('something lies between the files of the archive')
    at = ends
  }
  const directory = view.getUint32(end + 16, true)
  const whole = directory === at && view.getUint32(end + 12, true) === end - directory
  if (!whole || end + END_LENGTH !== bytes.length) throw new ZipFault('something lies beside the files of the archive')
  return entries
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

function entryAt(bytes: Uint8Array, view: DataView, at: number, named: Uint8Array): ZipEntry {
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
  const after = begins + packed
  if (after > at) throw new ZipFault()
  const described = (flags & 8) !== 0 && after + DESCRIPTOR_LENGTH <= at && view.getUint32(after, true) === DESCRIPTOR
  const ends = after + (described ? DESCRIPTOR_LENGTH : 0)
  const [extra, comment, attributes] = [
    view.getUint16(at + 30, true),
    view.getUint16(at + 32, true),
    view.getUint32(at + 38, true),
  ]
  const same = view.getUint16(local + 6, true) === flags && view.getUint16(local + 8, true) === method
  const plain = same && extra === 0 && comment === 0 && attributes === 0 && view.getUint16(local + 28, true) === 0
  return { name, data: bytes.subarray(begins, after), deflated: method === 8, size, begins: local, ends, plain }
}

/** Names of what is read are ASCII; others are told apart by their bytes. */
function latin(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, 1000))
}

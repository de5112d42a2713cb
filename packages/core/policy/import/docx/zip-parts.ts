import { Unzip, UnzipInflate } from 'fflate'
import { err, ok, type Result } from '../../../base/index.ts'

/** The most that the parts which are read may hold together, uncompressed. A policy of 100 pages has a third of it. */
const LARGEST = 4_000_000
/** What is looked for in an archive lies among this many files, or it is none of Word's. */
const MOST_FILES = 2000
/** Bytes unpacked at a time: deflate makes at most 1,032 of one, so between two looks at the sum no more than 4 MB appear. */
const SLICE = 4096

const DAMAGED = 'the archive is damaged, or protected by a password'

class TooMuch extends Error {}

/**
 * The texts of those files of a ZIP archive that `wanted` takes, by name. An attacker may control every byte: what an entry
 * says of its own size is not believed, and unpacking ends as soon as the sum is too large. Else what is wrong.
 */
export function zipParts(
  bytes: Uint8Array,
  wanted: (name: string) => boolean,
): Result<ReadonlyMap<string, string>, string> {
  if (!isWhole(bytes)) return err(DAMAGED)
  const chunks = new Map<string, Uint8Array[]>()
  let files = 0
  let sum = 0
  const unzip = new Unzip((file) => {
    if (++files > MOST_FILES) throw new TooMuch(`the archive has more than ${MOST_FILES} files`)
    if (!wanted(file.name)) return
    if (chunks.has(file.name)) throw new TooMuch('the archive has two files of one name')
    const own: Uint8Array[] = []
    chunks.set(file.name, own)
    file.ondata = (fault, chunk) => {
      if (fault !== null) throw fault
      sum += chunk.length
      if (sum > LARGEST) throw new TooMuch(`the document holds more than ${LARGEST} bytes of text and marks`)
      own.push(chunk)
    }
    file.start()
  })
  unzip.register(UnzipInflate)
  try {
    for (let at = 0; at < bytes.length; at += SLICE)
      unzip.push(bytes.subarray(at, at + SLICE), at + SLICE >= bytes.length)
    return ok(new Map([...chunks].map(([name, own]) => [name, decoded(own)])))
  } catch (fault) {
    return err(fault instanceof TooMuch ? fault.message : DAMAGED)
  }
}

/** True where the archive's end is there: what was cut short would lose parts that nobody misses. */
function isWhole(bytes: Uint8Array): boolean {
  const tail = bytes.subarray(Math.max(0, bytes.length - 65_557))
  return tail.some((_, i) => END.every((byte, j) => tail[i + j] === byte))
}

const END: readonly number[] = [0x50, 0x4b, 0x05, 0x06]

/** XML is UTF-8, or UTF-16 with its mark; anything else throws. */
function decoded(chunks: readonly Uint8Array[]): string {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  const [first, second] = whole
  const wide = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null
  return new TextDecoder(wide ?? 'utf-8', { fatal: true }).decode(whole)
}

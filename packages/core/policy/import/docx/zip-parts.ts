import { concat, err, ok, type Result, unpackZip, zipEntries, type ZipEntry, ZipFault } from '../../../base/index.ts'

/** The most that the parts which are read may hold together, uncompressed. A policy of 100 pages has a third of it. */
const LARGEST = 4_000_000

/**
 * The texts of those files of a ZIP archive that `wanted` takes, by name, as its directory has them: so does Word find them, and
 * what lies beside is neither shown by it nor read here. An attacker may control every byte: what an entry says of its own size is
 * not believed, and unpacking ends as soon as the sum is too large. Else what is wrong.
 */
export function zipParts(
  bytes: Uint8Array,
  wanted: (name: string) => boolean,
): Result<ReadonlyMap<string, string>, string> {
  const parts = new Map<string, string>()
  let left = LARGEST
  try {
    for (const entry of zipEntries(bytes)) {
      if (!wanted(entry.name)) continue
      const part = unpacked(entry, left)
      left -= part.length
      parts.set(entry.name, decoded(part))
    }
    return ok(parts)
  } catch (fault) {
    // `fflate` and the decoder throw where bytes are none of theirs.
    return err(fault instanceof ZipFault ? fault.message : new ZipFault().message)
  }
}

/** The bytes of an entry, `most` at most. Throws what is wrong with them. */
function unpacked(entry: ZipEntry, most: number): Uint8Array {
  const chunks: Uint8Array[] = []
  let sum = 0
  unpackZip(entry, (chunk) => {
    sum += chunk.length
    if (sum > most) throw new ZipFault(`the document holds more than ${LARGEST} bytes of text and marks`)
    chunks.push(chunk)
  })
  return concat(...chunks)
}

/** XML is UTF-8, or UTF-16 with its mark; anything else throws. */
function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes
  const wide = first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : null
  return new TextDecoder(wide ?? 'utf-8', { fatal: true }).decode(bytes)
}

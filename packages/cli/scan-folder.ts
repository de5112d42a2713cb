import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

export interface Scanned {
  readonly files: number
  readonly bytes: number
  /** How often one of the texts was found, in any of its codings. */
  readonly found: number
}

const PIECE = 4 * 1024 * 1024

/** Looks for texts in every file of a folder: as they are, as UTF-16, in hexadecimal and in Base64 at each of its three alignments. */
export async function scanFolder(dir: string, texts: readonly string[]): Promise<Scanned> {
  const needles = texts.flatMap(codingsOf)
  const overlap = Math.max(...needles.map((needle) => needle.length))
  const total = { files: 0, bytes: 0, found: 0 }
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const { bytes, found } = await scanFile(join(entry.parentPath, entry.name), needles, overlap)
    total.files += 1
    total.bytes += bytes
    total.found += found
  }
  return total
}

function codingsOf(text: string): readonly Buffer[] {
  const bytes = Buffer.from(text)
  const hex = bytes.toString('hex')
  const base64 = [0, 1, 2].map((shift) => {
    // What stands before and after changes the first and the last letters; those between are the same.
    const coded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    return coded.slice(shift === 0 ? 0 : shift + 1, -1)
  })
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    ...[hex, hex.toUpperCase(), ...base64].map((coded) => Buffer.from(coded)),
  ]
}

async function scanFile(
  path: string,
  needles: readonly Buffer[],
  overlap: number,
): Promise<{ readonly bytes: number; readonly found: number }> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    let found = 0
    for (let at = 0; at < size; at += PIECE) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(PIECE + overlap), 0, PIECE + overlap, at)
      const piece = buffer.subarray(0, bytesRead)
      found += needles.filter((needle) => piece.includes(needle)).length
    }
    return { bytes: size, found }
  } finally {
    await file.close()
  }
}

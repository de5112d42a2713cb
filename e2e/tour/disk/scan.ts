import { open } from 'node:fs/promises'
import type { NeedleIndex, Sighting } from './needle-index.ts'

/** A sighting in a file. */
export interface Finding extends Sighting {
  readonly file: string
}

export interface Scan {
  readonly findings: readonly Finding[]
  readonly files: number
  readonly bytes: number
}

const CHUNK = 4 * 1024 * 1024
/** Beyond this the disk is full of them, and more tell nothing more. */
const MOST_FINDINGS = 10_000

/** Looks through whole files, `window` bytes at a time. One that is gone by the time it is read is passed over; any other fault is thrown. */
export async function scanFiles(index: NeedleIndex, files: readonly string[], window: number = CHUNK): Promise<Scan> {
  const findings: Finding[] = []
  let bytes = 0
  // One for all files: most are small.
  const buffer = Buffer.from(new ArrayBuffer(window + 2 * overlapOf(index)))
  for (const file of files) {
    bytes += await scanFile(index, file, buffer, (sighting) => {
      if (findings.length < MOST_FINDINGS) findings.push({ ...sighting, file })
    })
  }
  return { findings, files: files.length, bytes }
}

async function scanFile(
  index: NeedleIndex,
  file: string,
  buffer: Buffer,
  found: (sighting: Sighting) => void,
): Promise<number> {
  const handle = await open(file).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  })
  if (handle === null) return 0
  try {
    const overlap = overlapOf(index)
    const window = buffer.length - 2 * overlap
    let base = 0
    let held = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, held, window, base + held)
      const end = held + bytesRead
      const last = bytesRead === 0
      // A needle that begins before `stop` lies wholly in the buffer.
      const stop = last ? end : Math.max(0, end - overlap)
      index.search(buffer.subarray(0, end), base === 0 ? 0 : 1, stop, (sighting) => {
        found({ ...sighting, offset: base + sighting.offset })
      })
      if (last) return base + end
      // One byte before the next start stays, for the look at what stands before a number.
      const keepFrom = Math.max(0, stop - 1)
      buffer.copy(buffer, 0, keepFrom, end)
      held = end - keepFrom
      base += keepFrom
    }
  } finally {
    await handle.close()
  }
}

/** What a window keeps of the one before it, so that whatever crosses the border is seen whole. */
function overlapOf(index: NeedleIndex): number {
  return index.longest + 1
}

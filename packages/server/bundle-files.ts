import { open, readdir } from 'node:fs/promises'
import { join } from 'node:path'

/** As much of a file as is read: a bundle's are shorter by far, and a longer one is refused as such. */
const MOST_BYTES = 10_000_000

/** The files of a bundle by their path inside it. */
export async function readBundle(dir: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile() || entry.name.startsWith('.')) continue
    const path = join(entry.parentPath, entry.name)
    files.set(path.slice(join(dir, '/').length).replaceAll('\\', '/'), await beginningOf(path))
  }
  return files
}

async function beginningOf(path: string): Promise<string> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const buffer = Buffer.alloc(Math.min(size, MOST_BYTES))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await file.close()
  }
}

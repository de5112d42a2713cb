import { open, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'

/** As much of a file as is read: a bundle's are shorter by far, and a longer one is refused as such. */
const MOST_BYTES = 10_000_000

/**
 * The files of a bundle by their path inside it; what begins with a dot is none of it. A link to a file is the file. Throws
 * `policy-invalid` for what is no file (a link to a folder, a pipe): a bundle is read whole or not at all.
 */
export async function readBundle(dir: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(join(dir, '/').length).replaceAll('\\', '/')
    if (entry.isDirectory() || name.split('/').some((part) => part.startsWith('.'))) continue
    const isFile = entry.isFile() || (entry.isSymbolicLink() && (await stat(path).catch(() => null))?.isFile() === true)
    if (!isFile) throw new DoverieError('policy-invalid', `${name}: an ordinary file is needed here`)
    files.set(name, await beginningOf(path))
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

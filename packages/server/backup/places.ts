import { readdir, realpath, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import type { DatabaseKind } from '@doverie/vault'
import { PROGRESS_FILE } from './progress-file.ts'

/** The file that makes a folder a backup: it is written last. */
export const MANIFEST_FILE = 'manifest.note'

const WORDS: Readonly<Record<DatabaseKind, string>> = { data: 'data', keys: 'keystore' }
const NAME = /^doverie-(data|keystore)-(\d{8}T\d{6}Z)-[0-9a-f]{8}$/

/** A backup's folder by its name. Names sort by the moment at which it was begun. */
export interface BackupFolder {
  readonly path: string
  readonly name: string
  readonly kind: DatabaseKind
  readonly finished: boolean
}

export function folderName(kind: DatabaseKind, id: string, at: number): string {
  const moment = new Date(at).toISOString().replace(/[-:]|\.\d{3}/g, '')
  return `doverie-${WORDS[kind]}-${moment}-${id.slice(0, 8)}`
}

/** The backups in a folder, finished or not, oldest first; none where it does not exist yet. */
export async function listBackups(parent: string): Promise<readonly BackupFolder[]> {
  const found: BackupFolder[] = []
  for (const name of (await namesIn(parent)).sort()) {
    const [, word] = NAME.exec(name) ?? []
    if (word === undefined) continue
    const path = join(parent, name)
    const names = await namesIn(path)
    const finished = names.includes(MANIFEST_FILE)
    if (!finished && !names.includes(PROGRESS_FILE)) continue
    found.push({ path, name, kind: word === 'data' ? 'data' : 'keys', finished })
  }
  return found
}

/**
 * Refuses a place where a backup would lie beside what must never be stored with it: `invalid-request`. Copies of the key store
 * and of the data keep apart, and the root key from either: whoever has all of them reads everything.
 */
export async function assertApart(
  parent: string,
  kind: DatabaseKind,
  installation: { readonly dataDir: string | null; readonly keysDir: string },
): Promise<void> {
  const { dataDir, keysDir } = installation
  const to = await realPath(parent)
  for (const [dir, what] of [
    [dataDir, 'data folder'],
    [keysDir, 'keys folder'],
  ] as const) {
    if (dir !== null && isInside(to, await realPath(dir))) {
      throw refused(`a backup inside the ${what} is lost together with it: name another folder`)
    }
  }
  if (isInside(await realPath(keysDir), to))
    throw refused('the keys folder lies inside this folder: keep it apart from every backup')
  for (let at = to; ; at = dirname(at)) {
    if (NAME.test(at.split(/[/\\]/).at(-1) ?? '')) throw refused('this folder lies inside another backup')
    if (at === dirname(at)) break
  }
  if ((await listBackups(to)).some((one) => one.kind !== kind)) {
    throw refused('backups of the data and copies of the key store must not lie in one folder')
  }
}

function refused(message: string): DoverieError {
  return new DoverieError('invalid-request', message, { field: 'to' })
}

function isInside(path: string, dir: string): boolean {
  const way = relative(dir, path)
  return way === '' || (way.split(/[/\\]/)[0] !== '..' && !isAbsolute(way))
}

/** Where a path leads, links followed as far as it exists. */
async function realPath(path: string): Promise<string> {
  const whole = resolve(path)
  try {
    return await realpath(whole)
  } catch {
    const parent = dirname(whole)
    return parent === whole ? whole : join(await realPath(parent), relative(parent, whole))
  }
}

async function namesIn(dir: string): Promise<string[]> {
  const found = await stat(dir).catch(() => null)
  return found?.isDirectory() === true ? readdir(dir) : []
}

import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { link, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'

/** Who a new file belongs to when root writes into somebody's folder. */
export interface FileOwner {
  readonly uid: number
  readonly gid: number
}

/**
 * The user to whom files in this folder should be given: its owner, when we are root and it is not root's. Otherwise
 * one start as root would lock an ordinary user out of their own data.
 */
export async function ownerOfFolder(dir: string): Promise<FileOwner | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const { uid, gid } = await stat(dir)
  return uid === 0 ? undefined : { uid, gid }
}

/**
 * Writes a file of mode 0600 so that after a crash it holds either its old or its new content, and is on the disk when
 * the promise resolves.
 */
export async function replaceFile(path: string, content: string, owner?: FileOwner): Promise<void> {
  const draft = await writeDraft(path, content, owner)
  await rename(draft, path)
  await syncFolder(dirname(path))
}

/**
 * Like `replaceFile`, but never over an existing file: false says that somebody else's file was already there, and it
 * stays as it was.
 */
export async function createFile(path: string, content: string, owner?: FileOwner): Promise<boolean> {
  const draft = await writeDraft(path, content, owner)
  try {
    await link(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(draft, { force: true })
  }
  await syncFolder(dirname(path))
  return true
}

/**
 * Makes a folder and those above it that are missing. Not `mkdir` with `recursive`: Node spins for ever where the
 * system answers ENOENT though the folder above exists, as /proc does.
 */
export async function makeFolder(dir: string, mode: number): Promise<void> {
  const missing: string[] = []
  for (let at = resolve(dir); !existsSync(at); at = dirname(at)) missing.unshift(at)
  for (const at of missing) {
    await mkdir(at, { mode }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    })
  }
}

/** The mode of a new data folder: closed, but passable where we are root and PostgreSQL runs as another user inside. */
export function dataFolderMode(): number {
  return process.getuid?.() === 0 ? 0o711 : 0o700
}

/** Makes a folder's entries durable, where the platform can. */
export async function syncFolder(dir: string): Promise<void> {
  const handle = await open(dir, 'r')
  try {
    await handle.sync()
  } catch (error) {
    // Some network file systems refuse to sync a folder; the file itself is on the disk already.
    if (!['EINVAL', 'EPERM', 'EISDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  } finally {
    await handle.close()
  }
}

async function writeDraft(path: string, content: string, owner?: FileOwner): Promise<string> {
  // The leading dot marks a draft: whoever lists the folder may ignore or remove it.
  const draft = join(dirname(path), `.draft-${randomUUID()}`)
  const handle = await open(draft, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    if (owner) await handle.chown(owner.uid, owner.gid)
    await handle.sync()
  } finally {
    await handle.close()
  }
  return draft
}

/** The mark of what is to be overwritten and removed. Whoever finds one finishes that. */
const GONE = '.gone-'

/**
 * Like `replaceFile`, and then overwrites on the disk what the file held before. The old content keeps a second name until that
 * is done, so a crash leaves either the old file, or the new one and that name, for `wipeReplaced`. Best effort: what a copying
 * file system, a flash drive or a snapshot keeps of it, no program reaches.
 */
export async function replaceAndWipe(path: string, content: string, owner?: FileOwner): Promise<void> {
  const dir = dirname(path)
  await link(path, join(dir, `${GONE}${randomUUID()}`))
  await replaceFile(path, content, owner)
  await wipeReplaced(dir)
}

/** Removes a file and overwrites what it held, with the same limits. */
export async function removeAndWipe(path: string): Promise<void> {
  const dir = dirname(path)
  await rename(path, join(dir, `${GONE}${randomUUID()}`))
  await syncFolder(dir)
  await wipeReplaced(dir)
}

/** Overwrites and removes what `replaceAndWipe` left in a folder when it was interrupted. */
export async function wipeReplaced(dir: string): Promise<void> {
  const names = await readdir(dir).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  })
  for (const name of names) if (name.startsWith(GONE)) await wipe(join(dir, name))
  if (names.some((name) => name.startsWith(GONE))) await syncFolder(dir)
}

async function wipe(path: string): Promise<void> {
  const handle = await open(path, 'r+')
  try {
    const { nlink, size } = await handle.stat()
    // Another name means that the replacement did not come about: this is the file itself.
    if (nlink === 1) {
      await handle.write(randomBytes(size), 0, size, 0)
      await handle.sync()
    }
  } finally {
    await handle.close()
  }
  await rm(path, { force: true })
}

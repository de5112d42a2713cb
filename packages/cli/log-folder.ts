import { randomUUID } from 'node:crypto'
import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import type { LogCopy } from '@doverie/core/log'
import { readFolder } from './log-source.ts'

/** Files made durable together: bounds what is remembered of them. */
const SYNC_EVERY = 2_048
const SYNC_AT_ONCE = 16

/**
 * A log as files, the tree of C2SP tlog-tiles, which any web server can serve. Every file is there whole or not at all; the
 * checkpoint is replaced only when all that it covers is on the disk.
 */
export class LogFolder implements LogCopy {
  readonly read: LogCopy['read']
  readonly #folder: string
  readonly #folders = new Set<string>()
  #unsynced: string[] = []

  constructor(folder: string) {
    this.#folder = folder
    this.read = readFolder(folder)
  }

  readonly write = async (path: string, bytes: Uint8Array): Promise<void> => {
    await this.#place(path, bytes)
    if (this.#unsynced.length >= SYNC_EVERY) await this.#sync()
  }

  readonly seal = async (checkpoint: Uint8Array): Promise<void> => {
    await this.#sync()
    await this.#place('checkpoint', checkpoint)
    await this.#sync()
  }

  /** Partial forms of tiles that are full now: no tree from here on is served by them (C2SP tlog-tiles, "Partial Tiles"). */
  async dropPartial(full: readonly string[]): Promise<void> {
    for (const path of full) await rm(join(this.#folder, `${path}.p`), { recursive: true, force: true })
  }

  async #place(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.#folder, path)
    const folder = dirname(target)
    const draft = join(folder, `.draft-${randomUUID()}`)
    try {
      if (!this.#folders.has(folder)) await mkdir(folder, { recursive: true })
      await writeFile(draft, bytes, { flag: 'wx', mode: 0o644 })
      await rename(draft, target)
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined)
      const { code = '' } = error as NodeJS.ErrnoException
      throw new DoverieError('data-unwritable', `${target} cannot be written (${code})`)
    }
    this.#folders.add(folder)
    this.#unsynced.push(target)
  }

  async #sync(): Promise<void> {
    const files = this.#unsynced
    // A folder's own entry lies in the folder above it.
    const folders = new Set([...this.#folders].flatMap((folder) => foldersUpTo(this.#folder, folder)))
    this.#unsynced = []
    this.#folders.clear()
    for (const group of [files, [...folders]]) {
      for (let i = 0; i < group.length; i += SYNC_AT_ONCE)
        await Promise.all(group.slice(i, i + SYNC_AT_ONCE).map(syncOne))
    }
  }
}

/** A folder and those above it, up to and with the one above `root`. */
function foldersUpTo(root: string, folder: string): readonly string[] {
  const above = dirname(folder)
  return folder === dirname(root) || above === folder ? [folder] : [folder, ...foldersUpTo(root, above)]
}

async function syncOne(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null)
  if (handle === null) throw new DoverieError('data-unwritable', `${path} is gone`)
  try {
    await handle.sync()
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    // Some network file systems refuse to sync a folder; the file itself is on the disk already.
    if (!['EINVAL', 'EPERM', 'EISDIR'].includes(code)) throw new DoverieError('data-unwritable', `${path}: ${code}`)
  } finally {
    await handle.close()
  }
}

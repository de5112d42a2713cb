import { chmod, chown, lstat, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FileOwner } from '../durable-file.ts'
import { SOCKET_PORT } from './settings.ts'

/** A socket's whole path must fit into 104 bytes on macOS and 108 on Linux, its end included. */
const LONGEST_FOLDER = 100 - `/.s.PGSQL.${SOCKET_PORT}`.length

/** Where the server's socket lies. */
export interface SocketFolder {
  readonly path: string
  /** It lies outside the data folder and goes when the server stops. */
  readonly temporary: boolean
}

/**
 * A folder of mode 0700 for the socket: in the data folder if its path is short enough, else a private temporary one.
 * `recorded` is the temporary folder of an earlier start, used again while it is still ours, since a left-over server
 * may be listening there.
 */
export async function openSocketFolder(
  dir: string,
  owner: FileOwner | undefined,
  recorded: string | undefined,
): Promise<SocketFolder> {
  const uid = owner?.uid ?? process.getuid?.()
  const inside = join(dir, 'socket')
  if (Buffer.byteLength(inside) <= LONGEST_FOLDER) {
    await mkdir(inside, { recursive: true, mode: 0o700 })
    await settle(inside, owner)
    return { path: inside, temporary: false }
  }
  if (recorded !== undefined) {
    // Attacker control: after a reboot anybody may make a folder of this name in /tmp; only our own counts.
    const found = await lstat(recorded).catch(() => undefined)
    if (found?.isDirectory() && found.uid === uid && (found.mode & 0o777) === 0o700) {
      return { path: recorded, temporary: true }
    }
  }
  const base = Buffer.byteLength(tmpdir()) + '/doverie-XXXXXX'.length <= LONGEST_FOLDER ? tmpdir() : '/tmp'
  const made = await mkdtemp(join(base, 'doverie-'))
  await settle(made, owner)
  return { path: made, temporary: true }
}

/** Removes a temporary socket folder; one in the data folder stays. */
export async function closeSocketFolder(folder: SocketFolder): Promise<void> {
  if (folder.temporary) await rm(folder.path, { recursive: true, force: true })
}

async function settle(path: string, owner: FileOwner | undefined): Promise<void> {
  await chmod(path, 0o700)
  if (owner) await chown(path, owner.uid, owner.gid)
}

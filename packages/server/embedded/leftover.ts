import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { DoverieError } from '@doverie/core/base'
import { knock, takeFolderLock } from './connection.ts'
import type { Log } from './log.ts'
import type { ClusterSecrets } from './secrets.ts'

/** After `kill -9` of its server, PostgreSQL needs a moment to see that the session with the lock is gone. */
const LOCK_PATIENCE_MS = 3000
/** A left-over server may have to finish its recovery or its shutdown first. */
const STOP_PATIENCE_MS = 60_000

/**
 * Clears the way for our own PostgreSQL. One that was left behind by a killed server is stopped (not taken over: ours
 * is then always a child, with this version's settings). One that another server supervises is left alone:
 * `data-in-use`. A stale pid file goes when its number belongs to another program now.
 */
export async function settleLeftover(
  cluster: string,
  socketFolder: string,
  secrets: ClusterSecrets,
  log: Log,
): Promise<void> {
  const pid = postmasterPid(cluster)
  if (pid === undefined) return
  if (!isAlive(pid) || !isPostmaster(pid, cluster)) {
    await disownPidFile(cluster)
    return
  }
  const deadline = Date.now() + LOCK_PATIENCE_MS
  const gone = Date.now() + STOP_PATIENCE_MS
  for (;;) {
    if (!isAlive(pid)) return
    const answer = await knock(socketFolder, secrets)
    if (answer.kind === 'stranger') throw inUse(pid)
    if (answer.kind === 'connected') {
      const ours = await takeFolderLock(answer.client).catch(() => false)
      if (ours) {
        log.info('a PostgreSQL left behind by a killed server is stopped')
        await answer.client.end().catch(() => undefined)
        await stopProcess(pid, cluster)
        return
      }
      await answer.client.end().catch(() => undefined)
      if (Date.now() > deadline) throw inUse(pid)
    }
    if (Date.now() > (answer.kind === 'silent' ? deadline : gone)) throw inUse(pid)
    await delay(50)
  }
}

/** The number in the cluster's pid file, if there is one. */
function postmasterPid(cluster: string): number | undefined {
  const pid = Number.parseInt(readIfAny(join(cluster, 'postmaster.pid')), 10)
  return pid > 0 ? pid : undefined
}

/** Whether a process of this number runs, whoever owns it. One that ended and that nobody has waited for does not run. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  // In a container without an init the orphans of a killed server stay as zombies for ever.
  return process.platform !== 'linux' || !/^State:\s+[ZX]/m.test(readIfAny(`/proc/${pid}/status`))
}

/** Above the highest number that any system gives to a process. */
const NOBODY = 4_194_305

/**
 * PostgreSQL refuses to start while the number in its pid file lives, even as a zombie or as another program (common in
 * containers, where numbers are low). The file itself must stay: its last lines let PostgreSQL see whether sessions of
 * a killed server still write. So only the number goes, to one that never lives.
 */
async function disownPidFile(cluster: string): Promise<void> {
  const path = join(cluster, 'postmaster.pid')
  const content = readIfAny(path)
  // Written in place, so that it stays PostgreSQL's own.
  if (content !== '') await writeFile(path, content.replace(/^\s*\d+/, String(NOBODY)), { flag: 'r+' })
}

async function stopProcess(pid: number, cluster: string): Promise<void> {
  process.kill(pid, 'SIGINT')
  const end = Date.now() + STOP_PATIENCE_MS
  let pressed = false
  while (isAlive(pid) && postmasterPid(cluster) === pid) {
    if (Date.now() > end) throw inUse(pid)
    if (!pressed && Date.now() > end - STOP_PATIENCE_MS / 2) {
      // SIGQUIT leaves recovery to the next start; nothing acknowledged is lost.
      process.kill(pid, 'SIGQUIT')
      pressed = true
    }
    await delay(20)
  }
}

function isPostmaster(pid: number, cluster: string): boolean {
  if (process.platform !== 'linux') {
    try {
      return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).includes(cluster)
    } catch {
      return false
    }
  }
  try {
    if (readlinkSync(`/proc/${pid}/cwd`) === cluster) return true
  } catch {
    // Not ours to look into; its command line is public.
  }
  return readIfAny(`/proc/${pid}/cmdline`).split('\0').includes(cluster)
}

function readIfAny(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function inUse(pid: number): DoverieError {
  return new DoverieError('data-in-use', 'another server holds this data folder', { pid })
}

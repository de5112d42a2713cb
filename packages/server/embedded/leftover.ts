import { execFileSync } from 'node:child_process'
import { readFileSync, readlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
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
    // PostgreSQL removes a stale file itself, except when the number lives on: common in containers.
    if (isAlive(pid)) await rm(join(cluster, 'postmaster.pid'), { force: true })
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
export function postmasterPid(cluster: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(join(cluster, 'postmaster.pid'), 'utf8'), 10)
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** Whether a process of this number runs, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
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
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(cluster)
  } catch {
    return false
  }
}

function inUse(pid: number): DoverieError {
  return new DoverieError('data-in-use', 'another server holds this data folder', { pid })
}

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import type { FileOwner } from '../durable-file.ts'
import type { Binaries } from './binaries.ts'

/** How to run PostgreSQL's programs: under which user, and through what. */
export interface Launcher {
  /** The unprivileged user, when we are root; undefined when PostgreSQL runs as we do. */
  readonly owner?: FileOwner
  /** Put before the program and its arguments. */
  readonly prefix: readonly string[]
  /** Spawn options; with a prefix, the prefix changes the user. */
  readonly options: { readonly uid?: number; readonly gid?: number }
}

/** The folder of the cluster inside the data folder. */
export function clusterFolder(dir: string): string {
  return join(dir, 'postgres')
}

/**
 * Under which user PostgreSQL runs for this data folder. It refuses to run as root, so root chooses: the owner of the
 * cluster, else of the data folder, unless that is root; else `postgres` if there is one, else `nobody`.
 */
export function chooseOwner(dir: string): FileOwner | undefined {
  const self = process.getuid?.()
  const cluster = clusterFolder(dir)
  const holder = existsSync(cluster) ? statSync(cluster) : undefined
  if (self !== 0) {
    if (holder && self !== undefined && holder.uid !== self) {
      throw new DoverieError(
        'data-unwritable',
        `${cluster} belongs to user ${holder.uid}; start as that user or as root`,
      )
    }
    return undefined
  }
  if (holder && holder.uid !== 0) return { uid: holder.uid, gid: holder.gid }
  const { uid, gid } = statSync(dir)
  if (uid !== 0 && hasName(uid)) return { uid, gid }
  return account('postgres') ?? account('nobody') ?? { uid: 65534, gid: 65534 }
}

/**
 * Finds a way in which the unprivileged user reaches both the programs and the data folder, by trying. Either may lie
 * under a folder that only root may pass (a clone in /root, a folder of mkdtemp): then through `setpriv` with one
 * capability (docs/decisions/002-postgresql-under-root.md).
 */
export function findLauncher(binaries: Binaries, dir: string, owner: FileOwner | undefined): Launcher {
  if (!owner) return { prefix: [], options: {} }
  const ways: readonly Launcher[] = [
    { owner, prefix: [], options: owner },
    { owner, prefix: setpriv(owner, 'dac_read_search'), options: {} },
    { owner, prefix: setpriv(owner, 'dac_override'), options: {} },
  ]
  const way = ways.find((candidate) => reaches(candidate, binaries, dir))
  if (way) return way
  throw new DoverieError(
    'storage-unavailable',
    `PostgreSQL does not run as root, and user ${owner.uid} cannot reach ${dir} or the programs beside ${binaries.postgres}; ` +
      'start as an ordinary user, or move both out of folders that only root may enter',
  )
}

/** The program and arguments to spawn for one of PostgreSQL's programs. */
export function commandLine(
  launcher: Launcher,
  program: string,
  args: readonly string[],
): { readonly file: string; readonly args: string[] } {
  const [file = program, ...rest] = [...launcher.prefix, program, ...args]
  return { file, args: rest }
}

/** Nothing of our own environment (database urls, tokens) is handed down. */
export const CHILD_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } as const

/**
 * `no_setuid_fixup` is what makes it work: without it access(2) asks with no capabilities for a user who is not root,
 * and PostgreSQL asks access(2) whether its own program may be run.
 */
function setpriv(owner: FileOwner, capability: string): readonly string[] {
  return [
    'setpriv',
    `--reuid=${owner.uid}`,
    `--regid=${owner.gid}`,
    '--clear-groups',
    '--no-new-privs',
    '--securebits=+no_setuid_fixup',
    `--inh-caps=+${capability}`,
    `--ambient-caps=+${capability}`,
  ]
}

function reaches(way: Launcher, binaries: Binaries, dir: string): boolean {
  const script = 'cd "$1" && "$2" --version && "$3" --version'
  const { file, args } = commandLine(way, '/bin/sh', ['-c', script, 'sh', dir, binaries.initdb, binaries.postgres])
  const done = spawnSync(file, args, { ...way.options, cwd: '/', env: CHILD_ENV, encoding: 'utf8', timeout: 10_000 })
  // A program that may not see itself complains of an "invalid binary", tells its version all the same, and fails later.
  return done.status === 0 && !done.stderr.includes('invalid binary')
}

/** initdb runs only under a user that has a name; containers often use bare numbers. */
function hasName(uid: number): boolean {
  return spawnSync('getent', ['passwd', String(uid)], { stdio: 'ignore' }).status === 0
}

function account(name: string): FileOwner | undefined {
  let lines: readonly string[]
  try {
    lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  } catch {
    return undefined
  }
  const fields = lines.find((line) => line.startsWith(`${name}:`))?.split(':')
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])]
  return Number.isInteger(uid) && Number.isInteger(gid) && uid > 0 ? { uid, gid } : undefined
}

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { type FileOwner, syncFolder } from '../durable-file.ts'
import type { Binaries } from './binaries.ts'
import { CHILD_ENV, clusterFolder, commandLine, type Launcher } from './launcher.ts'
import { SUPERUSER } from './connection.ts'
import { isAlive } from './leftover.ts'

const DRAFT = /^postgres\.new-(\d+)-/

/**
 * Makes the cluster if there is none: UTF-8, data checksums, passwords only, a locale that is the same on every
 * machine. It is made beside its place and moved there complete, so a crash leaves a draft that the next start removes.
 */
export async function ensureCluster(
  binaries: Binaries,
  dir: string,
  launcher: Launcher,
  superuserPassword: string,
): Promise<void> {
  await removeDrafts(dir)
  const cluster = clusterFolder(dir)
  if (existsSync(cluster)) return
  const draft = join(dir, `postgres.new-${process.pid}-${randomBytes(4).toString('hex')}`)
  const passwordFile = `${draft}.password`
  try {
    await mkdir(draft, { mode: 0o700 })
    await chmod(draft, 0o700)
    await writeFile(passwordFile, superuserPassword, { mode: 0o600, flag: 'wx' })
    await own(draft, launcher.owner)
    await own(passwordFile, launcher.owner)
    await runInitdb(binaries, launcher, draft, passwordFile)
    await rename(draft, cluster).catch((error: unknown) => {
      // Another first start was quicker; its cluster has the same password, for the secrets were claimed before.
      if (!existsSync(cluster)) throw error
    })
    await syncFolder(dir)
  } finally {
    await rm(passwordFile, { force: true })
    await rm(draft, { recursive: true, force: true })
  }
}

async function runInitdb(binaries: Binaries, launcher: Launcher, folder: string, passwordFile: string): Promise<void> {
  const { file, args } = commandLine(launcher, binaries.initdb, [
    `--pgdata=${folder}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--lc-collate=C',
    '--lc-ctype=C',
    '--lc-messages=C',
    '--lc-monetary=C',
    '--lc-numeric=C',
    '--lc-time=C',
    '--data-checksums',
    '--no-instructions',
  ])
  const child = spawn(file, args, {
    ...launcher.options,
    cwd: '/',
    env: CHILD_ENV,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return
  const lines = complaint.split('\n').filter((text) => text.trim() !== '')
  const line = lines.find((text) => /error|fatal/i.test(text)) ?? lines[0] ?? `initdb: exit code ${code ?? 'none'}`
  throw new DoverieError('storage-unavailable', `the database could not be initialised (${line.trim()})`)
}

/** Drafts of starts that no longer run. */
async function removeDrafts(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const pid = DRAFT.exec(name)?.[1]
    if (pid === undefined || isAlive(Number(pid))) continue
    await rm(join(dir, name), { recursive: true, force: true })
  }
}

async function own(path: string, owner: FileOwner | undefined): Promise<void> {
  if (owner) await chown(path, owner.uid, owner.gid)
}

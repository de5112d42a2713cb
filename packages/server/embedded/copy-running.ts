import { execFile } from 'node:child_process'
import { chmod, chown, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { DoverieError } from '@doverie/core/base'
import { knock } from './connection.ts'
import { clusterFolder } from './launcher.ts'
import { readSecrets } from './secrets.ts'

const run = promisify(execFile)

/**
 * A base backup of the data folder whose server is running: its files with the write-ahead log that makes them one moment, as
 * PostgreSQL has it done (pg_backup_start, a copy of the folder, pg_backup_stop). `to` must not exist yet; a server can be
 * started on it. It holds both databases, so it is for proofs: a backup that may be kept is made by `doverie backup`.
 */
export async function copyRunning(dataDir: string, to: string): Promise<void> {
  const dir = await realpath(dataDir)
  const secrets = await readSecrets(dir)
  const answer = secrets === undefined ? null : await knock(secrets.socketFolder ?? join(dir, 'socket'), secrets)
  if (answer?.kind !== 'connected') throw new DoverieError('storage-unavailable', `no server runs on ${dataDir}`)
  const { client } = answer
  try {
    await client.query(`SELECT pg_backup_start('doverie', true)`)
    // Files that go while they are copied are made good by the log; cp tells of them and goes on.
    await run('cp', ['-a', dir, to]).catch(() => undefined)
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)')
    // The log up to here belongs to it.
    await run('cp', ['-a', join(clusterFolder(dir), 'pg_wal'), clusterFolder(to)])
    await label(to, rows[0]?.labelfile ?? '')
  } finally {
    await client.end()
  }
}

async function label(to: string, text: string): Promise<void> {
  const file = join(clusterFolder(to), 'backup_label')
  await writeFile(file, text)
  const { uid, gid } = await stat(join(clusterFolder(to), 'PG_VERSION'))
  await chown(file, uid, gid)
  await chmod(file, 0o600)
  await rm(join(clusterFolder(to), 'postmaster.pid'), { force: true })
}

import { resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { replayInstallation, restoreInstallation } from '@doverie/server/backup'
import { Command } from 'commander'
import { counted, progressBar } from './progress-bar.ts'
import { drillCommand } from './restore-drill.ts'

interface RestoreOptions {
  readonly identity?: string
  readonly keystore: boolean
  readonly data: string
  readonly keys: string
}

/** `doverie restore`: a backup into an empty place, the key store before the data. */
export function restoreCommand(): Command {
  return new Command('restore')
    .description('put a backup into an empty place; the key store first, then the data')
    .argument('<backup>', 'the folder of the backup')
    .option('--identity <file>', 'the age identity that opens it')
    .option('--keystore', 'the backup is the copy of the key store', false)
    .option('--data <folder>', 'the data folder, empty', 'data')
    .option('--keys <folder>', 'the keys folder with its root key', 'keys')
    .action(restore)
    .addCommand(drillCommand())
    .addCommand(replayCommand())
}

/** `doverie restore replay`: for databases that were put back by other means. After `doverie restore` the server does it itself. */
function replayCommand(): Command {
  return new Command('replay')
    .description('replay the journal over databases that were put back by other means than this command')
    .option('--data <folder>', 'the data folder', 'data')
    .option('--keys <folder>', 'its keys folder', 'keys')
    .action(async ({ data, keys }: Pick<RestoreOptions, 'data' | 'keys'>) => {
      const place = { dataDir: resolve(data), keysDir: resolve(keys), env: process.env }
      const lines = await replayInstallation({ ...place, log: { info: () => undefined, warn: tell } })
      for (const line of lines) process.stdout.write(`${line}\n`)
      if (lines.length === 0) process.stdout.write('the data and the key store are of one moment: nothing to replay\n')
    })
}

async function restore(backup: string, options: RestoreOptions): Promise<void> {
  const { identity } = options
  if (identity === undefined) throw new DoverieError('invalid-request', 'say who opens the backup: --identity FILE')
  const bar = progressBar()
  const { manifest, older } = await restoreInstallation({
    dataDir: resolve(options.data),
    keysDir: resolve(options.keys),
    env: process.env,
    log: { info: () => undefined, warn: tell },
    backup: resolve(backup),
    identity: resolve(identity),
    kind: options.keystore ? 'keys' : 'data',
    onProgress: ({ step, done, of }) => {
      bar.show(done, of, step)
    },
  }).finally(() => {
    bar.clear()
  })
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  const taken = new Date(manifest.takenAt).toISOString()
  process.stdout.write(`restored ${counted(rows)} rows as of ${taken}\n`)
  if (manifest.kind === 'keys') process.stdout.write('now restore a backup of the data, of any age\n')
  else process.stdout.write('the next start replays the journal over it before it serves anything\n')
  for (const path of older) {
    tell(`doverie: an older copy of the key store lies in ${path}; remove it: it can bring destroyed people back`)
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

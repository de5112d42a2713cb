import { resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { restoreInstallation } from '@doverie/server/backup'
import { Command } from 'commander'
import { counted, progressBar } from './progress-bar.ts'

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
  for (const path of older) {
    tell(`doverie: an older copy of the key store lies in ${path}; remove it: it can bring destroyed people back`)
  }
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

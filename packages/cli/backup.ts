import { resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { type BackupReport, backUpInstallation, createIdentity } from '@doverie/server/backup'
import { Command } from 'commander'
import { counted, inBytes, progressBar } from './progress-bar.ts'

interface BackupOptions {
  readonly to?: string
  readonly recipient: readonly string[]
  readonly keystore: boolean
  readonly data: string
  readonly keys: string
}

/** Where recipients are looked up that no option names: separated by spaces. */
const RECIPIENTS = { data: 'BACKUP_RECIPIENTS', keys: 'KEYSTORE_BACKUP_RECIPIENTS' } as const

/** `doverie backup`: copies of the data, of any number and age, and the one copy of the key store. */
export function backupCommand(): Command {
  const keygen = new Command('keygen')
    .description('make an age identity that opens backups, and print its recipient')
    .argument('<file>', 'where the identity is written; keep it away from the backups')
    .action(async (file: string) => {
      process.stdout.write(`${await createIdentity(resolve(file))}\n`)
    })
  return new Command('backup')
    .description('copy one moment of the data into encrypted files; the server may run')
    .option('--to <folder>', 'the folder that takes the backup as a folder of its own')
    .option('--recipient <age1…>', `who can open it; may be repeated (else ${RECIPIENTS.data})`, collect, [])
    .option('--keystore', 'the key store instead, in place of its former copy', false)
    .option('--data <folder>', 'the data folder', 'data')
    .option('--keys <folder>', 'its keys folder', 'keys')
    .action(backup)
    .addCommand(keygen)
}

async function backup(options: BackupOptions): Promise<void> {
  const { to } = options
  if (to === undefined) throw new DoverieError('invalid-request', 'say where the backup goes: --to FOLDER')
  const kind = options.keystore ? 'keys' : 'data'
  const recipients = recipientsFor(kind, options.recipient)
  const bar = progressBar()
  const report = await backUpInstallation({
    dataDir: resolve(options.data),
    keysDir: resolve(options.keys),
    env: process.env,
    log: { info: () => undefined, warn: tell },
    kind,
    to: resolve(to),
    recipients,
    onProgress: ({ parts, ofParts, rows, bytes }) => {
      bar.show(parts, ofParts, `${counted(rows)} rows, ${inBytes(bytes)}`)
    },
  }).finally(() => {
    bar.clear()
  })
  process.stdout.write(`${lineOf(report)}\n`)
  for (const path of report.older) {
    tell(`doverie: an older copy of the key store lies in ${path}; remove it: it can bring destroyed people back`)
  }
}

function recipientsFor(kind: 'data' | 'keys', given: readonly string[]): readonly string[] {
  const named = (of: 'data' | 'keys'): readonly string[] =>
    (process.env[RECIPIENTS[of]] ?? '').split(/\s+/).filter(Boolean)
  const own = given.length > 0 ? given : named(kind)
  const others = new Set(named(kind === 'keys' ? 'data' : 'keys'))
  if (own.some((recipient) => others.has(recipient))) {
    throw new DoverieError(
      'invalid-request',
      'the key store has a recipient of its own: who opens the data must not open it',
    )
  }
  return own
}

function lineOf({ folder, manifest, rows, bytes, kept }: BackupReport): string {
  const people = manifest.tables.find(({ name }) => name === 'subject')
  const what = people === undefined ? '' : `${counted(people.rows)} people, `
  const again = kept === 0 ? '' : `; ${counted(kept)} files were there already`
  return `${folder}: ${what}${counted(rows)} rows in ${counted(manifest.parts.length)} files, ${inBytes(bytes)}${again}`
}

function collect(recipient: string, before: readonly string[]): readonly string[] {
  return [...before, recipient]
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`)
}

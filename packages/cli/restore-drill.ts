import { resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { type Drill, drillRestore } from '@doverie/server/backup'
import { Command, InvalidArgumentError } from 'commander'
import { counted } from './progress-bar.ts'
import { stopSignal } from './stop-signal.ts'

interface DrillOptions {
  readonly identity?: string
  readonly keystore?: string
  readonly keystoreIdentity?: string
  readonly keys: string
  readonly folder?: string
  readonly sample: number
}

/** `doverie restore drill`: whether the backups would save the installation, tried in a scratch place. */
export function drillCommand(): Command {
  return new Command('drill')
    .description(
      'restore both backups into a scratch place, verify ledger and counts, open a sample, and remove all of it',
    )
    .argument('<backup>', 'the folder of a backup of the data')
    .requiredOption('--identity <file>', 'the age identity that opens it')
    .requiredOption('--keystore <backup>', 'the folder of the newest copy of the key store')
    .requiredOption('--keystore-identity <file>', 'the age identity that opens that')
    .option('--keys <folder>', 'the keys folder with the root key; it is not changed', 'keys')
    .option('--folder <folder>', 'an empty folder to work in, with room for both databases')
    .option('--sample <people>', 'how many people to open, without showing anything', parseSample, 100)
    .action(drill)
}

async function drill(backup: string, options: DrillOptions): Promise<void> {
  const { identity = '', keystore = '', keystoreIdentity = '', folder } = options
  const stop = stopSignal()
  const stopping = new AbortController()
  void stop.wait().then(() => {
    stopping.abort(new DoverieError('invalid-request', 'the drill was stopped; nothing is left of it'))
  })
  const done = await drillRestore({
    data: { backup: resolve(backup), identity: resolve(identity) },
    keystore: { backup: resolve(keystore), identity: resolve(keystoreIdentity) },
    keysDir: resolve(options.keys),
    env: process.env,
    sample: options.sample,
    signal: stopping.signal,
    onStep: (step) => void process.stderr.write(`… ${step}\n`),
    ...(folder === undefined ? {} : { folder: resolve(folder) }),
  })
  process.stdout.write(`${shown(done).join('\n')}\n`)
  if (!done.holds)
    throw new DoverieError('backup-damaged', 'the drill did not hold: these backups would not save everything')
}

function shown({ data, keystore, replayed, ledger, sampled, milliseconds, holds }: Drill): readonly string[] {
  const faults = [...sampled.faults].map(([code, count]) => `${counted(count)} ${code}`)
  const at = (moment: number): string => new Date(moment).toISOString()
  return [
    `data as of ${at(data.takenAt)}, key store as of ${at(keystore.takenAt)}, restored in ${seconds(milliseconds.restored)}`,
    replayed === null
      ? 'journal: nothing to replay'
      : `journal: ${counted(replayed.narrowings)} narrowings and ${counted(replayed.destroyed.people)} destroyed people replayed`,
    ledger.ok
      ? `ledger: ${ledger.origin}, ${counted(ledger.size)} entries verified`
      : `ledger: DOES NOT VERIFY: ${ledger.fault.kind} in ${ledger.fault.path}`,
    `people: ${counted(sampled.live)} live, ${counted(sampled.destroyed)} destroyed, ${counted(sampled.keyless)} without keys`,
    `sample: ${counted(sampled.people)} people, ${counted(sampled.opened)} compartments opened, ${counted(sampled.refused)} refused, ` +
      (faults.length === 0 ? 'no fault' : faults.join(', ')),
    `${holds ? 'holds' : 'DOES NOT HOLD'} (${seconds(milliseconds.whole)}; nothing is left of it)`,
  ]
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

function parseSample(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('A number of people is needed.')
}

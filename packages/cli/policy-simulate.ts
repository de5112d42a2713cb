import { type FileHandle, open, writeFile } from 'node:fs/promises'
import { DoverieError, type Instant } from '@doverie/core/base'
import { checkPolicy, type ConsentNeeded, dayRange, type Policy, showSimulation } from '@doverie/core/policy'
import { simulatePolicy, type Vault } from '@doverie/vault'
import { Command, Option } from 'commander'
import { bundleFolder, failWith } from './bundle-folder.ts'
import { type Folders, withOfflineVault } from './offline-vault.ts'

interface SimulateOptions extends Folders {
  readonly from?: string
  readonly to?: string
  readonly lang: 'ru' | 'en'
  readonly json?: string
  readonly people: string
}

/** Only the operator's own account reads what a simulation writes: ids of people are in it. */
const PRIVATE = 0o600
const DAYS = 30
const DAY = 86_400_000

/** `doverie policy simulate`: what a policy would change, by the recorded decisions and the stored grounds. */
export function simulateCommand(): Command {
  return new Command('simulate')
    .description('replay recorded decisions under another policy; no value is opened and nothing is changed')
    .argument('<folder>', 'the bundle to try')
    .requiredOption('--data <folder>', 'the data folder of a stopped server')
    .requiredOption('--keys <folder>', 'its keys folder')
    .option('--from <day>', `first day of the period, 2026-11-01 (${DAYS} days ago if absent)`)
    .option('--to <day>', 'last day of the period (today if absent)')
    .addOption(new Option('--lang <language>', 'language of the report').choices(['ru', 'en']).default('ru'))
    .option('--json <file>', 'write the whole report as JSON, too')
    .option('--people <file>', 'where to write who must be asked for consent again', 'consent-again.csv')
    .action(simulateAction)
}

async function simulateAction(folder: string, options: SimulateOptions): Promise<void> {
  const { policy } = await bundleFolder(folder)
  const problems = checkPolicy(policy)
  if (problems.length > 0) failWith(folder, problems)
  await withOfflineVault(options, (vault) => simulate(vault, policy, options))
}

async function simulate(vault: Vault, policy: Policy, options: SimulateOptions): Promise<void> {
  const list = new PeopleList(options.people)
  const period = periodOf(policy, options, vault.now())
  const onConsentNeeded = (subject: string, needed: readonly ConsentNeeded[]): void => {
    list.add(subject, needed)
  }
  const report = await simulatePolicy(vault, { policy, caller: null, ...period, onConsentNeeded })
  process.stdout.write(showSimulation(report, options.lang))
  if (options.json !== undefined) {
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`, { mode: PRIVATE })
  }
  const written = await list.write()
  if (written > 0) process.stdout.write(`\n${options.people}: ${written}\n`)
}

/** Days are those of the policy's zone; the last one counts whole. */
function periodOf(
  policy: Policy,
  { from, to }: SimulateOptions,
  now: Instant,
): { readonly from: Instant; readonly to: Instant } {
  const first = from === undefined ? null : dayRange(policy.zone, from)
  const last = to === undefined ? null : dayRange(policy.zone, to)
  for (const [option, day, range] of [
    ['--from', from, first],
    ['--to', to, last],
  ] as const) {
    if (day !== undefined && range === null)
      throw new DoverieError('invalid-request', `${option}: ${day} is no day (2026-11-01)`)
  }
  const period = { from: first?.from ?? (last?.to ?? now) - DAYS * DAY, to: last?.to ?? now + 1 }
  if (period.from >= period.to) throw new DoverieError('invalid-request', 'the period ends before it begins')
  return period
}

/** The list for the data-protection officer: one line per person, purpose and entity. */
class PeopleList {
  readonly #file: string
  readonly #lines: string[] = ['subject,purpose,entity,reasons\r\n']

  constructor(file: string) {
    this.#file = file
  }

  add(subject: string, needed: readonly ConsentNeeded[]): void {
    for (const { purpose, entity, reasons } of needed) {
      this.#lines.push(`${[subject, purpose, entity, reasons.join(' ')].join(',')}\r\n`)
    }
  }

  /** Writes the list and gives its length; nothing is written where it is empty. */
  async write(): Promise<number> {
    const lines = this.#lines.length - 1
    if (lines === 0) return 0
    const file: FileHandle = await open(this.#file, 'w', PRIVATE)
    try {
      await file.writeFile(this.#lines)
    } finally {
      await file.close()
    }
    return lines
  }
}

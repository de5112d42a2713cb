import { readFile } from 'node:fs/promises'
import { DoverieError } from '@doverie/core/base'
import { type LogReport, parseProofFile, verifyLog } from '@doverie/core/log'
import { type LedgerReport, sha256, verifyLedger } from '@doverie/vault'
import { Command } from 'commander'
import { openLogSource } from './log-source.ts'
import { type Folders, withOfflineVault } from './offline-vault.ts'
import { progress } from './progress.ts'

interface VerifyOptions extends Folders {
  readonly url?: string
  readonly key?: string
  readonly kept?: readonly string[]
  readonly since?: number
}

/** `doverie ledger verify`: whether the log is what it says it is. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('re-hash the whole ledger and name the first difference')
    .argument('[where]', 'a folder as `export` writes it, or an address; left out: the database')
    .option('--data <folder>', 'the data folder of a stopped server; its private entries are checked too', 'data')
    .option('--keys <folder>', 'its keys folder', 'keys')
    .option('--url <address>', 'the same as an address in place of [where]')
    .option('--key <vkey>', 'the verifier key, if you know it better than from the folder or server')
    .option(
      '--since <entry>',
      'the first entry that a pruned log must still have, by the term that its operator states',
      parsePlace,
    )
    .option('--kept <file...>', 'checkpoints or proofs kept from before: the log must continue each')
    .action(verifyAction)
}

async function verifyAction(where: string | undefined, options: VerifyOptions): Promise<void> {
  const earlier = await Promise.all((options.kept ?? []).map(readKept))
  const place = where ?? options.url
  const report =
    place === undefined
      ? await withOfflineVault(options, (vault) => verifyLedger(vault, progress, earlier))
      : await verifyElsewhere(place, options.key, earlier, options.since)
  if (report.ok) {
    const { since, uncompared } = report
    const compared = earlier.length - uncompared
    const kept = compared === 0 ? '' : `, continues ${compared} kept`
    if (since > 0) process.stdout.write(`entries before ${since} were pruned: the first one kept is ${since}\n`)
    if (uncompared > 0)
      process.stdout.write(`${uncompared} kept are older than that: nothing is left to compare them with\n`)
    process.stdout.write(
      `${report.origin}: ${report.size - since} entries verified, root ${Buffer.from(report.root).toString('base64')}${kept}\n`,
    )
    return
  }
  for (const line of faultLines(report)) process.stdout.write(`${line}\n`)
  const { kind, path } = report.fault
  throw new DoverieError('ledger-inconsistent', `the ledger does not verify: ${kind} in ${path}${placesOf(report)}`)
}

function parsePlace(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text))
    throw new DoverieError('invalid-value', 'A place is a whole number.', { field: '--since' })
  return Number(text)
}

function placesOf({ fault: { from, to } }: Extract<LedgerReport, { ok: false }>): string {
  if (from === to) return ''
  return to - from === 1 ? ` entry ${from}` : ` entries ${from} to ${to - 1}`
}

const WORDS: Readonly<Record<Extract<LedgerReport, { ok: false }>['fault']['kind'], string>> = {
  checkpoint: 'the checkpoint is no checkpoint that this key signed',
  missing: 'something that the checkpoint covers is not there',
  malformed: 'something that the checkpoint covers is damaged beyond reading',
  entry: 'an entry is another than the tree has in its place',
  'private-entry': 'a private entry is missing, or another than the public one',
  tile: 'hashes of the tree are not those of the tiles below',
  root: 'all entries together are not the tree that was signed',
  'earlier-checkpoint':
    'the log does not continue a checkpoint that it signed before: it was cut, rolled back or forked. Keep both',
  history: 'an entry is not in the history of the person whose it is',
}

export function faultLines(report: Extract<LedgerReport, { ok: false }>): readonly string[] {
  const { kind, path, expected, found } = report.fault
  return [
    `first difference: ${path}${placesOf(report)}: ${WORDS[kind]}`,
    ...(expected === null ? [] : [`  hashes to ${expected}`]),
    ...(found === null ? [] : [`  found     ${found}`]),
  ]
}

/** A kept checkpoint: a note by itself, or the one inside a proof file. */
export async function readKept(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new DoverieError('not-found', `${file} cannot be read`)
  })
  return text.startsWith('c2sp.org/tlog-proof@') ? parseProofFile(text).checkpoint : text
}

export async function verifyElsewhere(
  where: string,
  key: string | undefined,
  earlier: readonly string[],
  since = 0,
): Promise<LogReport> {
  const source = await openLogSource(where)
  const vkey = key ?? (await source.key())
  if (vkey === null) throw new DoverieError('not-found', `${where} shows no ledger key: give it with --key`)
  return verifyLog(source.read, vkey, { sha256, onProgress: progress, earlier, since })
}

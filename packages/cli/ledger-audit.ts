import { readFile } from 'node:fs/promises'
import { DoverieError } from '@doverie/core/base'
import type { AuditPage } from '@doverie/core/contract'
import { type AuditedEntry, auditEntries } from '@doverie/core/log'
import { sha256 } from '@doverie/vault'
import { Command } from 'commander'
import { faultLines, readKept, verifyElsewhere } from './ledger-verify.ts'
import { openLogSource } from './log-source.ts'

interface AuditOptions {
  readonly log: string
  readonly key?: string
  readonly kept?: readonly string[]
  readonly toleranceSeconds: string
}

/** `doverie ledger audit`: what an auditor was given, held against the public ledger and the checkpoints that he kept. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('hold the entries of a period, as GET /v1/audit/entries gave them, against the public ledger')
    .argument('<file...>', 'the pages, in any order')
    .requiredOption('--log <where>', 'the public ledger: an address, or a folder as `export` writes it')
    .option('--key <vkey>', 'its verifier key, if you know it better than from there')
    .option('--kept <file...>', 'checkpoints or proofs kept from before: the ledger must continue each')
    .option('--tolerance-seconds <n>', 'how much older than what stands before it an entry may be', '600')
    .action(auditAction)
}

async function auditAction(files: readonly string[], options: AuditOptions): Promise<void> {
  const earlier = await Promise.all((options.kept ?? []).map(readKept))
  const entries = (await Promise.all(files.map(readPage))).flat().sort((a, b) => a.place - b.place)
  const tolerance = Number(options.toleranceSeconds) * 1000
  if (!(tolerance >= 0)) throw new DoverieError('invalid-request', '--tolerance-seconds is a number')
  const report = await verifyElsewhere(options.log, options.key, earlier)
  if (!report.ok) {
    for (const line of faultLines(report)) process.stdout.write(`${line}\n`)
    throw new DoverieError('ledger-inconsistent', 'the public ledger itself does not verify')
  }
  const { read } = await openLogSource(options.log)
  const faults = await auditEntries(entries, read, { size: report.size, tolerance, sha256 })
  for (const { kind, place, says } of faults) process.stdout.write(`entry ${place}: ${kind}: ${says}\n`)
  if (faults.length > 0) throw new DoverieError('ledger-inconsistent', `${faults.length} faults in what was given`)
  const [first, last] = [entries.at(0), entries.at(-1)]
  const range = first === undefined || last === undefined ? 'no entries' : `entries ${first.place} to ${last.place}`
  process.stdout.write(
    `${report.origin}: ${range} are those of the tree of ${report.size}, ${earlier.length} kept continued\n`,
  )
}

async function readPage(file: string): Promise<readonly AuditedEntry[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new DoverieError('not-found', `${file} cannot be read`)
  })
  let page: Partial<AuditPage>
  try {
    page = JSON.parse(text) as Partial<AuditPage>
  } catch {
    throw new DoverieError('malformed-json', `${file} is not JSON`)
  }
  const { entries } = page
  const whole = (entry: Partial<AuditedEntry>): boolean =>
    Number.isSafeInteger(entry.place) && typeof entry.salt === 'string' && typeof entry.body === 'string'
  if (!Array.isArray(entries) || !entries.every(whole)) {
    throw new DoverieError('invalid-value', `${file} is no page of entries`)
  }
  return entries as readonly AuditedEntry[]
}

import {
  ARCHIVE_FILES,
  ARCHIVE_FORMAT,
  type ArchiveManifest,
  type Canonical,
  canonical,
  type CitedEntry,
  csv,
  DoverieError,
  formatInstant,
  hex,
  utf8,
} from '@doverie/core/base'
import { parseCheckpoint, parseNote, signNote } from '@doverie/core/log'
import type { Policy } from '@doverie/core/policy'
import program from '../../package.json' with { type: 'json' }
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import {
  type ArchivedRow,
  type ArchivePeriod,
  inSnapshot,
  streamDestructions,
  streamRegister,
} from '../../store/archive.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import { noteShownNumber, type ShownNumber } from '../../store/destructions.ts'
import { nameOf } from '../adopt-policy.ts'
import { numberAll } from '../destruction-act.ts'
import { assertDuty } from '../duties.ts'
import { dutyClauses } from '../incidents/on-incident.ts'
import { ledgerKeys } from '../ledger-keys.ts'
import { finalTree, type SignedTree } from '../published-tree.ts'
import { ledgerPolicy } from '../read-ledger.ts'
import { policyOf } from '../requests/law.ts'
import { ArchiveFiles, type ArchiveSink } from './archive-files.ts'
import { inWords } from './code-words.ts'
import { findEntries, type FoundEntry, MOST_CITED, type WantedEntry } from './cite-entries.ts'
import { grownIn, provedLines } from './ledger-part.ts'
import { periodOf, type PeriodRequest } from './period.ts'
import { policyFiles, type VersionInForce, versionLine, versionsIn } from './policy-part.ts'
import { readme } from './readme.ts'
import { ARCHIVED, type ArchiveLine, type Reading, type Register } from './registers.ts'

/** An archive that was made: its own hash stands in the ledger. */
export interface MadeArchive {
  readonly name: string
  readonly bytes: number
  /** Hex. */
  readonly sha256: string
  readonly manifest: ArchiveManifest
}

const making = new WeakSet<Vault>()

/**
 * Makes the inspector's archive of a period: what the registers say, without anybody's data, under the newest checkpoint that counts, with a
 * manifest that the ledger's key signed. For the officer, a role with the duty `audit`, and (`caller` null) whoever holds the machine. All of it is read
 * in one moment of the data, some hundred lines at a time. Its bytes go to `sink` as they are made: INVARIANT (the caller's): nobody is
 * given them before this returns, for only then does the ledger say that they were made. One at a time in a process (`conflict`).
 * Throws `forbidden`, `policy-absent`, `invalid-request` with the field, `conflict` before the ledger's first checkpoint.
 */
export async function makeArchive(
  vault: Vault,
  caller: Caller | null,
  request: PeriodRequest,
  sink: ArchiveSink,
): Promise<MadeArchive> {
  await assertMayArchive(vault, caller)
  const policy = policyOf(vault)
  const period = periodOf(request, policy.zone, vault.now())
  if (making.has(vault)) throw new DoverieError('conflict', 'Another archive is being made.')
  making.add(vault)
  try {
    await numberAll(vault, policy)
    const tree = await finalTree(vault)
    if (tree === null) throw new DoverieError('conflict', 'The ledger has no checkpoint yet.')
    const made = await inSnapshot(vault.data, (tx) => write({ vault, caller, policy, request, period, tree, tx }, sink))
    const { name, bytes, sha256, manifest, numbers } = made
    // INVARIANT: no number of an act is shown before the data know it, and no archive before the ledger does.
    await transaction(vault.data, async (tx) => {
      for (const number of numbers) await noteShownNumber(tx, number)
      const detail = { from: request.from, to: request.to, bytes, sha256, size: tree.size }
      await recordAct(vault, tx, 'make-archive', caller, dutyClauses(policy), detail)
    })
    return { name, bytes, sha256, manifest }
  } finally {
    making.delete(vault)
  }
}

/** Throws `forbidden` for who is neither the officer nor an auditor nor (null) whoever holds the machine. */
export async function assertMayArchive(vault: Vault, caller: Caller | null): Promise<void> {
  if (caller === null) return
  const officer = vault.policy()?.system.officer
  if (caller.kind !== 'staff' || caller.name !== officer) await assertDuty(vault, caller, 'audit')
}

interface Making {
  readonly vault: Vault
  readonly caller: Caller | null
  readonly policy: Policy
  readonly request: PeriodRequest
  readonly period: ArchivePeriod
  readonly tree: SignedTree
  readonly tx: Queryable
}

type Written = MadeArchive & { readonly numbers: readonly ShownNumber[] }

async function write(making: Making, sink: ArchiveSink): Promise<Written> {
  const { vault, caller, policy, request, period, tree, tx } = making
  const at = vault.now()
  const files = new ArchiveFiles(at, sink)
  const versions = await versionsIn(tx, period)
  const { size, origin, root } = parseCheckpoint(parseNote(tree.checkpoint).text)
  await files.add('README.txt', [readme({ ...request, zone: policy.zone, operator: policy.operator.name })])
  for (const version of versions) {
    for await (const { path, text } of policyFiles(tx, version, period)) await files.add(path, [text])
  }
  const cited = await citedEntries(making, versions)
  const registers = new Registers(making, versions, cited.found)
  const counts: Record<string, number> = {}
  for (const register of ARCHIVED) {
    const path = `registers/${register.name}`
    await files.add(`${path}.json`, registers.json(register))
    counts[register.name] = registers.lines
    await files.add(`${path}.csv`, registers.table(register))
  }
  const proved = [...new Map([...cited.found.values()].map((entry) => [entry.place, entry])).values()]
    .filter(({ place }) => place < size)
    .sort((a, b) => a.place - b.place)
  const grown = { period: { from: request.from, to: request.to }, ...(await grownIn(vault, tx, period, size)) }
  await files.add(ARCHIVE_FILES.checkpoint, [tree.checkpoint])
  await files.add(ARCHIVE_FILES.trust, [ledgerPolicy(vault)])
  await files.add(ARCHIVE_FILES.tree, [`${canonical(grown as unknown as Canonical)}\n`])
  await files.add(ARCHIVE_FILES.entries, provedLines(tx, proved, size))
  const manifest: ArchiveManifest = {
    v: 1,
    period: { ...grown.period, zone: policy.zone },
    madeAt: formatInstant(policy.zone, at),
    madeBy: nameOf(caller),
    operator: policy.operator.name,
    policy: policy.id,
    program: `Doverie ${program.version}`,
    ledger: { origin, size, root: hex(root) },
    registers: counts,
    entries: { proved: proved.length, unproved: cited.wanted - proved.length },
    files: [...files.files],
  }
  const text = canonical(manifest as unknown as Canonical)
  const note = signNote(`${ARCHIVE_FORMAT}\n${text}\n`, ledgerKeys(vault).signers.slice(0, 1))
  await files.add(ARCHIVE_FILES.manifest, [utf8(text)], false)
  await files.add(ARCHIVE_FILES.signed, [note], false)
  const name = `doverie-archive-${request.from}-${request.to}.zip`
  return { name, ...(await files.end()), manifest, numbers: registers.numbers }
}

/** The entries that lines rest on. Beyond the bound they are neither looked for nor proved, and counted. */
async function citedEntries(
  making: Making,
  versions: readonly VersionInForce[],
): Promise<{ readonly found: ReadonlyMap<string, FoundEntry>; readonly wanted: number }> {
  const registers = new Registers(making, versions, new Map())
  const wanted = new Map<string, WantedEntry>()
  let all = 0
  for (const register of ARCHIVED) {
    for await (const lines of registers.pages(register)) {
      for (const one of lines.flatMap(({ cites }) => cites)) {
        if (wanted.has(one.key)) continue
        if (wanted.size < MOST_CITED) wanted.set(one.key, one)
        all += 1
      }
    }
  }
  const until = making.vault.now() + 1
  return { found: await findEntries(making.tx, [...wanted.values()], until), wanted: all }
}

/** The registers of a period, each as often as it is asked for: within one moment of the data it is the same each time. */
class Registers {
  readonly #making: Making
  readonly #versions: readonly VersionInForce[]
  readonly #found: ReadonlyMap<string, FoundEntry>
  readonly #by: Reading
  readonly #shown = new Map<number, number>()
  lines = 0

  constructor(making: Making, versions: readonly VersionInForce[], found: ReadonlyMap<string, FoundEntry>) {
    const { policy } = making
    this.#making = making
    this.#versions = versions
    this.#found = found
    this.#by = { zone: policy.zone, dutiesOf: (role) => policy.actors.get(role)?.duties ?? [] }
  }

  /** The highest number of an act of destruction shown of each year. */
  get numbers(): readonly ShownNumber[] {
    return [...this.#shown].map(([year, number]) => ({ year, number }))
  }

  async *pages(register: Register): AsyncGenerator<readonly ArchiveLine[]> {
    for await (const rows of this.#rows(register)) yield rows.map((row) => register.line(row, this.#by))
  }

  async *#rows({ name }: Register): AsyncGenerator<readonly ArchivedRow[]> {
    const { vault, tx, period } = this.#making
    if (name === 'policy-versions') yield this.#versions.map(versionLine)
    else if (name === 'destructions') {
      for await (const rows of streamDestructions(vault.keys, period)) {
        for (const { year, n } of rows) {
          if (typeof n === 'number') this.#shown.set(Number(year), Math.max(n, this.#shown.get(Number(year)) ?? 0))
        }
        yield rows
      }
    } else yield* streamRegister(tx, name, period)
  }

  /** A list of objects, one a line. */
  async *json(register: Register): AsyncGenerator<string> {
    this.lines = 0
    yield '['
    for await (const lines of this.pages(register)) {
      for (const { values, cites } of lines) {
        const entries = cites.map((one) => this.#cited(one))
        yield `${this.lines === 0 ? '' : ','}\n${canonical({ ...values, entries: entries as unknown as Canonical })}`
        this.lines += 1
      }
    }
    yield '\n]\n'
  }

  /** The same as a table that a spreadsheet of this country opens: UTF-8 with its mark, cells apart by semicolons. */
  async *table(register: Register): AsyncGenerator<string> {
    const heads = [...register.columns.map(([, head]) => head), 'Место записи в журнале', 'SHA-256 записи']
    yield `\ufeff${csv([heads], ';')}`
    for await (const lines of this.pages(register)) {
      const rows = lines.map(({ values, cites }) => {
        const entry = cites[0] === undefined ? null : this.#cited(cites[0])
        const place = entry?.place ?? null
        return [
          ...register.columns.map(([key]) => inWords(register.name, key, cell(values[key]))),
          cell(place),
          entry?.leaf ?? '',
        ]
      })
      yield csv(rows, ';')
    }
  }

  #cited({ of, key }: WantedEntry): CitedEntry {
    const found = this.#found.get(key)
    return { of, place: found?.place ?? null, leaf: found?.leaf ?? null }
  }
}

function cell(value: Canonical | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value === 'boolean') return value ? 'да' : 'нет'
  return Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? canonical(value) : String(value)
}

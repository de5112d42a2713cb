import type { Tally, TallyRow } from '../journey/tally.ts'
import { grouped, type Proof } from '../proofs/proof.ts'
import { table } from './table.ts'

const ACCESS = ['open', 'decide', 'compare', 'search']

/** What was permitted and refused, under which clauses: first reading by service and purpose, then changes by act. */
export function decisionTables(tally: Tally): string {
  const reads = merged(
    tally.rows.filter(({ act }) => ACCESS.includes(act)),
    ({ actor, purpose }) => [actor, purpose],
  )
  const changes = merged(
    tally.rows.filter(({ act }) => !ACCESS.includes(act)),
    ({ actor, act }) => [actor, act],
  )
  const columns = ['permitted', 'under', 'refused', 'under']
  return [
    table(['who reads', 'for', ...columns], reads, [2, 4]),
    table(['who changes', 'how', ...columns], changes, [2, 4]),
  ].join('\n\n')
}

function merged(
  rows: readonly TallyRow[],
  key: (row: TallyRow) => readonly [string, string],
): readonly (readonly string[])[] {
  const groups = Map.groupBy(rows, (row) => key(row).join('\n'))
  return [...groups]
    .map(([names, group]) => {
      const sum = (pick: (row: TallyRow) => number): string =>
        grouped(group.reduce((total, row) => total + pick(row), 0))
      return [
        ...names.split('\n'),
        sum((row) => row.permitted),
        clauses(group.map((row) => row.permitClauses)),
        sum((row) => row.refused),
        clauses(group.map((row) => row.refuseClauses)),
      ]
    })
    .sort((a, b) => compare(a.join(' '), b.join(' ')))
}

function clauses(counts: readonly ReadonlyMap<string, number>[]): string {
  const names = [...new Set(counts.flatMap((one) => [...one.keys()]))].sort((a, b) => compare(a, b))
  return names.join(', ')
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true })
}

/** How long the calls took, and what was wrong with requests on purpose. */
export function timesTable(tally: Tally): string {
  const rows = [...tally.times]
    .map(([operation, times]) => {
      const sorted = [...times].sort((a, b) => a - b)
      const at = (share: number): string => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(1)
      return [operation, grouped(times.length), at(0.5), at(0.95), at(1)]
    })
    .sort((a, b) => compare(a[0] ?? '', b[0] ?? ''))
  const problems = [...tally.problems].map(([code, times]) => `${times} × ${code}`).join(', ')
  return `${table(['operation', 'calls', 'median ms', 'p95 ms', 'longest ms'], rows, [1, 2, 3, 4])}\n\nwrong on purpose: ${problems}`
}

/** One line per proof: ✓, ✗, or – where it could not be looked at. */
export function proofLine({ title, ok, detail }: Proof): string {
  return `  ${ok === null ? '–' : ok ? '✓' : '✗'} ${title}: ${detail}`
}

import { DoverieError } from '@doverie/core/base'
import {
  type ClauseDecisions,
  clauseMatrix,
  type ClauseTest,
  type MatrixRow,
  parseScenarios,
  type Policy,
} from '@doverie/core/policy'
import type { Vault } from '../guard/vault.ts'
import { addCounts, type ClauseCount, loadCounts, lockCounted } from '../store/clause-counts.ts'
import { transaction } from '../store/database.ts'
import { loadState } from '../store/ledger.ts'
import { readPolicy } from './adopt-policy.ts'
import { entriesBetween } from './read-ledger.ts'
import { RecordedBodies } from './recorded-bodies.ts'

/** Places counted in one transaction: bounds the memory, and how long the event loop is held. */
const STEP = 4_096
/** Steps that a question for the matrix takes itself; what is left then is told as not counted. */
const STEPS_PER_QUESTION = 16

/** The matrix with how far the ledger is counted in it. */
export interface LiveMatrix {
  readonly policy: string
  readonly rows: readonly MatrixRow[]
  /** Entries of the ledger that are counted, and that have their place by now. */
  readonly counted: number
  readonly size: number
}

/** The matrix of the policy in force, with the tests it was proposed with. Throws `policy-absent`. */
export async function liveMatrix(vault: Vault): Promise<LiveMatrix> {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  return policyMatrix(vault, policy, await testsOf(vault, policy))
}

/** A version never changes, so its tests are read once. */
const read = new WeakMap<Policy, readonly ClauseTest[]>()

async function testsOf(vault: Vault, policy: Policy): Promise<readonly ClauseTest[]> {
  const known = read.get(policy)
  if (known !== undefined) return known
  const { files } = await readPolicy(vault, policy.id)
  const tests = clauseTests(policy, new Map(Object.entries(files)))
  read.set(policy, tests)
  return tests
}

/** The tests that lie next to a bundle, by the clauses they expect; none where they cannot be read. */
export function clauseTests(policy: Policy, files: ReadonlyMap<string, string>): readonly ClauseTest[] {
  const parsed = parseScenarios(policy, new Map([...files].filter(([file]) => file.startsWith('tests/'))))
  return parsed.ok ? parsed.value.map(({ name, expected }) => ({ id: name, clauses: expected.clauses })) : []
}

/**
 * The matrix of a policy with live counts. The counts are durable and only ever go on from where they stand: what came since
 * the last question is counted first, so an answer costs by what is new and not by the length of the ledger. They are not kept
 * in the integrator's transaction: counting can then neither delay nor break the tree, and starts by itself from the first
 * entry where a ledger is older than the counts.
 */
export async function policyMatrix(
  vault: Vault,
  policy: Policy,
  tests: readonly ClauseTest[] | null,
): Promise<LiveMatrix> {
  for (let step = 0; step < STEPS_PER_QUESTION && (await countClauses(vault)); step++);
  const { counted, counts } = await loadCounts(vault.data, vault.origin)
  const state = await loadState(vault.data, vault.origin)
  const rows = clauseMatrix(policy, { decisions: byClause(policy.id, counts), tests })
  return { policy: policy.id, rows, counted, size: state?.size ?? 0 }
}

/**
 * Counts the clauses of the next places of the ledger, exactly once whoever counts: the counts and the place they reach move in
 * one transaction. True where more are waiting.
 */
export async function countClauses(vault: Vault): Promise<boolean> {
  return transaction(vault.data, async (tx) => {
    const counted = await lockCounted(tx, vault.origin)
    const state = await loadState(tx, vault.origin)
    if (counted === null || state === null || counted >= state.size) return false
    const reached = Math.min(counted + STEP, state.size)
    const kinds = new RecordedBodies()
    const counts = new Map<string, ClauseCount & { entries: number }>()
    for (const { body } of (await entriesBetween(tx, counted, reached)).values()) {
      countEntry(counts, kinds.read(body).kind.entry)
    }
    await addCounts(tx, vault.origin, [...counts.values()], reached)
    return reached < state.size
  })
}

/** A body as `guard/entry.ts` writes it, as far as it is counted. */
interface Recorded {
  readonly policy: string
  readonly clauses: readonly string[]
  readonly effect: 'permit' | 'refuse'
  readonly operation: string | null
}

function countEntry(counts: Map<string, ClauseCount & { entries: number }>, recorded: Recorded): void {
  const { policy, clauses, effect, operation } = recorded
  const kind = operation === null ? 'act' : effect
  for (const clause of clauses) {
    const key = `${policy}\n${kind}\n${clause}`
    const known = counts.get(key)
    if (known === undefined) counts.set(key, { policy, clause, kind, entries: 1 })
    else known.entries += 1
  }
}

function byClause(version: string, counts: readonly ClauseCount[]): ReadonlyMap<string, ClauseDecisions> {
  const found = new Map<string, { permitted: number; refused: number; acts: number; otherVersions: number }>()
  for (const { policy, clause, kind, entries } of counts) {
    const row = found.get(clause) ?? { permitted: 0, refused: 0, acts: 0, otherVersions: 0 }
    found.set(clause, row)
    if (policy !== version) row.otherVersions += entries
    else if (kind === 'permit') row.permitted += entries
    else if (kind === 'refuse') row.refused += entries
    else row.acts += entries
  }
  return found
}

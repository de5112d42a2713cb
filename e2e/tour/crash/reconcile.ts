import { setTimeout as delay } from 'node:timers/promises'
import type { Facts } from '@doverie/core/base'
import { query } from '../installation/tables.ts'
import { keptNow } from '../journey/changes.ts'
import { inParallel } from '../journey/in-parallel.ts'
import { loseCompartments, type PersonState } from '../journey/person-state.ts'
import { grouped, type Proof, proof } from '../proofs/proof.ts'
import type { Interrupted, Load } from './load.ts'

/** A destruction that was begun is ended by the sweep at start. */
const PATIENCE_MS = 30_000

/** What the crash interrupted has taken place wholly or not at all; what the server says of it is what is known from now on. */
export async function reconcile(data: string, { interrupted, answered }: Load): Promise<Proof> {
  const outcomes = await inParallel(interrupted, 8, (one) => reconcileOne(data, one))
  const count = (outcome: string): number => outcomes.filter((one) => one === outcome).length
  const halves = interrupted.filter((_, i) => outcomes[i] === 'half').map(({ act }) => act)
  const detail = `${grouped(answered)} acts answered before; of ${interrupted.length} cut off ${count('done')} took place, ${count('not done')} did not, ${halves.length} by half`
  return proof(
    'what kill -9 cut off is done or not done',
    halves.length === 0,
    halves.length === 0 ? detail : `${detail} (${[...new Set(halves)].join(', ')})`,
  )
}

type Outcome = 'done' | 'not done' | 'half'

async function reconcileOne(data: string, { traveller, act, after }: Interrupted): Promise<Outcome> {
  const { state } = traveller
  const kept = keptNow(state)
  const goes = [...state.held].filter((compartment) => !kept.has(compartment))
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const facts = await factsOf(data, state)
    if (facts !== null && agrees(state, facts)) return 'not done'
    if (act === 'destroy') {
      if (facts === null ? kept.size === 0 : heldBy(facts) === sorted([...kept])) {
        loseCompartments(state, goes)
        state.destroyed = facts === null
        return 'done'
      }
    } else if (facts !== null && agrees(after, facts)) {
      const { consents, held, lost, evidence, blocked } = after
      replace(state.consents, consents)
      replace(state.held, held)
      replace(state.lost, lost)
      state.evidence = evidence
      state.blocked = blocked
      return 'done'
    }
    if (Date.now() > end) return 'half'
    await delay(200)
  }
}

/** The facts that the server goes by, or null where there is nobody any more. */
async function factsOf(data: string, { subject }: PersonState): Promise<Facts | null> {
  const [row] = await query(data, 'doverie', 'SELECT facts FROM subject WHERE subject_id = $1', [subject])
  const facts = row?.['facts'] as Facts | undefined
  return facts === undefined || facts.state === 'destroyed' ? null : facts
}

function agrees(state: PersonState, facts: Facts): boolean {
  const consents = facts.consents.map(({ purpose, entity }) => `${purpose} ${entity}`)
  return (
    facts.state === 'live' &&
    facts.dying.length === 0 &&
    heldBy(facts) === sorted([...state.held]) &&
    sorted(consents) === sorted([...state.consents]) &&
    (facts.blocked !== null) === state.blocked
  )
}

function heldBy(facts: Facts): string {
  return facts.dying.length === 0 ? sorted(facts.held) : 'dying'
}

function sorted(names: readonly string[]): string {
  return [...names].sort().join(', ')
}

function replace<T>(set: Set<T>, by: ReadonlySet<T>): void {
  set.clear()
  for (const item of by) set.add(item)
}

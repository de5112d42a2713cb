import { fromHex, hex } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import { commitment, openProofFile, parseProofFile, parseVerifierKey } from '@doverie/core/log'
import type { Traveller } from '../journey/journey.ts'
import { inParallel } from '../journey/in-parallel.ts'
import type { PersonState, Told } from '../journey/person-state.ts'
import { done } from '../journey/set-stage.ts'
import type { ReadLedger } from './ledger.ts'
import { grouped, type Proof, proof } from './proof.ts'

const PEOPLE = 40
const PROOFS_EACH = 20

/** What the body of an entry says. */
interface Body {
  readonly id: string
  readonly act: string
  readonly actor: { readonly kind: string; readonly name: string }
  readonly purpose?: string
  readonly entity?: string
  readonly fields?: readonly string[]
  readonly effect: string
  readonly clauses: readonly string[]
}

/**
 * Of a sample of people: the history that they see holds exactly what was done with their data, each act as it was answered,
 * and each entry's proof leads to the public ledger without asking the server.
 */
export async function proveHistories(travellers: readonly Traveller[], ledger: ReadLedger): Promise<readonly Proof[]> {
  const living = travellers.filter(({ state }) => !state.destroyed)
  const step = Math.max(1, Math.floor(living.length / PEOPLE))
  const sample = living.filter((_, i) => i % step === 0).slice(0, PEOPLE)
  const checks = await inParallel(sample, 8, (traveller) => checkHistory(traveller, ledger))
  const sum = (pick: (check: Check) => number): number => checks.reduce((total, check) => total + pick(check), 0)
  const [entries, wrong, proofs, broken] = [
    sum((c) => c.entries),
    sum((c) => c.wrong),
    sum((c) => c.proofs),
    sum((c) => c.broken),
  ]
  const faults = [...new Set(checks.flatMap(({ faults }) => faults))].slice(0, 5).join('; ')
  return [
    proof(
      'histories hold exactly what was done',
      wrong === 0 && entries > 0,
      `${grouped(entries)} entries of ${sample.length} people, ${wrong} wrong${faults === '' ? '' : `: ${faults}`}`,
    ),
    proof(
      'their proofs verify offline',
      broken === 0 && proofs > 0,
      `${grouped(proofs)} proof files, ${broken} broken`,
    ),
  ]
}

interface Check {
  readonly entries: number
  readonly wrong: number
  readonly proofs: number
  readonly broken: number
  readonly faults: readonly string[]
}

async function checkHistory({ state, client }: Traveller, ledger: ReadLedger): Promise<Check> {
  const { entries } = done(await client.call(contract.showHistory, { query: {} }))
  const bodies = entries.map(({ body }) => JSON.parse(body) as Body)
  const faults = differences(state, bodies)
  let broken = 0
  const step = Math.max(1, Math.floor(entries.length / PROOFS_EACH))
  const some = entries.filter((_, i) => i % step === 0)
  for (const entry of some) {
    const reply = await client.call(contract.proveEntry, { params: { place: String(entry.place) } })
    if (!holds(entry, done(reply), ledger)) broken += 1
  }
  return { entries: entries.length, wrong: faults.length, proofs: some.length, broken, faults }
}

/** Recomputes the entry from what the person was given, and follows its proof to the signed checkpoint. */
function holds(entry: contract.HistoryEntry, file: string, { vkey }: ReadLedger): boolean {
  const key = parseVerifierKey(vkey)
  const leaf = commitment(fromHex(entry.salt) ?? new Uint8Array(), entry.body)
  const parsed = parseProofFile(file)
  if (hex(leaf) !== entry.leaf || parsed.index !== entry.place) return false
  try {
    openProofFile(parsed, leaf, key.name, [key])
    return true
  } catch {
    return false
  }
}

/** What is missing, too much or different, told by acts alone. */
function differences(state: PersonState, bodies: readonly Body[]): readonly string[] {
  const faults: string[] = []
  const told = new Map(state.told.map((one) => [one.id, one]))
  const untold = new Map<string, number>()
  const seen = new Set<string>()
  for (const body of bodies) {
    const expected = told.get(body.id)
    if (expected === undefined) untold.set(body.act, (untold.get(body.act) ?? 0) + 1)
    else if (seen.has(body.id)) faults.push(`${body.act} stands there twice`)
    else if (!same(expected, body)) faults.push(`${body.act} differs from its answer`)
    seen.add(body.id)
  }
  for (const { id, act } of state.told) if (!seen.has(id)) faults.push(`${act} is missing`)
  // Where an answer was lost in a crash, its act may or may not have taken place.
  if (state.uncertain) return faults
  for (const act of new Set([...untold.keys(), ...state.untold.keys()])) {
    const [found, expected] = [untold.get(act) ?? 0, state.untold.get(act) ?? 0]
    if (found !== expected) faults.push(`${act} stands there ${found} times without an answer, not ${expected}`)
  }
  return faults
}

function same(told: Told, body: Body): boolean {
  return (
    body.act === told.act &&
    body.actor.kind === told.actor.kind &&
    body.actor.name === told.actor.name &&
    body.purpose === told.purpose &&
    body.entity === told.entity &&
    body.effect === told.effect &&
    sorted(body.fields ?? []) === sorted(told.fields) &&
    sorted(body.clauses) === sorted(told.clauses)
  )
}

function sorted(names: readonly string[]): string {
  return [...new Set(names)].sort().join(' ')
}

import type { Instant } from '../../base/index.ts'
import { decide } from '../decide.ts'
import type { Act } from '../decision.ts'
import { predicatesOf } from '../explain/case.ts'
import { type Declarations, isPersonSide, PERSON } from '../model.ts'
import type { Policy } from '../policy.ts'
import type { Frame } from './axes.ts'
import { differingActs } from './differing.ts'
import { type Condition, type Turn, turnsTo } from './turns.ts'

/** Acts that are permitted by one policy and refused by another, all alike. */
export interface Shift {
  readonly actors: readonly string[]
  readonly operations: readonly string[]
  readonly purposes: readonly string[]
  readonly entities: readonly string[]
  /** Fields, and `person` for acts that name none. */
  readonly data: readonly string[]
  readonly conditions: readonly Condition[]
  /** The clauses by which the one policy permits it. */
  readonly clauses: readonly string[]
  readonly witness: Turn['witness']
}

const SIDES = ['data', 'operations', 'entities', 'purposes', 'actors'] as const

/** The moment at which two policies are compared; by it every supplement of either is in force. */
function momentOf(policies: readonly Declarations[]): Instant {
  const days = policies.flatMap(({ services, overlays }) =>
    [...services.values(), ...overlays.values()].flatMap(({ effective }) => effective?.from ?? []),
  )
  // 2027-01-01; any moment does that leaves a century behind it.
  return Math.max(1_798_750_800_000, ...days)
}

/**
 * What `to` permits and `from` refuses, acts that turn alike together. `news`: alike in what is new to those whom `to`
 * permits; else alike in all that is needed.
 */
export function shiftsTo(from: Policy, to: Policy, news: boolean): readonly Shift[] {
  const policies = [from, to].sort((a, b) => (a.id < b.id ? -1 : 1))
  const known = new Map<string, Turn | null>()
  const shifts: Shift[] = []
  for (const { act, rules, meanings } of differingActs(from, to, momentOf(policies))) {
    const frame: Frame = { policies, asks: predicatesOf(rules), act }
    const key = `${meanings}\n${act.entity} ${act.operation.startsWith('transfer:')} ${act.fields.length}`
    let turn = known.get(key)
    if (turn === undefined) known.set(key, (turn = turnsTo(from, to, frame)))
    const own = turn === null ? null : ofThisAct(from, to, frame, turn)
    if (own !== null) shifts.push(shiftOf(to, act, own))
  }
  return merge(shifts, news)
}

/** A turn found on another act of the same rules, its witness put to this act; found anew where that does not hold. */
function ofThisAct(from: Policy, to: Policy, frame: Frame, turn: Turn): Turn | null {
  const { actor, operation, purpose, fields } = frame.act
  const act: Act = { ...turn.witness.act, actor, operation, purpose, fields }
  const consents = turn.witness.facts.consents.map((consent) => ({ ...consent, purpose }))
  const shut = Object.keys(turn.witness.facts.closed).length > 0
  const closed = shut ? Object.fromEntries(fields.map((field) => [field, [purpose]])) : {}
  const facts = { ...turn.witness.facts, consents, closed }
  const holds = decide(to, act, facts).effect === 'permit' && decide(from, act, facts).effect === 'refuse'
  return holds ? { ...turn, witness: { act, facts } } : turnsTo(from, to, frame)
}

function shiftOf(to: Policy, act: Act, { conditions, witness }: Turn): Shift {
  return {
    actors: [isPersonSide(act.actor.kind) ? act.actor.kind : act.actor.name],
    operations: [act.operation],
    purposes: [act.purpose],
    entities: [act.entity],
    data: act.fields.length === 0 ? [PERSON] : act.fields,
    conditions,
    clauses: decide(to, witness.act, witness.facts).clauses,
    witness,
  }
}

/** Joins shifts that differ in one side only, as long as any do. */
function merge(shifts: readonly Shift[], news: boolean): readonly Shift[] {
  const conditions = new Map<readonly Condition[], string>()
  const keyOf = (shift: Shift): string => {
    const known = conditions.get(shift.conditions) ?? conditionsKey(shift.conditions, news)
    conditions.set(shift.conditions, known)
    return known
  }
  let merged = shifts
  for (let before = Number.POSITIVE_INFINITY; merged.length < before; ) {
    before = merged.length
    for (const side of SIDES) merged = mergeBy(merged, side, keyOf)
  }
  return merged
}

function conditionsKey(conditions: readonly Condition[], news: boolean): string {
  const told = conditions.map(({ unusual, needs }) => [
    unusual.map(({ en }) => en),
    needs.map((box) => box.filter(({ always }) => !news || !always).map(({ axis, options }) => [axis, options])),
  ])
  return JSON.stringify(told)
}

function mergeBy(
  shifts: readonly Shift[],
  side: (typeof SIDES)[number],
  keyOf: (shift: Shift) => string,
): readonly Shift[] {
  const groups = Map.groupBy(shifts, (shift) =>
    JSON.stringify([...SIDES.filter((other) => other !== side).map((other) => shift[other]), keyOf(shift)]),
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    return {
      ...first,
      [side]: [...new Set(group.flatMap((shift) => shift[side]))].sort(),
      clauses: [...new Set(group.flatMap(({ clauses }) => clauses))].sort(),
    }
  })
}

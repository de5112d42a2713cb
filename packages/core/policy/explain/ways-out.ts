import { decide } from '../decide.ts'
import type { Decision } from '../decision.ts'
import type { Policy } from '../policy.ts'
import { askedCompartments, askedFields, type Case, predicatesOf, rulesFor, withAct, withFacts } from './case.ts'
import type { Change } from './change.ts'
import { changesOf } from './levers.ts'
import { fieldsWords } from './words.ts'

/** More things than these are not changed at once: nobody could follow it. */
const MOST_AT_ONCE = 5

/**
 * All smallest sets of changes by which the answer to a case turns, fewest first: with any member left out it stays. Every
 * set is tried on `decide`, from small ones to large ones. Empty where nothing turns it.
 */
export function waysOut(policy: Policy, one: Case): readonly (readonly Change[])[] {
  const decision = decide(policy, one.act, one.facts)
  const { effect } = decision
  const asked = predicatesOf(rulesFor(policy, one.act))
  const changes = byId([
    ...thereChange(policy, one, decision),
    ...asked.flatMap((predicate) => changesOf({ policy, act: one.act }, predicate, one)),
    ...lessChange(policy, one),
  ])
  const ways: (readonly Change[])[] = []
  let sets: readonly (readonly number[])[] = [[]]
  for (let size = 1; size <= Math.min(MOST_AT_ONCE, changes.length); size++) {
    sets = sets.flatMap((set) => range((set.at(-1) ?? -1) + 1, changes.length).map((next) => [...set, next]))
    for (const set of sets) {
      const way = set.flatMap((i) => changes[i] ?? [])
      if (ways.some((smaller) => smaller.every((change) => way.includes(change)))) continue
      const { act, facts } = way.reduce((so, change) => change.apply(so), one)
      if (decide(policy, act, facts).effect === effect) continue
      ways.push(way)
    }
  }
  return ways
}

/** The data being there at all, where the answer is that they are not. */
function thereChange(policy: Policy, { act }: Case, { causes }: Decision): readonly Change[] {
  if (!causes.some(({ reason }) => reason === 'no-live-data')) return []
  const asked = askedCompartments(policy, act)
  const says = {
    ru: 'сами данные (они собраны и не уничтожены)',
    en: 'the data themselves, collected and not destroyed',
  }
  const apply = (so: Case): Case =>
    withFacts(so, ({ held, dying }) => ({
      state: 'live',
      held: [...new Set([...held, ...asked])].sort(),
      dying: dying.filter((compartment) => !asked.has(compartment)),
    }))
  return [{ id: 'there', says, apply }]
}

/** Asking for less, where some of the fields would be permitted alone. */
function lessChange(policy: Policy, one: Case): readonly Change[] {
  const { act, facts } = one
  const refused = askedFields(act).filter(
    (field) => decide(policy, { ...act, fields: [field] }, facts).effect === 'refuse',
  )
  if (refused.length === 0 || refused.length === act.fields.length || act.fields.length === 0) return []
  const { ru, en } = fieldsWords(policy, refused)
  const rest = act.fields.filter((field) => !refused.includes(field))
  return [
    {
      id: 'less',
      says: { ru: `не спрашивать: ${ru}`, en: `not asking for ${en}` },
      apply: (so) => withAct(so, { fields: rest }),
    },
  ]
}

function byId(changes: readonly Change[]): readonly Change[] {
  return [...new Map(changes.map((change) => [change.id, change])).values()]
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
}

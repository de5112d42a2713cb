import type { Facts, Instant } from '../../base/index.ts'
import type { Act } from '../decision.ts'
import { touches } from '../compile.ts'
import { isPersonSide, type Predicate, type Rule, selects } from '../model.ts'
import type { Policy } from '../policy.ts'
import { judge } from '../predicates.ts'
import { retained } from '../retained.ts'

/** A purpose, for an entity, with the grounds that a rule asks of the person before it lets others use a compartment. */
interface Keeper {
  readonly purpose: string
  readonly entity: string
  readonly grounds: readonly Predicate[]
}

/**
 * Until when something keeps each compartment that a person's data lie in: a live ground of one of its purposes, or a
 * retention ground. Null: no end is known. Absent: nothing keeps it at `now`. Law as the ground of a purpose keeps nothing;
 * that is what retention is for.
 */
export function keptUntil(policy: Policy, facts: Facts, now: Instant): ReadonlyMap<string, Instant | null> {
  const kept = new Map<string, Instant | null>()
  if (facts.state !== 'live') return kept
  const keep = (compartment: string, until: Instant | null): void => {
    const known = kept.get(compartment)
    if (known === null) return
    kept.set(compartment, until === null || known === undefined ? until : Math.max(known, until))
  }
  for (const { compartment, until } of retained(policy, facts, now)) keep(compartment, until)
  const keepers = keepersOf(policy)
  for (const compartment of facts.held) {
    if (facts.dying.includes(compartment)) continue
    for (const keeper of keepers.get(compartment) ?? []) {
      if (kept.get(compartment) === null) break
      const until = groundsHold(policy, keeper, facts, now)
      if (until !== undefined) keep(compartment, until)
    }
  }
  return kept
}

/** Until when all of a keeper's grounds hold; undefined where one of them does not. */
function groundsHold(policy: Policy, keeper: Keeper, facts: Facts, now: Instant): Instant | null | undefined {
  const { purpose, entity, grounds } = keeper
  const act: Act = {
    actor: { kind: 'subject', name: '' },
    operation: 'store',
    purpose,
    entity,
    fields: [],
    ticket: false,
    now,
  }
  let until = Number.POSITIVE_INFINITY
  for (const ground of grounds) {
    const outcome = judge(ground, act, facts, policy)
    if (!outcome.holds) return undefined
    until = Math.min(until, outcome.until)
  }
  return until === Number.POSITIVE_INFINITY ? null : until
}

const laid = new WeakMap<Policy, ReadonlyMap<string, readonly Keeper[]>>()

function keepersOf(policy: Policy): ReadonlyMap<string, readonly Keeper[]> {
  const known = laid.get(policy)
  if (known !== undefined) return known
  const fresh = layOut(policy)
  laid.set(policy, fresh)
  return fresh
}

function layOut(policy: Policy): ReadonlyMap<string, readonly Keeper[]> {
  const keepers = new Map<string, Map<string, Keeper>>()
  for (const rule of policy.rules) {
    const grounds = groundsOf(policy, rule)
    if (grounds.length === 0) continue
    for (const { id, compartment } of policy.fields.values()) {
      if (!touches(policy, rule.data, id)) continue
      const own = keepers.get(compartment) ?? new Map<string, Keeper>()
      keepers.set(compartment, own)
      for (const purpose of policy.purposes.keys()) {
        if (!selects(rule.purposes, purpose)) continue
        for (const entity of policy.entities.keys()) {
          if (selects(rule.entities, entity))
            own.set(JSON.stringify([purpose, entity, grounds]), { purpose, entity, grounds })
        }
      }
    }
  }
  return new Map([...keepers].map(([compartment, own]) => [compartment, [...own.values()]]))
}

/** The grounds of a rule that lets somebody else use data; none where it asks for none, or where the norm alone permits. */
function groundsOf(policy: Policy, { effect, actors, when }: Rule): readonly Predicate[] {
  const others = [...policy.actors.values()].some(({ id, kind }) => !isPersonSide(kind) && selects(actors, id))
  if (effect === 'refuse' || !others) return []
  return when.filter(
    (predicate) => predicate.is === 'contract-for' || (predicate.is === 'ground' && predicate.kind !== 'law'),
  )
}

import type { Contract, Facts, Instant } from '../../base/index.ts'
import type { Act } from '../decision.ts'
import { touches } from '../compile.ts'
import { actorKey, type Declarations, PERSON, type Predicate, type Rule, selects } from '../model.ts'

/** What a decision is made of: an act, and what is known of the person (null where nothing is). */
export interface Case {
  readonly act: Act
  readonly facts: Facts | null
}

/** The fields that an act asks for, or the person as a whole. */
export function askedFields({ fields }: Act): readonly string[] {
  return fields.length === 0 ? [PERSON] : fields
}

/** The compartments that an act asks into; none for the person as a whole. */
export function askedCompartments(policy: Declarations, act: Act): ReadonlySet<string> {
  return new Set(act.fields.flatMap((field) => policy.fields.get(field)?.compartment ?? []))
}

/** The rules that look at an act, whatever is known of the person. */
export function rulesFor(policy: Declarations, act: Act): readonly Rule[] {
  const key = actorKey({ kind: act.actor.kind, id: act.actor.name })
  const actor = [...policy.actors.values()].find((declared) => actorKey(declared) === key)
  if (actor === undefined) return []
  return policy.rules.filter(
    (rule) =>
      selects(rule.actors, actor.id) &&
      selects(rule.operations, act.operation) &&
      selects(rule.purposes, act.purpose) &&
      selects(rule.entities, act.entity) &&
      askedFields(act).some((field) => touches(policy, rule.data, field)),
  )
}

/** What rules ask, each predicate once. */
export function predicatesOf(rules: readonly Rule[]): readonly Predicate[] {
  const asked = rules.flatMap(({ when }) => when)
  return [...new Map(asked.map((predicate) => [JSON.stringify(predicate), predicate])).values()]
}

/** A person of whom nothing is known. */
export function blankFacts(now: Instant): Facts {
  return {
    state: 'live',
    held: [],
    dying: [],
    collectedAt: now,
    confirmedAt: null,
    proved: [],
    blocked: null,
    contracts: [],
    consents: [],
    closed: {},
    opened: [],
  }
}

/** The case with something else known of the person. */
export function withFacts({ act, facts }: Case, change: (facts: Facts, now: Instant) => Partial<Facts>): Case {
  const known = facts ?? blankFacts(act.now)
  return { act, facts: { ...known, ...change(known, act.now) } }
}

/** The case with something else in the act. */
export function withAct({ act, facts }: Case, change: Partial<Act>): Case {
  return { act: { ...act, ...change }, facts }
}

/** Contracts of which those that fit have ended by `end`. */
export function ended(
  contracts: readonly Contract[],
  end: Instant,
  fits: (contract: Contract) => boolean,
): readonly Contract[] {
  return contracts.map((contract) =>
    fits(contract) && (contract.endedAt === null || contract.endedAt > end)
      ? { ...contract, since: Math.min(contract.since, end), endedAt: end }
      : contract,
  )
}

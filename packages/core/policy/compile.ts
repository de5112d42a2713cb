import { OPERATIONS } from '../base/index.ts'
import type { Cause } from './decision.ts'
import {
  type ActorDeclaration,
  type Declarations,
  isPersonSide,
  PERSON,
  type Predicate,
  type Rule,
  type Selector,
  selects,
} from './model.ts'
import { isPerField, needsNoFacts } from './predicates.ts'

/** A rule as `decide` sees it for one field: what must hold, as bits, and what it then says. */
export interface Candidate {
  readonly rule: Rule
  readonly needs: number
  readonly cause: Cause
}

export interface FieldPlan {
  readonly permits: readonly Candidate[]
  readonly refuses: readonly Candidate[]
  /** Those of `refuses` that ask at most the act, and so hold whoever the person is. */
  readonly always: readonly Candidate[]
}

/** What is to be judged of acts of one actor, operation, purpose and entity: field (or `person`) -> its rules. */
export interface Plan {
  readonly fields: ReadonlyMap<string, FieldPlan>
  /** Bits of all predicates that its rules ask. */
  readonly asks: number
}

/** Every plan, by actor, operation, purpose and entity; what is not in it has no rule. */
export interface DecisionIndex {
  readonly plans: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Plan>>>>
  /** Bit i of a mask is `predicates[i]`. */
  readonly predicates: readonly Predicate[]
  /** Bits that the act alone decides. */
  readonly factless: number
  /** Bits decided field by field: `closed` and `unretained`, 0 where no rule asks them. */
  readonly closed: number
  readonly unretained: number
}

/** Bits of a number that `&` and `|` keep positive. */
export const MOST_PREDICATES = 30

/** Lays the rules out so that a decision looks at none that cannot matter. */
export function compile(policy: Declarations): DecisionIndex {
  const predicates: Predicate[] = []
  const laid = policy.rules.map((rule) => layOut(policy, rule, predicates))
  const bitsWhere = (test: (predicate: Predicate) => boolean): number =>
    predicates.reduce((mask, predicate, i) => (test(predicate) ? mask | (1 << i) : mask), 0)

  const factless = bitsWhere(needsNoFacts)

  // Acts of the same rules share one plan: there are few kinds of acts and many acts.
  const shared = new Map<string, Plan | null>()
  const plans = new Map<string, Map<string, Map<string, Map<string, Plan>>>>()
  for (const actor of policy.actors.values()) {
    const ofActor = laid.filter(({ rule }) => selects(rule.actors, actor.id))
    for (const operation of OPERATIONS) {
      const ofOperation = ofActor.filter(({ rule }) => selects(rule.operations, operation))
      for (const purpose of policy.purposes.keys()) {
        const ofPurpose = ofOperation.filter(({ rule }) => selects(rule.purposes, purpose))
        for (const entity of policy.entities.keys()) {
          const fitting = ofPurpose.filter(({ rule }) => selects(rule.entities, entity))
          const key = fitting.map(({ rule }) => rule.id).join(' ')
          const plan = shared.get(key) ?? planOf(fitting, factless)
          shared.set(key, plan)
          if (plan !== null) child(child(child(plans, actorKey(actor)), operation), purpose).set(entity, plan)
        }
      }
    }
  }
  return {
    plans,
    predicates,
    factless,
    closed: bitsWhere((predicate) => isPerField(predicate) && predicate.is === 'closed-by-subject'),
    unretained: bitsWhere((predicate) => isPerField(predicate) && predicate.is === 'not-retained'),
  }
}

/** The name under which an actor's plans lie. The person, and who acts for them, have no name of their own. */
export function actorKey(actor: { readonly kind: ActorDeclaration['kind']; readonly id: string }): string {
  return isPersonSide(actor.kind) ? actor.kind : `${actor.kind} ${actor.id}`
}

/** A rule with a candidate for every field (or `person`) that it takes. */
interface LaidOut {
  readonly rule: Rule
  readonly candidates: ReadonlyMap<string, Candidate>
}

function layOut(policy: Declarations, rule: Rule, predicates: Predicate[]): LaidOut {
  const needs = maskOf(rule.when, predicates)
  const clauses = [...rule.clauses].sort()
  const taken = [PERSON, ...policy.fields.keys()].filter((field) => touches(policy, rule.data, field))
  return {
    rule,
    candidates: new Map(taken.map((field) => [field, { rule, needs, cause: causeOf(rule, clauses, field) }])),
  }
}

function planOf(laid: readonly LaidOut[], factless: number): Plan | null {
  const fields = new Map<string, FieldPlan>()
  let asks = 0
  for (const field of new Set(laid.flatMap(({ candidates }) => [...candidates.keys()]))) {
    const fitting = laid.flatMap(({ candidates }) => candidates.get(field) ?? [])
    const permits = fitting.filter(({ rule }) => rule.effect === 'permit')
    // Where nothing permits, only a refusal that asks no fact is told: none of the person's may show through.
    const byAct = ({ needs }: Candidate): boolean => (needs & ~factless) === 0
    const refuses = fitting.filter((one) => one.rule.effect === 'refuse' && (permits.length > 0 || byAct(one)))
    if (permits.length + refuses.length === 0) continue
    fields.set(field, { permits, refuses, always: refuses.filter(byAct) })
    for (const { needs } of [...permits, ...refuses]) asks |= needs
  }
  return fields.size === 0 ? null : { fields, asks }
}

/** True where a rule's `data` takes a field, by its own name, its compartment's or its category's. */
export function touches(policy: Declarations, data: Selector, field: string): boolean {
  const declared = policy.fields.get(field)
  const names = declared === undefined ? [field] : [field, declared.compartment, declared.category]
  return 'only' in data
    ? names.some((name) => data.only.includes(name))
    : !names.some((name) => data.except.includes(name))
}

function causeOf(rule: Rule, clauses: readonly string[], field: string): Cause {
  return { reason: rule.reason, ...(field === PERSON ? {} : { field }), rule: rule.id, clauses }
}

function maskOf(when: readonly Predicate[], predicates: Predicate[]): number {
  let mask = 0
  for (const predicate of when) {
    const key = JSON.stringify(predicate)
    let bit = predicates.findIndex((known) => JSON.stringify(known) === key)
    if (bit < 0) bit = predicates.push(predicate) - 1
    mask |= 1 << bit
  }
  return mask
}

function child<K, V>(map: Map<string, Map<K, V>>, key: string): Map<K, V> {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh = new Map<K, V>()
  map.set(key, fresh)
  return fresh
}

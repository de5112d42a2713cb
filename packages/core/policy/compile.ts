import { OPERATIONS } from '../base/index.ts'
import { inOrder } from './clauses.ts'
import type { Act, Cause, Reason } from './decision.ts'
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
import {
  isOfField,
  type Known,
  needsNoFacts,
  reasonOf,
  type Test,
  testOf,
  type TestOfAct,
  testOfAct,
} from './predicates.ts'

/** The test of a predicate of a plan, with its bit in the plan's masks. */
interface Asked<T> {
  readonly bit: number
  readonly test: T
}

/** A rule as `decide` sees it for one field: what must hold, as bits of its plan, and what it then says. */
export interface Candidate {
  readonly rule: Rule
  readonly needs: number
  readonly cause: Cause
  /** What a permit says where something it needs is missing: the first of these whose bit is. */
  readonly lacks: readonly { readonly bit: number; readonly cause: Cause }[]
}

export interface FieldPlan {
  /** The field, or `person`. */
  readonly datum: string
  /** Where the field lies; null for the person as a whole. */
  readonly compartment: string | null
  readonly permits: readonly Candidate[]
  readonly refuses: readonly Candidate[]
  /** Those of `refuses` that ask at most the act, and so hold whoever the person is. */
  readonly always: readonly Candidate[]
  /** The same number of all fields of a plan that have the same rules. */
  readonly ruleset: number
}

/** What is to be judged of acts of one actor, operation, purpose and entity: field (or `person`) -> its rules. */
export interface Plan {
  readonly fields: ReadonlyMap<string, FieldPlan>
  /** What its rules ask, each once: what the act alone decides, and what the facts do. */
  readonly byAct: readonly Asked<TestOfAct>[]
  readonly byFacts: readonly Asked<Test>[]
  /** The bits of `byAct`. */
  readonly factless: number
  /** Bits decided field by field, 0 where no rule of it asks them. */
  readonly closed: number
  readonly unretained: number
}

type ByKey<T> = ReadonlyMap<string, T>
/** Operation -> purpose -> entity -> plan. */
type Plans = ByKey<ByKey<ByKey<Plan>>>

/** The rules, laid out so that a decision looks at none that cannot matter. What is not in it has no rule. */
export interface DecisionIndex {
  readonly plans: ReadonlyMap<ActorDeclaration['kind'], ByKey<Plans>>
  /** What rules and retention call services by, an id or a trait -> the ids of the services that it means. */
  readonly serving: ReadonlyMap<string, readonly string[]>
  /** Everything that some rule asks, each once. */
  readonly predicates: readonly Predicate[]
  /** The most predicates that one plan asks: its bits must be those of one number. */
  readonly most: number
}

/** Bits of a number that `&` and `|` keep positive. */
export const MOST_PREDICATES = 30

/** All plans of an actor. The person, and who acts for them, have no name of their own. */
export function plansOf({ plans }: DecisionIndex, kind: ActorDeclaration['kind'], name: string): Plans | undefined {
  return plans.get(kind)?.get(isPersonSide(kind) ? '' : name)
}

/** What is to be judged of an act; undefined where it has no rule. */
export function planFor(
  index: DecisionIndex,
  { actor, operation, purpose, entity }: Pick<Act, 'actor' | 'operation' | 'purpose' | 'entity'>,
): Plan | undefined {
  return plansOf(index, actor.kind, actor.name)?.get(operation)?.get(purpose)?.get(entity)
}

export function compile(policy: Declarations): DecisionIndex {
  const known = { recipients: policy.recipients, serving: servingOf(policy) }
  const laid = policy.rules.map((rule) => layOut(policy, rule))
  // Acts of the same rules share one plan: there are few kinds of acts and many acts.
  const shared = new Map<string, Plan | null>()
  const plans = new Map<ActorDeclaration['kind'], Map<string, Map<string, Map<string, Map<string, Plan>>>>>()
  for (const actor of policy.actors.values()) {
    const ofActor = laid.filter(({ rule }) => selects(rule.actors, actor.id))
    for (const operation of OPERATIONS) {
      const ofOperation = ofActor.filter(({ rule }) => selects(rule.operations, operation))
      for (const purpose of policy.purposes.keys()) {
        const ofPurpose = ofOperation.filter(({ rule }) => selects(rule.purposes, purpose))
        for (const entity of policy.entities.keys()) {
          const fitting = ofPurpose.filter(({ rule }) => selects(rule.entities, entity))
          const key = fitting.map(({ rule }) => rule.id).join(' ')
          const before = shared.get(key)
          const plan = before === undefined ? planOf(policy, fitting, known) : before
          shared.set(key, plan)
          if (plan === null) continue
          const ownName = isPersonSide(actor.kind) ? '' : actor.id
          child(child(child(child(plans, actor.kind), ownName), operation), purpose).set(entity, plan)
        }
      }
    }
  }
  const predicates: Predicate[] = []
  for (const { when } of policy.rules) maskOf(when, predicates)
  const most = Math.max(0, ...[...shared.values()].map((plan) => (plan === null ? 0 : asks(plan))))
  return { plans, serving: known.serving, predicates, most }
}

function servingOf({ services, traits }: Declarations): ReadonlyMap<string, readonly string[]> {
  const all = [...services.values()]
  const named = (name: string): readonly string[] =>
    all.flatMap((service) => (service.id === name || service.traits.includes(name) ? [service.id] : []))
  return new Map([...services.keys(), ...traits].map((name) => [name, named(name)]))
}

/** A rule with the fields (or `person`) that it takes. */
interface LaidOut {
  readonly rule: Rule
  readonly clauses: readonly string[]
  readonly fields: ReadonlySet<string>
}

function layOut(policy: Declarations, rule: Rule): LaidOut {
  const fields = [PERSON, ...policy.fields.keys()].filter((field) => touches(policy, rule.data, field))
  return { rule, clauses: inOrder(rule.clauses), fields: new Set(fields) }
}

function planOf(policy: Declarations, laid: readonly LaidOut[], known: Known): Plan | null {
  const fields = new Map<string, FieldPlan>()
  const predicates: Predicate[] = []
  const rulesets = new Map<string, number>()
  for (const field of new Set(laid.flatMap((one) => [...one.fields]))) {
    const fitting = laid.filter((one) => one.fields.has(field))
    const permits = fitting.filter(({ rule }) => rule.effect === 'permit')
    // Where nothing permits, only a refusal that asks no fact is told: none of the person's may show through.
    const refuses = fitting.filter(({ rule }) => rule.effect === 'refuse' && (permits.length > 0 || byTheAct(rule)))
    if (permits.length + refuses.length === 0) continue
    const refusing = refuses.map((one) => candidate(one, field, predicates))
    fields.set(field, {
      datum: field,
      compartment: policy.fields.get(field)?.compartment ?? null,
      permits: permits.map((one) => candidate(one, field, predicates)),
      refuses: refusing,
      always: refusing.filter(({ rule }) => byTheAct(rule)),
      ruleset: numberOf(rulesets, [...permits, ...refuses].map(({ rule }) => rule.id).join(' ')),
    })
  }
  if (fields.size === 0) return null
  const bitsWhere = (test: (predicate: Predicate) => boolean): number =>
    predicates.reduce((mask, predicate, i) => (test(predicate) ? mask | (1 << i) : mask), 0)
  return {
    fields,
    byAct: predicates.flatMap((one, i) => (needsNoFacts(one) ? [{ bit: 1 << i, test: testOfAct(one, known) }] : [])),
    byFacts: predicates.flatMap((one, i) =>
      needsNoFacts(one) || isOfField(one) ? [] : [{ bit: 1 << i, test: testOf(one, known) }],
    ),
    factless: bitsWhere(needsNoFacts),
    closed: bitsWhere(({ is }) => is === 'closed-by-subject'),
    unretained: bitsWhere(({ is }) => is === 'not-retained'),
  }
}

function asks({ byAct, byFacts, closed, unretained }: Plan): number {
  return byAct.length + byFacts.length + (closed === 0 ? 0 : 1) + (unretained === 0 ? 0 : 1)
}

function candidate({ rule, clauses }: LaidOut, field: string, predicates: Predicate[]): Candidate {
  const needs = maskOf(rule.when, predicates)
  const causeFor = (reason: Reason): Cause => {
    return { reason, ...(field === PERSON ? {} : { field }), rule: rule.id, clauses }
  }
  const lacks = predicates.flatMap((predicate, i) =>
    (needs & (1 << i)) === 0 ? [] : [{ bit: 1 << i, cause: causeFor(reasonOf(predicate)) }],
  )
  return { rule, needs, cause: causeFor(rule.reason), lacks }
}

function numberOf(known: Map<string, number>, key: string): number {
  const number = known.get(key) ?? known.size
  known.set(key, number)
  return number
}

function byTheAct(rule: Rule): boolean {
  return rule.when.every(needsNoFacts)
}

/** True where a rule's `data` takes a field, by its own name, its compartment's or its category's. */
export function touches(policy: Declarations, data: Selector, field: string): boolean {
  const declared = policy.fields.get(field)
  const names = declared === undefined ? [field] : [field, declared.compartment, declared.category]
  return 'only' in data
    ? names.some((name) => data.only.includes(name))
    : !names.some((name) => data.except.includes(name))
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

function child<K, V, A>(map: Map<A, Map<K, V>>, key: A): Map<K, V> {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh = new Map<K, V>()
  map.set(key, fresh)
  return fresh
}

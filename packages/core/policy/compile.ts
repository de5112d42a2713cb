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
import { needsNoFacts } from './predicates.ts'

/** A rule as `decide` sees it for one field: what must hold, as bits of its plan, and what it then says. */
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
  /** What its rules ask, each once: bit i of its masks is `predicates[i]`. */
  readonly predicates: readonly Predicate[]
  /** Bits that the act alone decides. */
  readonly factless: number
  /** Bits decided field by field, 0 where no rule of it asks them. */
  readonly closed: number
  readonly unretained: number
}

/** Every plan, by actor, operation, purpose and entity; what is not in it has no rule. */
export interface DecisionIndex {
  readonly plans: ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, ReadonlyMap<string, Plan>>>>
  /** Everything that some rule asks, each once. */
  readonly predicates: readonly Predicate[]
  /** The most predicates that one plan asks: its bits must be those of one number. */
  readonly most: number
}

/** Bits of a number that `&` and `|` keep positive. */
export const MOST_PREDICATES = 30

/** Lays the rules out so that a decision looks at none that cannot matter. */
export function compile(policy: Declarations): DecisionIndex {
  const laid = policy.rules.map((rule) => layOut(policy, rule))
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
          const plan = shared.get(key) ?? planOf(fitting)
          shared.set(key, plan)
          if (plan !== null) child(child(child(plans, actorKey(actor)), operation), purpose).set(entity, plan)
        }
      }
    }
  }
  const predicates: Predicate[] = []
  for (const { when } of policy.rules) maskOf(when, predicates)
  const most = [...shared.values()].reduce((longest, plan) => Math.max(longest, plan?.predicates.length ?? 0), 0)
  return { plans, predicates, most }
}

/** The name under which an actor's plans lie. The person, and who acts for them, have no name of their own. */
export function actorKey(actor: { readonly kind: ActorDeclaration['kind']; readonly id: string }): string {
  return isPersonSide(actor.kind) ? actor.kind : `${actor.kind} ${actor.id}`
}

/** A rule with what it says of every field (or `person`) that it takes. */
interface LaidOut {
  readonly rule: Rule
  readonly causes: ReadonlyMap<string, Cause>
}

function layOut(policy: Declarations, rule: Rule): LaidOut {
  const clauses = [...rule.clauses].sort()
  const taken = [PERSON, ...policy.fields.keys()].filter((field) => touches(policy, rule.data, field))
  return { rule, causes: new Map(taken.map((field) => [field, causeOf(rule, clauses, field)])) }
}

function planOf(laid: readonly LaidOut[]): Plan | null {
  const fields = new Map<string, FieldPlan>()
  const predicates: Predicate[] = []
  const candidate = ({ rule }: LaidOut, cause: Cause): Candidate => {
    return { rule, needs: maskOf(rule.when, predicates), cause }
  }
  for (const field of new Set(laid.flatMap(({ causes }) => [...causes.keys()]))) {
    const fitting = laid.flatMap((one): [LaidOut, Cause][] => {
      const cause = one.causes.get(field)
      return cause === undefined ? [] : [[one, cause]]
    })
    const permits = fitting.filter(([{ rule }]) => rule.effect === 'permit')
    // Where nothing permits, only a refusal that asks no fact is told: none of the person's may show through.
    const refuses = fitting.filter(([{ rule }]) => rule.effect === 'refuse' && (permits.length > 0 || byAct(rule)))
    if (permits.length + refuses.length === 0) continue
    const refusing = refuses.map(([one, cause]) => candidate(one, cause))
    fields.set(field, {
      permits: permits.map(([one, cause]) => candidate(one, cause)),
      refuses: refusing,
      always: refusing.filter(({ rule }) => byAct(rule)),
    })
  }
  if (fields.size === 0) return null
  const bitsWhere = (test: (predicate: Predicate) => boolean): number =>
    predicates.reduce((mask, predicate, i) => (test(predicate) ? mask | (1 << i) : mask), 0)
  return {
    fields,
    predicates,
    factless: bitsWhere(needsNoFacts),
    closed: bitsWhere(({ is }) => is === 'closed-by-subject'),
    unretained: bitsWhere(({ is }) => is === 'not-retained'),
  }
}

function byAct(rule: Rule): boolean {
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

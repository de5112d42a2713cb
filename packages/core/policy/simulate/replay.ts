import type { Facts, Instant } from '../../base/index.ts'
import { compile } from '../compile.ts'
import { decide } from '../decide.ts'
import type { Act, Decision } from '../decision.ts'
import type { Policy } from '../policy.ts'

/** A decision of the past that can be put to a policy again. */
export interface Replayable {
  /** Acts that are one object, put about one person with the same facts, are decided once for as long as the answer stands. */
  readonly act: Omit<Act, 'now'>
  readonly at: Instant
  /** What was answered then. */
  readonly effect: Decision['effect']
  /** The person as they were known just before; null for nobody. */
  readonly facts: Facts | null
  /** Tells people apart; it goes nowhere. */
  readonly person: number
  /** The version that is to answer once more: the one the record names, or the nearest to it that is kept. */
  readonly before: Policy
}

/** Decisions that would change alike. */
export interface ChangedDecisions {
  readonly change: 'permit-to-refuse' | 'refuse-to-permit'
  /** `subject`, `service billing`, `staff support`. */
  readonly actor: string
  readonly operation: string
  readonly purpose: string
  readonly entity: string
  /** Every field that these decisions name, sorted; empty where they concern the person as a whole. */
  readonly fields: readonly string[]
  /** The clauses of the answer before, and under the other policy. */
  readonly clausesBefore: readonly string[]
  readonly clausesAfter: readonly string[]
  /** Why the refusing side refuses, sorted: codes of `REASONS`, or which name the other policy does not know. */
  readonly reasons: readonly string[]
  readonly decisions: number
  readonly people: number
}

export interface Replayed {
  /** Decisions put to both policies. */
  readonly compared: number
  readonly permitToRefuse: number
  readonly refuseToPermit: number
  /** Decisions that the policy before answers otherwise than was recorded: what was known then is not known now, and they are not compared. */
  readonly unlikeRecord: number
  /** The largest first. */
  readonly changed: readonly ChangedDecisions[]
}

type Group = Omit<ChangedDecisions, 'fields' | 'decisions' | 'people'> & {
  readonly fields: Set<string>
  readonly people: Set<number>
  decisions: number
}

/** What both policies say to one act on one person, and when. */
interface Answers {
  readonly before: Policy
  readonly then: Decision
  readonly now: Decision
  readonly since: Instant
  readonly until: Instant
}

/** Stands for the facts of nobody. */
const NOBODY = {}

/** Puts decisions of the past to the policy of then and to another one, and keeps count of what differs. */
export class Replay {
  readonly #after: Policy
  readonly #groups = new Map<string, Group>()
  readonly #known = new WeakMap<object, WeakMap<object, Answers>>()
  #compared = 0
  #unlikeRecord = 0
  #permitToRefuse = 0
  #refuseToPermit = 0

  /** `after` answers as if everything it declares had been in force all along. */
  constructor(after: Policy) {
    this.#after = withAllInForce(after)
  }

  add(one: Replayable): void {
    const { act, effect, person } = one
    const { then, now } = this.#answers(one)
    if (then.effect !== effect) {
      this.#unlikeRecord += 1
      return
    }
    this.#compared += 1
    if (now.effect === then.effect) return
    if (then.effect === 'permit') this.#permitToRefuse += 1
    else this.#refuseToPermit += 1
    this.#count(act, then, now, person)
  }

  /** What was counted so far. */
  result(): Replayed {
    const changed = [...this.#groups.values()].map(
      ({ fields, people, ...group }): ChangedDecisions => ({
        ...group,
        fields: [...fields].sort(),
        people: people.size,
      }),
    )
    return {
      compared: this.#compared,
      permitToRefuse: this.#permitToRefuse,
      refuseToPermit: this.#refuseToPermit,
      unlikeRecord: this.#unlikeRecord,
      changed: changed.sort((a, b) => b.decisions - a.decisions || compare(keyOf(a), keyOf(b))),
    }
  }

  #answers({ act, at, facts, before }: Replayable): Answers {
    let ofAct = this.#known.get(act)
    if (ofAct === undefined) this.#known.set(act, (ofAct = new WeakMap()))
    const known = ofAct.get(facts ?? NOBODY)
    if (known?.before === before && at >= known.since && at < known.until) return known
    const asked = { ...act, now: at }
    const then = decide(before, asked, facts)
    const now = decide(this.#after, asked, facts)
    const until = Math.min(then.until ?? Number.POSITIVE_INFINITY, now.until ?? Number.POSITIVE_INFINITY)
    const answers = { before, then, now, since: at, until }
    ofAct.set(facts ?? NOBODY, answers)
    return answers
  }

  #count(act: Replayable['act'], then: Decision, now: Decision, person: number): void {
    const found = {
      change: then.effect === 'permit' ? ('permit-to-refuse' as const) : ('refuse-to-permit' as const),
      actor: actorName(act.actor),
      operation: act.operation,
      purpose: act.purpose,
      entity: act.entity,
      clausesBefore: then.clauses,
      clausesAfter: now.clauses,
      reasons: now.effect === 'refuse' ? reasonsOf(this.#after, act, now) : reasonsOf(null, act, then),
    }
    const key = keyOf(found)
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { ...found, fields: new Set(), people: new Set(), decisions: 0 }
      this.#groups.set(key, group)
    }
    group.decisions += 1
    group.people.add(person)
    for (const field of act.fields) group.fields.add(field)
  }
}

/** The policy with every supplement in force: what is asked is what it would answer, not from which day. */
function withAllInForce(policy: Policy): Policy {
  if (!policy.rules.some(({ when }) => when.some(({ is }) => is === 'in-force'))) return policy
  const rules = policy.rules.map((rule) => ({ ...rule, when: rule.when.filter(({ is }) => is !== 'in-force') }))
  return { ...policy, rules, index: compile({ ...policy, rules }) }
}

/** `subject`, `service billing`, `staff support`. */
function actorName({ kind, name }: Act['actor']): string {
  return kind === 'subject' || kind === 'representative' ? kind : `${kind} ${name}`
}

function reasonsOf(policy: Policy | null, act: Replayable['act'], { causes }: Decision): readonly string[] {
  const reasons: string[] = causes.map(({ reason }) => reason)
  if (policy !== null) {
    if (!policy.purposes.has(act.purpose)) reasons.push('unknown-purpose')
    if (!policy.entities.has(act.entity)) reasons.push('unknown-entity')
    if (act.fields.some((field) => !policy.fields.has(field))) reasons.push('unknown-field')
  }
  return [...new Set(reasons)].sort()
}

function keyOf(group: Omit<ChangedDecisions, 'fields' | 'decisions' | 'people'>): string {
  const { change, actor, operation, purpose, entity, clausesBefore, clausesAfter, reasons } = group
  return [
    change,
    actor,
    operation,
    purpose,
    entity,
    clausesBefore.join(' '),
    clausesAfter.join(' '),
    reasons.join(' '),
  ].join('\n')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

import type { Instant, Operation, Uuid } from '@doverie/core/base'
import { decide, type Decision, type Policy } from '@doverie/core/policy'
import { actorOf, type Caller, callerId, isPersonSide } from './caller.ts'
import { type EntryText, entryText } from './entry.ts'
import type { Person } from './people.ts'
import { outsideScope, refusedWithoutPolicy } from './refusals.ts'
import { checkNames, compartmentsOf } from './vocabulary.ts'

/** What somebody wants to do with a person's data, without changing it; whose data is not part of it. */
export interface Asked {
  readonly caller: Caller
  /** The use-case as the ledger names it. */
  readonly act: string
  readonly operation: Operation
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
  readonly ticket: string | undefined
  /** False where only the decision is wanted: then a permit is not issued and nothing is fetched. */
  readonly opens: boolean
  /** To how many it is shown by one entry, which says so where it is more than one. */
  readonly people?: number
}

/** An answer to a question as it holds for one person, with the text that its ledger entries share. */
export interface Judged {
  readonly question: Question
  readonly decision: Decision
  readonly text: EntryText
  /** When it was decided; `decision.until` says how long it stands on the same facts. */
  readonly from: Instant
}

/** What a service or a role asks of many people: all that does not depend on the person is found out once. */
export class Question {
  readonly policy: Policy | null
  readonly caller: Caller
  readonly fields: readonly string[]
  readonly compartments: readonly string[]
  readonly opens: boolean
  readonly #asked: Asked
  /** Who asks the same of many people has the answers remembered with each; a person asks for themselves. */
  readonly #repeats: boolean
  /** The few different answers that all these people get, but for the instant until which each stands. */
  readonly #answers = new Map<string, { readonly decision: Decision; readonly text: EntryText }>()

  /** Throws `unknown-purpose`, `unknown-entity` or `unknown-field` for a name that the policy does not declare. */
  constructor(policy: Policy | null, asked: Asked) {
    if (policy !== null) checkNames(policy, asked)
    this.policy = policy
    this.caller = asked.caller
    this.fields = Object.freeze([...new Set(asked.fields)])
    this.compartments = policy === null ? [] : compartmentsOf(policy, this.fields)
    this.opens = asked.opens
    this.#asked = asked
    this.#repeats = policy !== null && !isPersonSide(asked.caller)
  }

  /**
   * The decision for one person at an instant: the credential's own limits first, then the policy. An answer remembered with
   * the person stands for as long as nothing that it rests on changes: person and version are one object, the question
   * belongs to one policy, and `until` bounds it in time.
   */
  judge(person: Person, at: Instant): Judged {
    const known = person.remembered(this, at)
    if (known !== undefined) return known
    const given = this.#decide(person, at)
    const { decision, text } = this.#shared(given)
    const { until } = given
    const judged = {
      question: this,
      from: at,
      decision: decision.until === until ? decision : { ...decision, until },
      text,
    }
    if (this.#repeats) person.remember(judged)
    return judged
  }

  #decide(person: Person, at: Instant): Decision {
    const { policy } = this
    if (policy === null) return refusedWithoutPolicy()
    const { caller, operation, purpose, entity, ticket } = this.#asked
    const scope = outsideScope(policy, this.#asked)
    if (scope !== null) return scope
    const act = {
      actor: actorOf(caller),
      operation,
      purpose,
      entity,
      fields: this.fields,
      ticket: ticket !== undefined,
      now: at,
    }
    return decide(policy, act, isPersonSide(caller) && caller.subject !== person.subject ? null : person.facts)
  }

  #shared(decision: Decision): { readonly decision: Decision; readonly text: EntryText } {
    const key = JSON.stringify([decision.effect, decision.causes])
    const known = this.#answers.get(key)
    if (known !== undefined) return known
    const { act, caller, operation, purpose, entity, people = 1 } = this.#asked
    const content = { act, caller, operation, purpose, entity, fields: this.fields, decision }
    const shown = people > 1 ? { detail: { people } } : {}
    const answer = { decision, text: entryText({ ...content, ...shown }) }
    if (this.#repeats) this.#answers.set(key, answer)
    return answer
  }
}

/** Different questions remembered at a time; beyond it all are forgotten together. */
const LIMIT = 2_000

/** The questions asked lately under the policy in force. A new policy has none. */
export class Questions {
  #policy: Policy | null = null
  readonly #known = new Map<string, { readonly question: Question; caller: Caller }>()

  /** The question that is asked, the same object while it is asked again. Throws like `Question`. */
  of(policy: Policy | null, asked: Asked): Question {
    const { caller } = asked
    if (policy === null || isPersonSide(caller)) return new Question(policy, asked)
    if (policy !== this.#policy) {
      this.#policy = policy
      this.#known.clear()
    }
    const key = keyOf(asked, callerId(caller))
    const known = this.#known.get(key)
    if (known !== undefined && saysTheSame(known, caller)) return known.question
    const question = new Question(policy, asked)
    if (this.#known.size >= LIMIT) this.#known.clear()
    this.#known.set(key, { question, caller })
    return question
  }
}

/**
 * What a question is known by. Only questions whose names the policy declares are kept, none of which holds a NUL; with the
 * count of fields before them no other names give the same key.
 */
function keyOf({ act, operation, purpose, entity, fields, ticket, opens, people = 1 }: Asked, caller: Uuid): string {
  const flags = (ticket === undefined ? 0 : 1) + (opens ? 2 : 0) + 4 * people
  return `${caller}\0${flags}\0${fields.length}\0${act}\0${operation}\0${purpose}\0${entity}\0${fields.join('\0')}`
}

/** A credential's scope and a member's role are those of the caller as authenticated: a later object may say other things. */
function saysTheSame(known: { readonly question: Question; caller: Caller }, caller: Caller): boolean {
  if (known.caller === caller) return true
  if (JSON.stringify(known.question.caller) !== JSON.stringify(caller)) return false
  known.caller = caller
  return true
}

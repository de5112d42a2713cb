import { DoverieError, type Instant, type Operation, type Uuid } from '@doverie/core/base'
import { compartmentsOf } from './vocabulary.ts'
import { decide, type Decision, type Policy } from '@doverie/core/policy'
import type { Permit } from '../permit.ts'
import type { ReadAnswer, ReadCall, ReadLane } from '../store/read-lane.ts'
import type { SealedRecord } from '../store/records.ts'
import { actorOf, type Caller } from './caller.ts'
import { issuePermit } from './issue-permit.ts'
import { type Entry, makeEntry } from './entry.ts'
import type { People, Person } from './people.ts'
import { outsideScope, refusedWithoutPolicy } from './refusals.ts'

/** A call is decided anew at most so often: facts that change faster than they can be read are a fault. */
const MAX_ATTEMPTS = 8
const MAX_BATCH = 100

/** One call: what somebody wants to do with one person's data, without changing it. */
export interface Ask {
  readonly caller: Caller
  readonly subject: Uuid
  /** The use-case as the ledger names it. */
  readonly act: string
  readonly operation: Operation
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
  readonly ticket: string | undefined
  /** False where only the decision is wanted: then a permit is not issued and nothing is fetched. */
  readonly opens: boolean
}

/** The answer to a call, given only after its ledger entry is durable. */
export interface Answer {
  readonly decision: Decision
  readonly entry: Entry
  readonly person: Person
  /** Null for a refusal, and where nothing was to be opened. */
  readonly permit: Permit | null
  readonly records: readonly SealedRecord[]
  readonly at: Instant
}

interface Waiting {
  readonly ask: Ask
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
  attempts: number
  /** The version at which it last took no part; null while it never did. */
  lost: number | null
}

/** A waiting call with what was decided and written down for it in this round. */
interface Decided {
  readonly waiting: Waiting
  readonly answer: Answer
  readonly call: ReadCall
}

export interface BatcherParts {
  readonly policy: () => Policy | null
  readonly people: People
  readonly lanes: readonly ReadLane[]
  readonly now: () => Instant
  readonly random: (length: number) => Buffer
  readonly newId: () => Uuid
}

/**
 * Gathers the calls of a moment and serves them together: facts (mostly cached), decisions, one statement that fetches and
 * records, one commit. A lone call waits for nothing; under load the batches grow by themselves.
 */
export class ReadBatcher {
  readonly #parts: BatcherParts
  readonly #idle: ReadLane[]
  #queue: Waiting[] = []
  #scheduled = false

  constructor(parts: BatcherParts) {
    this.#parts = parts
    this.#idle = [...parts.lanes]
  }

  ask(ask: Ask): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ ask, resolve, reject, attempts: 0, lost: null })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled || this.#queue.length === 0 || this.#idle.length === 0) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const lane = this.#idle.pop()
      if (lane === undefined) return
      const batch = this.#queue.splice(0, MAX_BATCH)
      void this.#serve(batch, lane).finally(() => {
        this.#idle.push(lane)
        this.#schedule()
      })
      this.#schedule()
    })
  }

  async #serve(batch: readonly Waiting[], lane: ReadLane): Promise<void> {
    try {
      const at = this.#parts.now()
      const people = await this.#people(batch, at)
      const decided = batch.flatMap((waiting) => this.#decideOne(waiting, people, at))
      if (decided.length === 0) return
      const answers = await lane.run(
        decided.map(({ call }) => call),
        this.#parts.newId(),
        at,
      )
      for (const [i, one] of decided.entries()) this.#settle(one, answers[i] ?? null)
    } catch (error) {
      // Whether the batch was committed may be unknown; either way nothing of it leaves.
      for (const waiting of batch) waiting.reject(error)
    }
  }

  async #people(batch: readonly Waiting[], at: Instant): Promise<Map<Uuid, Person | DoverieError>> {
    const people = new Map<Uuid, Person | DoverieError>()
    const missing = new Set<Uuid>()
    for (const { ask } of batch) {
      const cached = this.#parts.people.cached(ask.subject, at)
      if (cached === undefined) missing.add(ask.subject)
      else people.set(ask.subject, cached)
    }
    if (missing.size > 0) {
      for (const [subject, person] of await this.#parts.people.load([...missing], at)) people.set(subject, person)
    }
    return people
  }

  /** Decides one call and writes its entry. A call that makes this throw fails alone. */
  #decideOne(waiting: Waiting, people: ReadonlyMap<Uuid, Person | DoverieError>, at: Instant): Decided[] {
    try {
      const { ask } = waiting
      const person = people.get(ask.subject)
      if (person === undefined) throw new DoverieError('internal')
      if (person instanceof DoverieError) throw person
      const policy = this.#parts.policy()
      const decision = decideAsk(policy, ask, person, at)
      const id = this.#parts.newId()
      const permit =
        decision.effect === 'permit' && ask.opens && policy !== null
          ? issuePermit({
              subject: ask.subject,
              fields: ask.fields,
              compartments: compartmentsOf(policy, ask.fields),
              decision: id,
            })
          : null
      const entry = makeEntry({ ...ask, decision }, id, person.kRef, this.#parts.random(32), at)
      const credential = ask.caller.kind === 'service' ? ask.caller.credential : null
      const { leaf, framed: body } = entry
      const call = { subject: ask.subject, version: person.version, credential, permit, leaf, body }
      return [{ waiting, answer: { decision, entry, person, permit, records: [], at }, call }]
    } catch (error) {
      waiting.reject(error)
      return []
    }
  }

  #settle({ waiting, answer }: Decided, records: ReadAnswer): void {
    if (records !== null) {
      waiting.resolve({ ...answer, records })
      return
    }
    // The facts changed, or the credential was revoked, between deciding and recording: this decision never took place.
    const { version } = answer.person
    this.#parts.people.forget(waiting.ask.subject)
    // Versions only rise: what took no part twice at one version, read anew in between, was not stopped by the facts.
    if (waiting.ask.caller.kind === 'service' && waiting.lost === version) {
      waiting.reject(new DoverieError('unauthenticated'))
      return
    }
    waiting.lost = version
    waiting.attempts += 1
    if (waiting.attempts >= MAX_ATTEMPTS) {
      waiting.reject(new DoverieError('conflict'))
      return
    }
    this.#queue.push(waiting)
    this.#schedule()
  }
}

/** The decision on a call: the credential's own limits first, then the policy. */
function decideAsk(policy: Policy | null, ask: Ask, person: Person, at: Instant): Decision {
  if (policy === null) return refusedWithoutPolicy()
  const scope = outsideScope(policy, ask)
  if (scope !== null) return scope
  return decide(
    policy,
    {
      actor: actorOf(ask.caller),
      operation: ask.operation,
      purpose: ask.purpose,
      entity: ask.entity,
      fields: ask.fields,
      ticket: ask.ticket !== undefined,
      now: at,
    },
    ask.caller.kind === 'subject' && ask.caller.subject !== ask.subject ? null : person.facts,
  )
}

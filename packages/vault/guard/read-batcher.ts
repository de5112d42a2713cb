import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import type { Decision, Policy } from '@doverie/core/policy'
import type { Permit } from '../permit.ts'
import type { ReadAnswer, ReadCall, ReadLane } from '../store/read-lane.ts'
import type { SealedRecord } from '../store/records.ts'
import { OWN_CREDENTIAL } from './caller.ts'
import { type Entry, entryFrom } from './entry.ts'
import { issuePermit } from './issue-permit.ts'
import type { People, Person } from './people.ts'
import { type Asked, type Question, Questions } from './question.ts'

/** A call is decided anew at most so often: facts that change faster than they can be read are a fault. */
const MAX_ATTEMPTS = 8
const MAX_BATCH = 100

/** One call: a question about one person. */
export interface Ask extends Asked {
  readonly subject: Uuid
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
  question: Question
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
  attempts: number
  /** The version at which it last took no part; null while it never did. */
  lost: number | null
}

/** A waiting call with what was decided and written down for it in this round. */
interface Decided {
  readonly waiting: Waiting
  readonly decision: Decision
  readonly entry: Entry
  readonly person: Person
  readonly call: ReadCall
}

export interface BatcherParts {
  /** True while the ledger takes no more reads: whoever asks is turned away without an entry. */
  readonly held: () => boolean
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
  readonly #questions = new Questions()
  #queue: Waiting[] = []
  #scheduled = false
  /** How many calls each batch under way holds. */
  readonly #underWay = new Set<{ readonly calls: number }>()

  constructor(parts: BatcherParts) {
    this.#parts = parts
    this.#idle = [...parts.lanes]
  }

  /** Rejects with `ledger-backlog` while too many entries wait, and with `unknown-purpose`, `unknown-entity` or `unknown-field` for a name that the policy does not declare. */
  ask(ask: Ask): Promise<Answer> {
    if (this.#parts.held()) return Promise.reject(new DoverieError('ledger-backlog'))
    return new Promise((resolve, reject) => {
      const question = this.#questions.of(this.#parts.policy(), ask)
      this.#queue.push({ ask, question, resolve, reject, attempts: 0, lost: null })
      this.#schedule()
    })
  }

  #schedule(): void {
    if (this.#scheduled || !this.#worthwhile()) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      const lane = this.#idle.pop()
      if (lane === undefined) return
      const batch = this.#queue.splice(0, MAX_BATCH)
      const running = { calls: batch.length }
      this.#underWay.add(running)
      void this.#serve(batch, lane).finally(() => {
        this.#underWay.delete(running)
        this.#idle.push(lane)
        this.#schedule()
      })
      this.#schedule()
    })
  }

  /**
   * A batch costs the database as much as ten calls of it do. So a further one begins beside others only when as many wait as
   * any of those holds; fewer wait until one of them is done. Otherwise, under load, one great batch is followed by many small ones.
   */
  #worthwhile(): boolean {
    const { length } = this.#queue
    if (length === 0 || this.#idle.length === 0) return false
    if (length >= MAX_BATCH) return true
    for (const { calls } of this.#underWay) if (calls > length) return false
    return true
  }

  async #serve(batch: readonly Waiting[], lane: ReadLane): Promise<void> {
    try {
      const at = this.#parts.now()
      const people = await this.#people(batch, at)
      const decided: Decided[] = []
      for (const waiting of batch) {
        try {
          decided.push(this.#decideOne(waiting, people.get(waiting.ask.subject), at))
        } catch (error) {
          // A call that makes this throw fails alone.
          waiting.reject(error)
        }
      }
      if (decided.length === 0) return
      const answers = await lane.run(
        decided.map(({ call }) => call),
        this.#parts.newId(),
        at,
      )
      for (const [i, one] of decided.entries()) this.#settle(one, answers[i] ?? null, at)
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

  /** Decides one call and writes its entry. */
  #decideOne(waiting: Waiting, person: Person | DoverieError | undefined, at: Instant): Decided {
    if (person === undefined) throw new DoverieError('internal')
    if (person instanceof DoverieError) throw person
    const { ask } = waiting
    const policy = this.#parts.policy()
    // The policy may have changed since the call came, or since the round that it lost.
    if (waiting.question.policy !== policy) waiting.question = this.#questions.of(policy, ask)
    const { question } = waiting
    const { decision, text } = question.judge(person, at)
    const id = this.#parts.newId()
    const permit =
      decision.effect === 'permit' && question.opens
        ? issuePermit({
            subject: ask.subject,
            fields: question.fields,
            compartments: question.compartments,
            decision: id,
          })
        : null
    const entry = entryFrom(text, ask.ticket, id, person.kRef, this.#parts.random(32), at)
    const credential =
      ask.caller.kind === 'service' && ask.caller.credential !== OWN_CREDENTIAL ? ask.caller.credential : null
    const { leaf, framed: body } = entry
    const call = { subject: ask.subject, version: person.version, credential, permit, leaf, body }
    return { waiting, decision, entry, person, call }
  }

  #settle({ waiting, decision, entry, person, call }: Decided, records: ReadAnswer, at: Instant): void {
    if (records !== null) {
      waiting.resolve({ decision, entry, person, permit: call.permit, records, at })
      return
    }
    // The facts changed, or the credential was revoked, between deciding and recording: this decision never took place.
    const { version } = person
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

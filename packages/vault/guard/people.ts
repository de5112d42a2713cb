import type { Facts, Instant, Uuid } from '@doverie/core/base'
import type pg from 'pg'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import type { OpenKey } from '../seal/envelope.ts'
import { loadFacts, type VersionedFacts } from '../store/subjects.ts'
import { ExpiringMap } from './expiring-map.ts'
import { type HeldKey, type KeyRing, REF } from './key-ring.ts'
import type { Judged, Question } from './question.ts'
import { RefKey } from './ref-key.ts'

/** Answers remembered with one person: what a service or two ask of everybody. */
const ANSWERS = 4

/** A person as the guard knows them for a moment: facts under their version, keys, and the secret of their ledger entries. */
export class Person {
  readonly subject: Uuid
  /** 0, and no facts, where there is nobody: unknown and destroyed people look alike from here on. */
  readonly version: number
  /** As text: there is one for everybody remembered, and what is asked again needs only the answer. */
  readonly #facts: string | null
  readonly kRef: RefKey
  readonly keys: readonly HeldKey[]
  #answers: readonly Judged[] = []

  constructor(subject: Uuid, version: number, facts: Facts | null, kRef: RefKey, keys: readonly HeldKey[]) {
    this.subject = subject
    this.version = version
    this.#facts = facts === null ? null : JSON.stringify(facts)
    this.kRef = kRef
    this.keys = keys
  }

  get isSomebody(): boolean {
    return this.#facts !== null
  }

  get facts(): Facts | null {
    return this.#facts === null ? null : (JSON.parse(this.#facts) as Facts)
  }

  /** The answer given before to this very question, where it still stands at the instant. */
  remembered(question: Question, at: Instant): Judged | undefined {
    for (const judged of this.#answers) {
      if (judged.question !== question) continue
      const { until } = judged.decision
      return at >= judged.from && (until === null || at < until) ? judged : undefined
    }
    return undefined
  }

  remember(judged: Judged): void {
    const others = this.#answers.filter(({ question }) => question !== judged.question)
    this.#answers = [judged, ...others.slice(0, ANSWERS - 1)]
  }

  /** The opened key of a compartment at a generation. Throws `key-missing` where the key store holds no such key. */
  key(compartment: string, generation: number): OpenKey {
    const held = this.held(compartment, generation)
    if (held === undefined) throw new DoverieError('key-missing', undefined, { compartment })
    return held.open(this.subject)
  }

  held(compartment: string, generation: number): HeldKey | undefined {
    return this.keys.find((key) => key.compartment === compartment && key.generation === generation)
  }
}

/**
 * People read lately. What is cached here never authorises: the version is checked again in the statement that reads, and
 * whoever changes a person makes every process forget them.
 */
export class People {
  readonly #data: pg.Pool
  readonly #ring: KeyRing
  readonly #random: (length: number) => Buffer
  readonly #cache: ExpiringMap<Uuid, Person>

  constructor(data: pg.Pool, ring: KeyRing, random: (length: number) => Buffer, limit: number, term: number) {
    this.#data = data
    this.#ring = ring
    this.#random = random
    this.#cache = new ExpiringMap(limit, term)
  }

  cached(subject: Uuid, now: Instant): Person | undefined {
    return this.#cache.get(subject, now)
  }

  forget(subject: Uuid): void {
    this.#cache.delete(subject)
  }

  forgetAll(): void {
    this.#cache.clear()
  }

  /**
   * Loads people from both databases, two statements for all of them. Somebody unknown or destroyed is a person with no facts
   * and a random secret, made in the same steps. Whose secret is missing or damaged is a fault instead, theirs alone.
   */
  async load(subjects: readonly Uuid[], now: Instant): Promise<Map<Uuid, Person | DoverieError>> {
    const [facts, keys] = await Promise.all([loadFacts(this.#data, subjects), this.#ring.load(subjects, now)])
    const people = new Map<Uuid, Person | DoverieError>()
    for (const subject of subjects) {
      try {
        const person = this.#made(subject, facts.get(subject), keys.get(subject) ?? [])
        people.set(subject, person)
        if (person.isSomebody) this.#cache.set(subject, person, now)
      } catch (error) {
        if (!isDoverieError(error)) throw error
        people.set(subject, error)
      }
    }
    return people
  }

  #made(subject: Uuid, known: VersionedFacts | undefined, keys: readonly HeldKey[]): Person {
    const nobody = new RefKey(this.#random(32))
    const ref = keys.find((key) => key.compartment === REF)
    const version = known?.version ?? 0
    if (known === undefined || known.facts.state === 'destroyed')
      return new Person(subject, version, null, nobody, keys)
    if (ref !== undefined) return new Person(subject, version, known.facts, new RefKey(ref.unwrap(subject)), keys)
    // Between the halves of a destruction the secret may be gone already: what is entered from here on is tied to nobody.
    if (known.facts.state === 'destroying') return new Person(subject, version, known.facts, nobody, keys)
    throw new DoverieError('key-missing', undefined, { compartment: REF })
  }

  async get(subject: Uuid, now: Instant): Promise<Person> {
    return this.#cache.get(subject, now) ?? (await this.reload(subject, now))
  }

  async reload(subject: Uuid, now: Instant): Promise<Person> {
    const person = (await this.load([subject], now)).get(subject)
    if (person === undefined) throw new DoverieError('internal')
    if (person instanceof DoverieError) throw person
    return person
  }
}

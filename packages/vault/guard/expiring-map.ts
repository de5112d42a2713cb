import type { Instant } from '@doverie/core/base'

/** A map bounded in count and in time: what was put first goes first, and nothing is given after its term. */
export class ExpiringMap<K, V> {
  readonly #entries = new Map<K, { readonly value: V; readonly until: Instant }>()
  readonly #limit: number
  readonly #term: number

  /** `limit` entries at most, each for `term` milliseconds. */
  constructor(limit: number, term: number) {
    this.#limit = limit
    this.#term = term
  }

  get(key: K, now: Instant): V | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.until > now) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  set(key: K, value: V, now: Instant): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, until: now + this.#term })
    if (this.#entries.size <= this.#limit) return
    const oldest = this.#entries.keys().next()
    if (!oldest.done) this.#entries.delete(oldest.value)
  }

  delete(key: K): void {
    this.#entries.delete(key)
  }

  clear(): void {
    this.#entries.clear()
  }
}

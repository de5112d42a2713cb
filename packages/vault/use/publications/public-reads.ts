import { DoverieError, type Instant } from '@doverie/core/base'
import { findPublication } from '../../store/publications.ts'
import type { Vault } from '../../guard/vault.ts'
import { type PublicData, servePublic } from './serve-public.ts'

const HOUR = 3_600_000
const SECOND = 1_000
/** Reads of one publication an hour that are served at once, each by its own entry. */
const ALONE = 30
/** The longest that those beyond wait to be served together. */
const LONGEST = 30 * SECOND
/** As many wait at a time; who comes then is asked to come later. */
const MOST_WAITING = 1_000
/** Publications remembered at a time before those of hours that are over are forgotten. */
const MANY = 10_000

type Waiter = (served: Promise<PublicData | null>) => void

interface Hour {
  readonly ends: Instant
  alone: number
  /** How often in this hour some were served together. */
  together: number
  waiting: Waiter[]
  timer: NodeJS.Timeout | null
}

/**
 * Serves what people made public so that nobody fills a person's history by asking, from however many addresses: beyond thirty reads
 * of one publication an hour those who ask are served together, after a wait that doubles from a second to half a minute, by one entry
 * that says how many they are. About 155 entries an hour and process, whoever asks how often; nobody is served by facts of before they asked, and no
 * read is without its entry.
 */
export class PublicReads {
  readonly #vault: Vault
  readonly #hours = new Map<string, Hour>()

  constructor(vault: Vault) {
    this.#vault = vault
  }

  /** What is public under this name, or null. Throws `rate-limited` where too many wait already. */
  async read(handle: string): Promise<PublicData | null> {
    // A name under which nothing is public is not counted.
    if ((await findPublication(this.#vault.data, handle)) === null) return null
    const hour = this.#hourOf(handle)
    if (hour.alone < ALONE) {
      hour.alone += 1
      return servePublic(this.#vault, handle, 1)
    }
    if (hour.waiting.length >= MOST_WAITING) throw new DoverieError('rate-limited')
    return new Promise((resolve) => {
      hour.waiting.push(resolve)
      hour.timer ??= setTimeout(
        () => {
          this.#serve(handle, hour)
        },
        Math.min(LONGEST, SECOND * 2 ** hour.together),
      )
    })
  }

  /** Serves all who wait, now: before the server stops. */
  flush(): void {
    for (const [handle, hour] of this.#hours) this.#serve(handle, hour)
  }

  #serve(handle: string, hour: Hour): void {
    const { waiting, timer } = hour
    if (timer !== null) clearTimeout(timer)
    hour.timer = null
    if (waiting.length === 0) return
    hour.waiting = []
    hour.together += 1
    const served = servePublic(this.#vault, handle, waiting.length)
    for (const resolve of waiting) resolve(served)
  }

  #hourOf(handle: string): Hour {
    const now = this.#vault.now()
    const known = this.#hours.get(handle)
    if (known !== undefined && (known.ends > now || known.waiting.length > 0)) return known
    if (this.#hours.size >= MANY)
      for (const [other, { ends, waiting }] of this.#hours)
        if (ends <= now && waiting.length === 0) this.#hours.delete(other)
    const hour = { ends: (Math.floor(now / HOUR) + 1) * HOUR, alone: 0, together: 0, waiting: [], timer: null }
    this.#hours.set(handle, hour)
    return hour
  }
}

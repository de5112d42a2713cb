import type { Instant } from '@doverie/core/base'
import { commitment } from '@doverie/core/log'
import { sha256 } from '../../seal/sha256.ts'
import type { Queryable } from '../../store/database.ts'
import { findPeriod } from '../../store/simulation.ts'
import { entriesBetween } from '../read-ledger.ts'

/** An entry that a line of a register rests on: what names it in the entry's body, and about when it was made. */
export interface WantedEntry {
  readonly of: string
  readonly key: string
  readonly at: Instant
}

export interface FoundEntry {
  readonly place: number
  /** Hex. */
  readonly leaf: string
}

/** The most entries that are looked for, and looked through: a minute of work and some hundred megabytes. The rest is told as not proved. */
export const MOST_CITED = 200_000
const MOST_SCANNED = 5_000_000

const STRETCH = 4096
const MINUTE = 60_000

/** By the entry's own id; by the hash of a document in it; by the act and what it names. */
export const keyOf = {
  id: (id: string): string => id,
  document: (sha256: string): string => `sha256 ${sha256}`,
  act: (act: string, ...names: readonly (string | number)[]): string => [act, ...names].join(' '),
} as const

/**
 * The places of entries in the ledger. They are looked for about their moments first; what was entered later than it took place, from
 * there on. The ledger has no index by id, on purpose: so this reads it, within a bound.
 */
export async function findEntries(
  tx: Queryable,
  wanted: readonly WantedEntry[],
  until: Instant,
): Promise<ReadonlyMap<string, FoundEntry>> {
  const search = new Search(tx, new Set(wanted.map(({ key }) => key)))
  const moments = wanted.map(({ at }) => at).sort((a, b) => a - b)
  for (const { from, to } of windows(moments)) await search.look(from, to)
  const rest = wanted.filter(({ key }) => search.sought.has(key)).map(({ at }) => at)
  if (rest.length > 0) await search.look(Math.min(...rest.slice(0, MOST_CITED)), until)
  return search.found
}

/** Stretches of time about these moments, those near to one another as one. */
function windows(moments: readonly Instant[]): readonly { readonly from: Instant; readonly to: Instant }[] {
  const all: { from: Instant; to: Instant }[] = []
  for (const at of moments) {
    const last = all.at(-1)
    if (last !== undefined && at <= last.to + 5 * MINUTE) last.to = at + MINUTE
    else all.push({ from: at - 1000, to: at + MINUTE })
  }
  return all
}

class Search {
  readonly #tx: Queryable
  readonly sought: Set<string>
  readonly found: Map<string, FoundEntry> = new Map<string, FoundEntry>()
  #scanned = 0

  constructor(tx: Queryable, sought: Set<string>) {
    this.#tx = tx
    this.sought = sought
  }

  async look(from: Instant, to: Instant): Promise<void> {
    const places = await findPeriod(this.#tx, from, to)
    for (let at = places?.first ?? 0; places !== null && at < places.end && this.sought.size > 0; at += STRETCH) {
      if (this.#scanned > MOST_SCANNED) return
      const held = await entriesBetween(this.#tx, at, Math.min(at + STRETCH, places.end))
      this.#scanned += held.size
      for (const [place, { salt, body }] of held) {
        for (const key of keysIn(body)) {
          if (!this.sought.delete(key)) continue
          this.found.set(key, { place, leaf: Buffer.from(commitment(salt, body, sha256)).toString('hex') })
        }
      }
    }
  }
}

/** No text of anybody's in a body looks so: a quotation mark in it is escaped. */
const BEFORE_OPERATION = '","operation":'
const UUID_LENGTH = 36
const NAMING =
  /^\{"act":"(?:propose-policy|adopt-policy|add-staff|switch-off-staff|propose-deputy|appoint-deputy|end-deputy)"/

function keysIn(body: string): readonly string[] {
  const at = body.indexOf(BEFORE_OPERATION)
  const keys = [body.slice(Math.max(0, at - UUID_LENGTH), at)]
  const naming = NAMING.test(body)
  if (!naming && !body.includes('"sha256":"')) return keys
  const { act, detail = {} } = JSON.parse(body) as { readonly act: string; readonly detail?: Record<string, unknown> }
  const { sha256: sha, version, pseudonym, from } = detail
  const names = [version, pseudonym, from].filter((one) => typeof one === 'string' || typeof one === 'number')
  return [
    ...keys,
    ...(typeof sha === 'string' ? [keyOf.document(sha)] : []),
    ...(naming ? [keyOf.act(act, ...names)] : []),
  ]
}

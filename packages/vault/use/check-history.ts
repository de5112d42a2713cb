import type { Checkpoint, LogFault } from '@doverie/core/log'
import type { FramedEntry } from '../guard/pack.ts'
import type { Vault } from '../guard/vault.ts'
import {
  countFolds,
  countHistory,
  findRepeated,
  findUnlisted,
  FOLD,
  type FoldList,
  loadFold,
  prefixOf,
} from '../store/ledger-history.ts'

/** What is wrong in this database's ledger: in the log, or in the index by which people find their own entries. */
type LedgerFault = Omit<LogFault, 'kind'> & { readonly kind: LogFault['kind'] | 'history' }

/** An access that is not in the index, or under another bucket there, is hidden from the person whose it is. */
export interface HistoryFault {
  readonly ok: false
  readonly fault: LedgerFault
  readonly checkpoint: Checkpoint | null
}

/**
 * Compares the index of people's histories with the buckets beside the stored bodies, as these pass by: each must be listed
 * at its place, and nothing else. Its memory does not grow with the ledger.
 */
export class HistoryCheck {
  readonly #vault: Vault
  /** Where the lists in rows begin: what is before lies in pages. */
  readonly #folded: number
  #fold: { readonly number: number; readonly list: FoldList } | null = null
  #unlisted: number | null = null
  #twice: number | null = null

  private constructor(vault: Vault, folded: number) {
    this.#vault = vault
    this.#folded = folded
  }

  /** To be begun while nothing is packed. */
  static async begin(vault: Vault): Promise<HistoryCheck> {
    return new HistoryCheck(vault, (await countFolds(vault.data)) * FOLD)
  }

  /** Takes entries by their places. Called in the order of the ledger. */
  async take(entries: ReadonlyMap<number, FramedEntry>): Promise<void> {
    if (this.#unlisted !== null || entries.size === 0) return
    const inRows: [number, FramedEntry][] = []
    for (const [place, entry] of entries) {
      if (place >= this.#folded) inRows.push([place, entry])
      else if ((await this.#listOf(place)).prefixes.get(place) !== prefixOf(entry.bucket)) {
        this.#unlisted = place
        return
      }
    }
    const buckets = Buffer.concat(inRows.map(([, { bucket }]) => bucket))
    const places = inRows.map(([place]) => place)
    if (places.length > 0) this.#unlisted = await findUnlisted(this.#vault.data, buckets, places)
  }

  async #listOf(place: number): Promise<FoldList> {
    const number = Math.floor(place / FOLD)
    if (this.#fold?.number === number) return this.#fold.list
    const list = await loadFold(this.#vault.data, number)
    this.#fold = { number, list }
    this.#twice ??= list.twice
    return list
  }

  /** The first place among the entries taken that the index does not list in its bucket. */
  get unlisted(): number | null {
    return this.#unlisted
  }

  /** The first place that is listed too often or without an entry, or null. `size` entries were taken, and all are listed. */
  async surplus(size: number): Promise<number | null> {
    if (this.#twice !== null) return this.#twice
    const first = Math.min(this.#folded, size)
    const { listed, stray } = await countHistory(this.#vault.data, this.#vault.origin, first, size)
    return listed > size - first ? findRepeated(this.#vault.data, size) : stray
  }
}

export function historyFault(place: number, checkpoint: Checkpoint | null): HistoryFault {
  const fault = {
    kind: 'history',
    path: 'ledger_history',
    from: place,
    to: place + 1,
    expected: null,
    found: null,
  } as const
  return { ok: false, fault, checkpoint }
}

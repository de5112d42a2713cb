import type { Checkpoint, LogFault } from '@doverie/core/log'
import type { FramedEntry } from '../guard/entry.ts'
import type { Vault } from '../guard/vault.ts'
import { countHistory, findRepeated, findUnlisted } from '../store/ledger.ts'

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
  #unlisted: number | null = null

  constructor(vault: Vault) {
    this.#vault = vault
  }

  /** Takes entries by their places. Called in the order of the ledger. */
  async take(entries: ReadonlyMap<number, FramedEntry>): Promise<void> {
    if (this.#unlisted !== null || entries.size === 0) return
    const buckets = Buffer.concat([...entries.values()].map(({ bucket }) => bucket))
    this.#unlisted = await findUnlisted(this.#vault.data, buckets, [...entries.keys()])
  }

  /** The first place among the entries taken that the index does not list in its bucket. */
  get unlisted(): number | null {
    return this.#unlisted
  }

  /** The first place that is listed too often or without an entry, or null. `size` entries were taken, and all are listed. */
  async surplus(size: number): Promise<number | null> {
    const { listed, stray } = await countHistory(this.#vault.data, this.#vault.origin, size)
    return listed > size ? findRepeated(this.#vault.data, size) : stray
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

import { DoverieError, equalBytes, fromHex, hex } from '../base/index.ts'
import { decodeBundle } from './bundle.ts'
import { commitment } from './entry.ts'
import { type Sha256, sha256 as portableSha256 } from './hash.ts'
import { fetchResource, type ReadResource } from './resource.ts'
import { TILE_WIDTH, tileWidth } from './tile.ts'

/** An entry as an auditor is given it: no personal data, and all that its public half can be held against. */
export interface AuditedEntry {
  readonly place: number
  /** 64 hex digits. */
  readonly salt: string
  /** Canonical JSON. */
  readonly body: string
}

/**
 * What an auditor finds at a place: entries withheld or given twice (`gap`), one that is another than the public log has
 * (`entry`), one that the tree does not have (`beyond`), one that says it is much older than those before it (`back-dated`).
 */
export interface AuditFault {
  readonly kind: 'gap' | 'entry' | 'beyond' | 'back-dated'
  readonly place: number
  readonly says: string
}

export interface AuditOptions {
  /** Of the tree that the public log has been verified to be. */
  readonly size: number
  /** How much older than what stands before it an entry may be, in milliseconds: order is that of integration, not of acts. */
  readonly tolerance: number
  readonly sha256?: Sha256
}

/**
 * Holds entries that an operator gave to an auditor against the public log, which has been verified as a whole before
 * (`verifyLog`). Every place from the first one given to the last must be there once, in order. Gives all faults, in order.
 * Throws `ledger-inconsistent` where the log lacks a bundle.
 */
export async function auditEntries(
  entries: Iterable<AuditedEntry>,
  read: ReadResource,
  { size, tolerance, sha256 = portableSha256 }: AuditOptions,
): Promise<readonly AuditFault[]> {
  const faults: AuditFault[] = []
  const bundles = new Bundles(read, size)
  let next: number | null = null
  let latest = 0
  for (const { place, salt, body } of entries) {
    if (next !== null && place !== next) {
      const says = place > next ? `entries ${next} to ${place - 1} were not given` : 'the place was given before'
      faults.push({ kind: 'gap', place: Math.min(next, place), says })
    }
    next = place + 1
    const held = await bundles.entry(place)
    if (held === null) {
      faults.push({ kind: 'beyond', place, says: `the tree ends at ${size}` })
      continue
    }
    const bytes = fromHex(salt)
    const own = bytes?.length === 32 && body.isWellFormed() ? commitment(bytes, body, sha256) : null
    if (own === null || !equalBytes(own, held)) {
      faults.push({
        kind: 'entry',
        place,
        says: `commits to ${own === null ? 'nothing' : hex(own)}, the log has ${hex(held)}`,
      })
    }
    const at = instantIn(body)
    if (at !== null && at < latest - tolerance) {
      faults.push({
        kind: 'back-dated',
        place,
        says: `${Math.round((latest - at) / 1000)} s older than an entry before it`,
      })
    }
    latest = Math.max(latest, at ?? 0)
  }
  return faults
}

function instantIn(body: string): number | null {
  try {
    const { at } = JSON.parse(body) as { readonly at?: unknown }
    return typeof at === 'number' && Number.isFinite(at) ? at : null
  } catch {
    return null
  }
}

/** The public entries, a bundle at a time. */
class Bundles {
  readonly #read: ReadResource
  readonly #size: number
  #index = -1
  #entries: readonly Uint8Array[] = []

  constructor(read: ReadResource, size: number) {
    this.#read = read
    this.#size = size
  }

  async entry(place: number): Promise<Uint8Array | null> {
    if (!Number.isSafeInteger(place) || place < 0 || place >= this.#size) return null
    const index = Math.floor(place / TILE_WIDTH)
    if (index !== this.#index) {
      const bytes = await fetchResource(this.#read, {
        level: 'entries',
        index,
        width: tileWidth('entries', index, this.#size),
      })
      if (bytes === null) throw new DoverieError('ledger-inconsistent', `The log lacks bundle ${index}.`)
      this.#entries = decodeBundle(bytes)
      this.#index = index
    }
    return this.#entries[place - index * TILE_WIDTH] ?? null
  }
}

import { DoverieError } from '@doverie/core/base'
import type { Kms, RootDestroyed } from '../seal/kms.ts'
import type { Queryable } from '../store/database.ts'
import { type EpochRow, listEpochs } from '../store/epochs.ts'

/**
 * The root key by epochs: which KMS holds which version, as the key store remembers it. Usually there is one KMS. While an
 * installation moves to another there are two: the first makes new versions, the second still opens what it wrapped.
 */
export class Roots {
  readonly #keys: Queryable
  readonly #kmses: readonly Kms[]
  readonly #epochs = new Map<number, EpochRow>()

  constructor(keys: Queryable, kmses: readonly Kms[]) {
    this.#keys = keys
    this.#kmses = kmses
  }

  /** The KMS that makes new versions. */
  get own(): Kms {
    const [own] = this.#kmses
    if (own === undefined) throw new DoverieError('internal')
    return own
  }

  /** All epochs as they are now. */
  async epochs(): Promise<readonly EpochRow[]> {
    const rows = await listEpochs(this.#keys)
    for (const row of rows) this.#epochs.set(row.epoch, row)
    return rows
  }

  async wrap(epoch: number, key: Uint8Array, place: string): Promise<Buffer> {
    const { kms, root } = await this.#holder(epoch)
    return kms.wrap(root, key, place)
  }

  /** Throws `wrong-root-key` where no KMS here has the epoch's version, `sealed-value-damaged`, `kms-unavailable`, `kms-refused`. */
  async unwrap(epoch: number, wrapped: Uint8Array, place: string): Promise<Buffer> {
    const { kms, root } = await this.#holder(epoch)
    return kms.unwrap(root, wrapped, place)
  }

  async destroy(epoch: number): Promise<RootDestroyed> {
    const { kms, root } = await this.#holder(epoch)
    return kms.destroy(root)
  }

  async #holder(epoch: number): Promise<{ readonly kms: Kms; readonly root: string }> {
    if (!this.#epochs.has(epoch)) await this.epochs()
    const row = this.#epochs.get(epoch)
    const kms = this.#kmses.find(({ kind }) => kind === row?.kms)
    if (row === undefined || kms === undefined) {
      throw new DoverieError('wrong-root-key', `No key management service here holds the root key of epoch ${epoch}.`)
    }
    return { kms, root: row.root }
  }
}

import { createHmac, randomBytes } from 'node:crypto'
import type { Instant } from '@doverie/core/base'
import { formatVerifierKey, KEY_TYPES, signNote } from '@doverie/core/log'
import { Roots } from '../guard/roots.ts'
import { openSecrets } from '../guard/secrets.ts'
import { currentOrigin } from '../guard/standing.ts'
import type { Kms } from '../seal/kms.ts'
import { noteSigner } from '../seal/note-crypto.ts'
import type { DatabaseKind } from '../store/backup-tables.ts'
import { openPool } from '../store/database.ts'
import { loadHeads } from '../store/journal.ts'
import { type CopiedRows, type CutSizes, Snapshot, type TablePart } from '../store/snapshot.ts'

export type { CopiedRows, CutSizes, DatabaseKind, TablePart }

/** Where a vault's databases are and who opens its secrets. The urls carry passwords. */
export interface VaultUrls {
  readonly dataUrl: string
  readonly keystoreUrl: string
  readonly kms: Kms | readonly Kms[]
  /** The ledger's name as it was configured. */
  readonly origin: string
}

/** A keyed digest under way. */
export interface Fingerprint {
  update(chunk: Uint8Array): unknown
  digest(encoding: 'hex'): string
}

/** One moment of one of the two databases, ready to be copied: ciphertext, facts and ledger, nothing opened. */
export interface BackupSource {
  readonly kind: DatabaseKind
  /** Steps of its schema. */
  readonly level: number
  readonly takenAt: Instant
  /** The ledger's present name. */
  readonly origin: string
  /** The ledger's verifier key: what is signed here verifies with it. */
  readonly ledgerKey: string
  /** Of the data, the checkpoint at this moment; of the key store, the newest that it has seen. Null before the first. */
  readonly checkpoint: string | null
  readonly tables: readonly { readonly name: string; readonly columns: readonly string[] }[]
  cutSizes(partBytes: number): Promise<CutSizes>
  parts(sizes: CutSizes): Promise<readonly TablePart[]>
  copy(part: TablePart): CopiedRows
  /** Tells whether two attempts saw the same rows, to whoever has the vault's secrets. */
  fingerprint(): Fingerprint
  /** A signed note over a text, by the ledger's key. Its first line must not be an origin: it is no checkpoint. */
  sign(text: string): string
  close(): Promise<void>
}

/**
 * Opens a moment of a vault's data, or of its key store, for a backup. Nothing is written or migrated, and the server may go on.
 * Throws `wrong-root-key`, `key-missing`, `data-newer`, `not-found` for a database without an installation, `conflict` while
 * another backup of it is made, `storage-unavailable`.
 */
export async function openBackupSource(place: VaultUrls, kind: DatabaseKind): Promise<BackupSource> {
  const { dataUrl, keystoreUrl, kms } = place
  const keys = openPool(keystoreUrl, 1)
  let snapshot: Snapshot | null = null
  try {
    snapshot = await Snapshot.open(kind === 'data' ? dataUrl : keystoreUrl, kind)
    const moment = snapshot
    const secrets = await openSecrets(keys, new Roots(keys, [kms].flat()), randomBytes, {
      fresh: false,
      at: moment.takenAt,
    })
    const heads = await loadHeads(keys)
    const origin = currentOrigin(
      place.origin,
      heads.map((head) => head.origin),
    )
    const { signer, verifier } = noteSigner(origin, secrets.ledgerSeed, KEY_TYPES.ed25519)
    const checkpoint =
      kind === 'data'
        ? await moment.checkpoint(origin)
        : (heads.find((head) => head.origin === origin)?.checkpoint ?? null)
    return {
      kind,
      level: moment.level,
      takenAt: moment.takenAt,
      origin,
      ledgerKey: formatVerifierKey(verifier),
      checkpoint,
      tables: moment.tables.map(({ name }) => ({ name, columns: moment.columns(name) })),
      cutSizes: (partBytes) => moment.cutSizes(partBytes),
      parts: (sizes) => moment.parts(sizes),
      copy: (part) => moment.copy(part),
      fingerprint: () => createHmac('sha256', secrets.mac).update('doverie/backup-part/v1\n'),
      sign: (text) => signNote(text, [signer]),
      close: () => moment.close(),
    }
  } catch (error) {
    await snapshot?.close()
    throw error
  } finally {
    await keys.end()
  }
}

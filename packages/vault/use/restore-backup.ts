import { DoverieError } from '@doverie/core/base'
import { formatVerifierKey, KEY_TYPES } from '@doverie/core/log'
import { Roots } from '../guard/roots.ts'
import { assertRootKey, openLedgerSeed } from '../guard/secrets.ts'
import { noteSigner } from '../seal/note-crypto.ts'
import { openPool, type Queryable } from '../store/database.ts'
import { type DatabaseContent, fillDatabase } from '../store/fill-database.ts'
import { assertKnownSchema } from '../store/migrate.ts'
import type { VaultUrls } from './back-up.ts'

/** A backup whose files have been verified, with the key that it says signed it. */
export interface BackupContent extends DatabaseContent {
  readonly origin: string
  readonly ledgerKey: string
}

/**
 * Puts a backup into its empty database, all of it or nothing. The key store goes first: its ledger key is what a backup of the
 * data must have been signed with, and its journal is what must be replayed over it before anything is served. Throws
 * `key-missing` where there is no key store yet, `wrong-root-key`, `backup-damaged` for a backup of another installation, and as
 * `fillDatabase` does.
 */
export async function restoreBackup(
  place: VaultUrls,
  content: BackupContent,
  onPart: (done: number) => void = () => undefined,
): Promise<void> {
  const url = content.kind === 'data' ? place.dataUrl : place.keystoreUrl
  if (content.kind === 'data') await assertOfKeyStore(place, content)
  await fillDatabase(url, content, (tx) => assertSigner(tx, place, content), onPart)
}

async function assertOfKeyStore(place: VaultUrls, content: BackupContent): Promise<void> {
  const keys = openPool(place.keystoreUrl, 1)
  try {
    await assertKnownSchema(keys, 'keys')
    await assertSignedBy(keys, place, content)
  } finally {
    await keys.end()
  }
}

/** Of a key store, that its own secrets open and are those that signed it. The data have none. */
async function assertSigner(tx: Queryable, place: VaultUrls, content: BackupContent): Promise<void> {
  if (content.kind === 'keys') await assertSignedBy(tx, place, content)
}

async function assertSignedBy(keys: Queryable, place: VaultUrls, content: BackupContent): Promise<void> {
  const { kind, origin, ledgerKey } = content
  const roots = new Roots(keys, [place.kms].flat())
  await assertRootKey(keys, roots)
  const seed = await openLedgerSeed(keys, roots)
  if (seed === null) {
    throw new DoverieError('key-missing', 'there is no key store here yet: restore its newest copy first (--keystore)')
  }
  if (formatVerifierKey(noteSigner(origin, seed, KEY_TYPES.ed25519).verifier) === ledgerKey) return
  const whose = kind === 'data' ? 'the key store of another installation' : 'another key than its own'
  throw new DoverieError('backup-damaged', `the backup was signed by ${whose}; nothing was changed`)
}

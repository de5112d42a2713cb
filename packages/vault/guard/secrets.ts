import { createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import type pg from 'pg'
import type { Kms } from '../seal/kms.ts'
import { insertSecret, loadSecret } from '../store/key-store.ts'

/** The vault's own secrets, 32 bytes each, wrapped by the root key in the key store. */
export interface VaultSecrets {
  /** Base and epoch key of the blind indexes. */
  readonly indexBase: KeyObject
  readonly indexEpoch1: KeyObject
  /** Ed25519 seed of the ledger's checkpoints. */
  readonly ledgerSeed: Buffer
  /** Authenticates snapshots, codes, links and addresses that are only compared. */
  readonly mac: KeyObject
  /** Seals letters that wait to go. */
  readonly mail: KeyObject
}

const NAMES = {
  indexBase: 'index-base',
  indexEpoch1: 'index-epoch-1',
  ledgerSeed: 'ledger-seed',
  mac: 'mac',
  mail: 'mail',
} as const

/**
 * Opens the secrets, making those that a fresh key store lacks. Throws `wrong-root-key`, having written nothing, where the
 * root key does not open what is there.
 */
export async function openSecrets(keys: pg.Pool, kms: Kms, random: (length: number) => Buffer): Promise<VaultSecrets> {
  await assertRootKey(keys, kms)
  const open = async (name: string): Promise<Buffer> => {
    if ((await loadSecret(keys, name)) === null) {
      const { rootVersion, wrapped } = await kms.wrap(random(32))
      await insertSecret(keys, name, { root_version: rootVersion, wrapped })
    }
    const stored = await loadSecret(keys, name)
    if (stored === null) throw new DoverieError('key-missing')
    return kms.unwrap(stored.root_version, stored.wrapped)
  }
  return {
    indexBase: createSecretKey(await open(NAMES.indexBase)),
    indexEpoch1: createSecretKey(await open(NAMES.indexEpoch1)),
    ledgerSeed: await open(NAMES.ledgerSeed),
    mac: createSecretKey(await open(NAMES.mac)),
    mail: createSecretKey(await open(NAMES.mail)),
  }
}

/** Opens what any key store holds from its first start, to recognise a wrong root key before anything is written. */
async function assertRootKey(keys: pg.Pool, kms: Kms): Promise<void> {
  for (const name of Object.values(NAMES)) {
    const stored = await loadSecret(keys, name)
    if (stored !== null) await kms.unwrap(stored.root_version, stored.wrapped)
  }
}

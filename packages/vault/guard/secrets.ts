import { createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import type pg from 'pg'
import type { Kms } from '../seal/kms.ts'
import { insertSecrets, loadSecrets, type SecretRow } from '../store/key-store.ts'

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
 * Opens the secrets; where both databases are fresh (`fresh`: the data know nobody yet), makes them first, all at once. Throws
 * `wrong-root-key`, and `key-missing` where some are gone or the data belong to another key store, having written nothing.
 */
export async function openSecrets(
  keys: pg.Pool,
  kms: Kms,
  random: (length: number) => Buffer,
  fresh: boolean,
): Promise<VaultSecrets> {
  if (fresh && (await loadSecrets(keys)).size === 0) await makeSecrets(keys, kms, random)
  const stored = await loadSecrets(keys)
  const open = async (name: string): Promise<Buffer> => {
    const secret = stored.get(name)
    if (secret === undefined) throw new DoverieError('key-missing', 'The key store lacks a secret of the vault.')
    return kms.unwrap(secret.root_version, secret.wrapped)
  }
  return {
    indexBase: createSecretKey(await open(NAMES.indexBase)),
    indexEpoch1: createSecretKey(await open(NAMES.indexEpoch1)),
    ledgerSeed: await open(NAMES.ledgerSeed),
    mac: createSecretKey(await open(NAMES.mac)),
    mail: createSecretKey(await open(NAMES.mail)),
  }
}

async function makeSecrets(keys: pg.Pool, kms: Kms, random: (length: number) => Buffer): Promise<void> {
  const made = new Map<string, SecretRow>()
  for (const name of Object.values(NAMES)) {
    const { rootVersion, wrapped } = await kms.wrap(random(32))
    made.set(name, { root_version: rootVersion, wrapped })
  }
  await insertSecrets(keys, made)
}

/** Opens what any key store holds from its first start, to recognise a wrong root key before anything is written. */
export async function assertRootKey(keys: pg.Pool, kms: Kms): Promise<void> {
  for (const stored of (await loadSecrets(keys)).values()) await kms.unwrap(stored.root_version, stored.wrapped)
}

import { createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError, type Instant, isDoverieError } from '@doverie/core/base'
import type pg from 'pg'
import { insertFirstEpoch } from '../store/epochs.ts'
import { insertSecrets, loadSecrets, type SecretRow } from '../store/key-store.ts'
import type { Roots } from './roots.ts'

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

/** What a secret is wrapped for. */
function placeOf(name: string): string {
  return `secret|${name}`
}

/**
 * Opens the secrets; where both databases are fresh (`fresh`: the data know nobody yet), makes them first, all at once, with the
 * first epoch. Throws `wrong-root-key`, and `key-missing` where some are gone or the data belong to another key store, having
 * written nothing.
 */
export async function openSecrets(
  keys: pg.Pool,
  roots: Roots,
  random: (length: number) => Buffer,
  start: { readonly fresh: boolean; readonly at: Instant },
): Promise<VaultSecrets> {
  if (start.fresh && (await loadSecrets(keys)).size === 0) await makeSecrets(keys, roots, random, start.at)
  const stored = await loadSecrets(keys)
  const open = async (name: string): Promise<Buffer> => {
    const secret = stored.get(name)
    if (secret === undefined) throw new DoverieError('key-missing', 'The key store lacks a secret of the vault.')
    return roots.unwrap(secret.epoch, secret.wrapped, placeOf(name))
  }
  return {
    indexBase: createSecretKey(await open(NAMES.indexBase)),
    indexEpoch1: createSecretKey(await open(NAMES.indexEpoch1)),
    ledgerSeed: await open(NAMES.ledgerSeed),
    mac: createSecretKey(await open(NAMES.mac)),
    mail: createSecretKey(await open(NAMES.mail)),
  }
}

/** A crash between leaves a first epoch without secrets, which the next start takes up. */
async function makeSecrets(
  keys: pg.Pool,
  roots: Roots,
  random: (length: number) => Buffer,
  at: Instant,
): Promise<void> {
  const { own } = roots
  await insertFirstEpoch(keys, own.kind, (await own.newest()) ?? (await own.add()), at)
  const made = new Map<string, SecretRow>()
  for (const name of Object.values(NAMES)) {
    made.set(name, { epoch: 1, wrapped: await roots.wrap(1, random(32), placeOf(name)) })
  }
  await insertSecrets(keys, made)
}

/**
 * Opens what any key store holds from its first start, to recognise a wrong root key before anything is written. Where nothing
 * of it opens the key is wrong; where some does, the rest is damaged.
 */
export async function assertRootKey(keys: pg.Pool, roots: Roots): Promise<void> {
  const stored = await loadSecrets(keys)
  const faults: unknown[] = []
  for (const [name, { epoch, wrapped }] of stored) {
    await roots.unwrap(epoch, wrapped, placeOf(name)).catch((error: unknown) => faults.push(error))
  }
  const unproved = faults.filter((fault) => isDoverieError(fault, 'sealed-value-damaged'))
  if (unproved.length > 0 && unproved.length === stored.size) throw new DoverieError('wrong-root-key')
  if (faults.length > 0) throw faults[0]
}

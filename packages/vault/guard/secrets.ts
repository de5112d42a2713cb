import { createHmac, createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError, type Instant, isDoverieError } from '@doverie/core/base'
import type pg from 'pg'
import type { Queryable } from '../store/database.ts'
import { insertFirstEpoch } from '../store/epochs.ts'
import { insertSecrets, loadSecrets, type SecretRow } from '../store/key-store.ts'
import type { Roots } from './roots.ts'

/** Names of the secrets that every epoch keeps, 32 bytes each, wrapped by the root key in the key store. */
const FIXED = ['index-base', 'ledger-seed', 'mac'] as const
type Fixed = (typeof FIXED)[number]

/** Under which the tags of an epoch lie. */
export function indexSecret(epoch: number): string {
  return `index-epoch-${epoch}`
}

/** Under which lies what only passes through in an epoch. The first was for letters alone. */
export function passingSecret(epoch: number): string {
  return epoch === 1 ? 'mail' : `passing-${epoch}`
}

/** What a secret is wrapped for. */
export function placeOfSecret(name: string): string {
  return `secret|${name}`
}

/** The keys of what passes through in an epoch: for sealing, for hashes of what can be guessed, and as it is (letters of a former version). */
export interface PassingKeys {
  readonly seal: KeyObject
  readonly hashes: KeyObject
  readonly raw: KeyObject
}

/** The vault's own secrets. Those of epochs come and go: whoever meets an epoch that is not known asks again. */
export class VaultSecrets {
  readonly indexBase: KeyObject
  /** Ed25519 seed of the ledger's checkpoints. */
  readonly ledgerSeed: Buffer
  /** Authenticates snapshots and tokens. */
  readonly mac: KeyObject
  readonly #keys: pg.Pool
  readonly #roots: Roots
  #epoch = 0
  #index = new Map<number, KeyObject>()
  #passing = new Map<number, PassingKeys>()

  constructor(keys: pg.Pool, roots: Roots, fixed: Readonly<Record<Fixed, Buffer>>) {
    this.#keys = keys
    this.#roots = roots
    this.indexBase = createSecretKey(fixed['index-base'])
    this.ledgerSeed = fixed['ledger-seed']
    this.mac = createSecretKey(fixed.mac)
  }

  /** The epoch whose keys new tags are made under, as far as this process knows. */
  get epoch(): number {
    return this.#epoch
  }

  /** Epochs whose keys of what passes through there are. */
  get alive(): readonly number[] {
    return [...this.#passing.keys()]
  }

  /** The current epoch's index key, and the former one's while tags still lie under it. */
  index(): { readonly current: KeyObject; readonly former: KeyObject | null } {
    const current = this.#index.get(this.#epoch)
    if (current === undefined) throw new DoverieError('key-missing', 'The key store lacks a secret of the vault.')
    const former = [...this.#index.keys()].filter((epoch) => epoch < this.#epoch).sort((a, b) => b - a)[0]
    return { current, former: former === undefined ? null : (this.#index.get(former) ?? null) }
  }

  /** An epoch's index key, or null where it is gone. */
  indexOf(epoch: number): KeyObject | null {
    return this.#index.get(epoch) ?? null
  }

  /** The keys of what passes through in an epoch. Throws `key-missing` where that epoch's are gone. */
  async passing(epoch: number): Promise<PassingKeys> {
    if (!this.#passing.has(epoch)) await this.refresh()
    const keys = this.#passing.get(epoch)
    if (keys === undefined) throw new DoverieError('key-missing', 'The key of an epoch is gone.')
    return keys
  }

  /** Learns which epoch is current and what keys there are; forgets those that are gone. */
  refresh(): Promise<void> {
    return settled(this.#keys, () => this.#refresh())
  }

  async #refresh(): Promise<void> {
    // In this order: an epoch comes into being together with its secrets, so what is asked for later has them.
    const epochs = (await this.#roots.epochs()).filter(({ state }) => state === 'current' || state === 'closing')
    const stored = await loadSecrets(this.#keys)
    const index = new Map<number, KeyObject>()
    const passing = new Map<number, PassingKeys>()
    for (const { epoch } of epochs) {
      const [tags, through] = [stored.get(indexSecret(epoch)), stored.get(passingSecret(epoch))]
      const known = this.#index.get(epoch)
      if (tags !== undefined) index.set(epoch, known ?? createSecretKey(await this.#open(indexSecret(epoch), tags)))
      const knownPassing = this.#passing.get(epoch)
      if (through === undefined) continue
      passing.set(epoch, knownPassing ?? passingKeys(await this.#open(passingSecret(epoch), through)))
    }
    this.#index = index
    this.#passing = passing
    this.#epoch = epochs.find(({ state }) => state === 'current')?.epoch ?? this.#epoch
  }

  #open(name: string, { epoch, wrapped }: SecretRow): Promise<Buffer> {
    return this.#roots.unwrap(epoch, wrapped, placeOfSecret(name))
  }
}

export function passingKeys(bytes: Buffer): PassingKeys {
  const derived = (what: string): KeyObject =>
    createSecretKey(createHmac('sha256', bytes).update(`doverie/passing/v1\n${what}`).digest())
  return { seal: derived('seal'), hashes: derived('hashes'), raw: createSecretKey(bytes) }
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
  if (start.fresh && (await loadSecrets(keys)).size === 0) await makeFirstSecrets(keys, roots, random, start.at)
  const secrets = new VaultSecrets(keys, roots, await settled(keys, () => openFixed(keys, roots)))
  await secrets.refresh()
  secrets.index()
  await secrets.passing(secrets.epoch)
  return secrets
}

async function openFixed(keys: Queryable, roots: Roots): Promise<Readonly<Record<Fixed, Buffer>>> {
  const stored = await loadSecrets(keys)
  const open = async (name: Fixed): Promise<Buffer> => {
    const secret = stored.get(name)
    if (secret === undefined) throw new DoverieError('key-missing', 'The key store lacks a secret of the vault.')
    return roots.unwrap(secret.epoch, secret.wrapped, placeOfSecret(name))
  }
  return {
    'index-base': await open('index-base'),
    'ledger-seed': await open('ledger-seed'),
    mac: await open('mac'),
  }
}

/** The seed of the ledger's key; null in a key store without secrets. Throws as `openSecrets` does. */
export function openLedgerSeed(keys: Queryable, roots: Roots): Promise<Buffer | null> {
  return settled(keys, async () => {
    const secret = (await loadSecrets(keys)).get('ledger-seed')
    return secret === undefined ? null : roots.unwrap(secret.epoch, secret.wrapped, placeOfSecret('ledger-seed'))
  })
}

/** A crash between leaves a first epoch without secrets, which the next start takes up. */
async function makeFirstSecrets(
  keys: pg.Pool,
  roots: Roots,
  random: (length: number) => Buffer,
  at: Instant,
): Promise<void> {
  const { own } = roots
  await insertFirstEpoch(keys, own.kind, (await own.newest()) ?? (await own.add()), at)
  await makeSecrets(keys, roots, random, [...FIXED, indexSecret(1), passingSecret(1)], 1)
}

/** Makes secrets under an epoch, all at once; those that are there already stay. */
export async function makeSecrets(
  keys: pg.Pool,
  roots: Roots,
  random: (length: number) => Buffer,
  names: readonly string[],
  epoch: number,
): Promise<void> {
  const made = new Map<string, SecretRow>()
  for (const name of names) {
    made.set(name, { epoch, wrapped: await roots.wrap(epoch, random(32), placeOfSecret(name)) })
  }
  await insertSecrets(keys, made)
}

/**
 * Opens what any key store holds from its first start, to recognise a wrong root key before anything is written. Where nothing
 * of it opens the key is wrong; where some does, the rest is damaged.
 */
export function assertRootKey(keys: Queryable, roots: Roots): Promise<void> {
  return settled(keys, () => assertOpens(keys, roots))
}

async function assertOpens(keys: Queryable, roots: Roots): Promise<void> {
  const stored = await loadSecrets(keys)
  const faults: unknown[] = []
  for (const [name, { epoch, wrapped }] of stored) {
    await roots.unwrap(epoch, wrapped, placeOfSecret(name)).catch((error: unknown) => faults.push(error))
  }
  const unproved = faults.filter((fault) => isDoverieError(fault, 'sealed-value-damaged'))
  if (unproved.length > 0 && unproved.length === stored.size) throw new DoverieError('wrong-root-key')
  if (faults.length > 0) throw faults[0]
}

/**
 * Reads and opens secrets again for as long as what failed to open is not what the key store holds any more: another process may end
 * the epoch meanwhile, by which the root version goes under which they were read.
 */
async function settled<T>(keys: Queryable, open: () => Promise<T>): Promise<T> {
  for (let before = await loadSecrets(keys); ; ) {
    try {
      return await open()
    } catch (error) {
      const after = await loadSecrets(keys)
      if (isSame(before, after)) throw error
      before = after
    }
  }
}

function isSame(some: ReadonlyMap<string, SecretRow>, others: ReadonlyMap<string, SecretRow>): boolean {
  return (
    some.size === others.size && [...some].every(([name, { wrapped }]) => others.get(name)?.wrapped.equals(wrapped))
  )
}

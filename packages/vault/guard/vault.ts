import { randomBytes, randomUUID } from 'node:crypto'
import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { NO_WITNESSES, type TrustPolicy } from '@doverie/core/log'
import type { Policy } from '@doverie/core/policy'
import type { CalendarYear } from '@doverie/core/request'
import type { DocumentTexts } from '../documents/texts.ts'
import type pg from 'pg'
import type { Kms } from '../seal/kms.ts'
import { openPool, transaction } from '../store/database.ts'
import { type Evictions, openEvictions } from '../store/evictions.ts'
import { assertKnownSchema, migrate } from '../store/migrate.ts'
import { ReadLane } from '../store/read-lane.ts'
import { countUp } from '../store/tally.ts'
import { knowsNobody } from '../store/subjects.ts'
import { KeyRing } from './key-ring.ts'
import { CellKeys } from './cell-keys.ts'
import { People } from './people.ts'
import { mac } from './mac.ts'
import { type CountUp, Guesses, Reach } from './reach.ts'
import { ReadBatcher } from './read-batcher.ts'
import { Roots } from './roots.ts'
import { settlePassing } from './settle-passing.ts'
import { assertRootKey, openSecrets, type VaultSecrets } from './secrets.ts'
import { isWhole, type Standing, standingOf } from './standing.ts'

export interface VaultOptions {
  /** PostgreSQL URL of the data database. */
  readonly dataUrl: string
  /** PostgreSQL URL of the key store: another database, under another role. */
  readonly keystoreUrl: string
  /** Who holds the root key. The first makes its new versions; others still open what was wrapped under theirs. */
  readonly kms: Kms | readonly Kms[]
  /** The ledger's origin, a scheme-less URL prefix (C2SP tlog-checkpoint). What follows it after a restore is named after it. */
  readonly origin: string
  /** True to open, suspended, what is not to be served from: to replay the journal over it. */
  readonly unreplayed?: boolean
  readonly now: () => Instant
  /** Whose cosignatures a checkpoint of the ledger needs to count (c2sp.org/tlog-policy); nobody's unless told. */
  readonly trust?: TrustPolicy
  /** Years of the production calendar that the operator gives, beside or in place of the program's own. */
  readonly calendarYears?: readonly CalendarYear[]
  /** The operator's own words for documents, in place of the program's. */
  readonly documentTexts?: () => DocumentTexts
  /** Where people find the pages of this server; null or absent where that is not known. */
  readonly site?: () => string | null
  /** True where messages to phones go somewhere. Unless told none is written. */
  readonly phones?: boolean
  /** True where people may prove themselves by an identity provider. */
  readonly providers?: boolean
  /** How many people the guard remembers (about 4 KB each; 120,000 if absent), and for how many milliseconds. */
  readonly cachedPeople?: number
  readonly cacheTerm?: number
}

/** Everything the use-cases work with. Opened once per process; nothing of it leaves the vault but through `use`. */
export interface Vault {
  readonly data: pg.Pool
  readonly keys: pg.Pool
  /** The ledger's present name. */
  readonly origin: string
  readonly trust: TrustPolicy
  /** The name that was configured. */
  readonly baseOrigin: string
  readonly secrets: VaultSecrets
  readonly roots: Roots
  readonly cells: CellKeys
  readonly ring: KeyRing
  readonly people: People
  readonly reach: Reach
  readonly guesses: Guesses
  readonly reads: ReadBatcher
  readonly calendarYears: readonly CalendarYear[]
  readonly documentTexts: DocumentTexts
  /** Where people find the pages of this server; null where that is not known. */
  readonly site: () => string | null
  readonly phones: boolean
  readonly providers: boolean
  readonly now: () => Instant
  readonly random: (length: number) => Buffer
  readonly newId: () => Uuid
  /** The policy in force, or null: then everything is refused. */
  readonly policy: () => Policy | null
  readonly setPolicy: (policy: Policy | null) => void
  /** From here on everything is refused, whatever policy is set: the data are not those of the key store. */
  readonly suspend: () => void
  readonly suspended: () => boolean
  /** Whether reads are turned away, unrecorded, until the ledger's writer has caught up. */
  readonly holdReads: (hold: boolean) => void
  readonly close: () => Promise<void>
}

const LANES = 2

/**
 * Opens both databases, brings them to this version's schema and opens the secrets. Throws, leaving no connection behind:
 * `data-newer`, `wrong-root-key`, `key-missing`, `restore-pending`, `storage-unavailable`.
 */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const data = openPool(options.dataUrl, 10)
  const keys = openPool(options.keystoreUrl, 4)
  const evictions = openEvictions(options.dataUrl)
  // Asked in the middle of transactions of the key store: waiting there for one of its own connections could be for ever.
  const side = openPool(options.keystoreUrl, 1)
  const roots = new Roots(side, [options.kms].flat())
  try {
    // Everything that may refuse before anything that writes.
    await assertKnownSchema(keys, 'keys')
    await assertKnownSchema(data, 'data')
    await assertRootKey(keys, roots)
    await migrate(keys, 'keys')
    await migrate(data, 'data')
    const random = pooledRandom()
    const secrets = await openSecrets(keys, roots, random, { fresh: await knowsNobody(data), at: options.now() })
    const standing = await transaction(data, (tx) => standingOf(tx, keys, options.origin))
    if (!isWhole(standing) && options.unreplayed !== true) throw restorePending(standing)
    await settlePassing(data, secrets)
    const vault = assemble(options, { data, keys, side, roots, secrets, random, evictions, origin: standing.origin })
    // INVARIANT: restored or older data serve nothing until the journal was replayed over them.
    if (!isWhole(standing)) vault.suspend()
    await evictions.listen(
      (subject) => {
        vault.people.forget(subject)
      },
      () => {
        vault.people.forgetAll()
      },
    )
    return vault
  } catch (error) {
    await Promise.allSettled([data.end(), keys.end(), side.end(), evictions.close()])
    throw error
  }
}

function assemble(
  options: VaultOptions,
  parts: Pick<Vault, 'data' | 'keys' | 'roots' | 'secrets' | 'random' | 'origin'> & {
    readonly side: pg.Pool
    readonly evictions: Evictions
  },
): Vault {
  const { data, keys, side, roots, secrets, random, evictions } = parts
  const newId = (): Uuid => randomUUID()
  const term = options.cacheTerm ?? 10 * 60_000
  const cells = new CellKeys(keys, roots, term)
  const ring = new KeyRing(keys, cells, random, newId)
  const people = new People(data, ring, random, options.cachedPeople ?? 120_000, term)
  const lanes = Array.from({ length: LANES }, () => new ReadLane(options.dataUrl))
  let policy: Policy | null = null
  let suspended = false
  let held = false
  const inForce = (): Policy | null => (suspended ? null : policy)
  const counted: CountUp = (what, endsAt, by, limit) =>
    countUp(data, mac({ secrets }, 'tally', what), endsAt, by, limit)
  const reads = new ReadBatcher({ held: () => held, policy: inForce, people, lanes, now: options.now, random, newId })
  return {
    data,
    keys,
    origin: parts.origin,
    baseOrigin: options.origin,
    trust: options.trust ?? NO_WITNESSES,
    secrets,
    roots,
    cells,
    ring,
    people,
    reach: new Reach(counted),
    guesses: new Guesses(counted),
    reads,
    calendarYears: options.calendarYears ?? [],
    get documentTexts() {
      return options.documentTexts?.() ?? {}
    },
    site: options.site ?? (() => null),
    phones: options.phones ?? false,
    providers: options.providers ?? false,
    now: options.now,
    random,
    newId,
    policy: inForce,
    suspend: () => {
      suspended = true
    },
    suspended: () => suspended,
    holdReads: (hold) => {
      held = hold
    },
    setPolicy: (next) => {
      policy = next
    },
    close: async () => {
      await Promise.allSettled([...lanes.map((lane) => lane.close()), evictions.close()])
      await Promise.allSettled([data.end(), keys.end(), side.end()])
    },
  }
}

function restorePending({ dataRestored, keysRestored, dataOlder }: Standing): DoverieError {
  if (dataRestored || keysRestored) return new DoverieError('restore-pending')
  return new DoverieError(
    'restore-pending',
    dataOlder
      ? 'The data are older than their key store. If they were restored, replay the journal over them: doverie restore replay.'
      : 'The key store is older than the data. Put its newest copy in place, or, if there is none: doverie restore replay.',
  )
}

/** The system's randomness, fetched in larger pieces: each byte is given once. */
function pooledRandom(): (length: number) => Buffer {
  let pool = Buffer.alloc(0)
  return (length) => {
    if (pool.length < length) pool = randomBytes(Math.max(16_384, length))
    const piece = pool.subarray(0, length)
    pool = pool.subarray(length)
    return piece
  }
}

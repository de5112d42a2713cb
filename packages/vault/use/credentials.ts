import { hash } from 'node:crypto'
import { DoverieError, type Instant, isUuid, type Uuid } from '@doverie/core/base'
import type { Caller, ServiceCaller } from '../guard/caller.ts'
import { mac } from '../guard/mac.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { unknownName } from '../guard/vocabulary.ts'
import {
  type CredentialRow,
  findCredential,
  insertCredential,
  listCredentials as list,
  revokeCredential as revoke,
} from '../store/access.ts'
import { transaction } from '../store/database.ts'
import { accessTaken, announceJournal, confirmJournal } from '../store/journal.ts'
import { awaitReads } from '../store/read-lane.ts'
import { accessClauses, assertDuty, assertNoDeputy } from './duties.ts'

const DAY = 86_400_000
const PREFIX = 'dvr_'

export interface CredentialRequest {
  /** The calling service, as the policy names it. */
  readonly actor: string
  readonly entities: readonly string[]
  readonly purposes: readonly string[]
  /** How many different people it may reach in an hour. */
  readonly peoplePerHour: number
  readonly expiresInDays: number
}

/** Issues a credential to a calling service. The token is shown here once; only its keyed hash is kept. */
export async function issueCredential(
  vault: Vault,
  caller: Caller,
  request: CredentialRequest,
): Promise<{ readonly credential: Uuid; readonly token: string; readonly expiresAt: Instant }> {
  await assertDuty(vault, caller, 'access')
  assertNoDeputy(caller)
  checkScope(vault, request)
  const at = vault.now()
  const token = `${PREFIX}${vault.random(32).toString('base64url')}`
  const credential = vault.newId()
  const expiresAt = at + request.expiresInDays * DAY
  const row: CredentialRow = {
    credential_id: credential,
    actor: request.actor,
    entities: request.entities,
    purposes: request.purposes,
    people_per_hour: request.peoplePerHour,
    created_at: new Date(at),
    expires_at: new Date(expiresAt),
    revoked_at: null,
  }
  await transaction(vault.data, async (tx) => {
    await insertCredential(tx, row, mac(vault, 'credential', token))
    const { actor, entities, purposes, peoplePerHour } = request
    const detail = { credential, actor, entities: [...entities], purposes: [...purposes], peoplePerHour }
    await recordAct(vault, tx, 'issue-credential', caller, accessClauses(vault), detail)
  })
  return { credential, token, expiresAt }
}

function checkScope(vault: Vault, { actor, entities, purposes }: CredentialRequest): void {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  if (policy.actors.get(actor)?.kind !== 'service') {
    throw new DoverieError('invalid-request', 'The policy knows no such calling service.', { field: 'actor' })
  }
  if (entities.some((entity) => !policy.entities.has(entity))) {
    throw unknownName(policy, 'entity', 'entities')
  }
  if (purposes.some((purpose) => !policy.purposes.has(purpose))) {
    throw unknownName(policy, 'purpose', 'purposes')
  }
}

/** Revokes a credential: when this returns, no read of its bearer commits any more. */
export async function revokeCredential(vault: Vault, caller: Caller, id: string): Promise<void> {
  await assertDuty(vault, caller, 'access')
  if (!isUuid(id)) throw new DoverieError('not-found')
  const at = vault.now()
  const entry = vault.newId()
  await transaction(vault.data, async (tx) => {
    if (!(await revoke(tx, id, at))) throw new DoverieError('not-found')
    await recordAct(vault, tx, 'revoke-credential', caller, accessClauses(vault), { credential: id })
    await announceJournal(vault.keys, [accessTaken(entry, 'credential-revoked', id, at)])
  })
  forget(vault)
  await awaitReads(vault.data)
  await confirmJournal(vault.keys, [entry])
}

export interface CredentialSummary {
  readonly credential: Uuid
  readonly actor: string
  readonly entities: readonly string[]
  readonly purposes: readonly string[]
  readonly peoplePerHour: number
  readonly expiresAt: Instant
  readonly revokedAt: Instant | null
}

export async function listCredentials(vault: Vault, caller: Caller): Promise<readonly CredentialSummary[]> {
  await assertDuty(vault, caller, 'access')
  return (await list(vault.data)).map((row) => ({
    credential: row.credential_id,
    actor: row.actor,
    entities: row.entities,
    purposes: row.purposes,
    peoplePerHour: row.people_per_hour,
    expiresAt: row.expires_at.getTime(),
    revokedAt: row.revoked_at?.getTime() ?? null,
  }))
}

/** Credentials seen lately by the hash of their token. Never trusted for revocation: the statement that reads looks again. */
const CACHE_TERM = 30_000
const CACHE_SIZE = 1_000
interface Seen {
  readonly caller: ServiceCaller
  readonly until: Instant
}
const seen = new WeakMap<Vault, Map<string, Seen>>()

function isToken(token: string): boolean {
  return token.startsWith(PREFIX) && token.length === PREFIX.length + 43
}

/** Who bears a token that was authenticated in the last half minute, at once; null where that is to be found out. */
export function knownCredential(vault: Vault, token: string): ServiceCaller | null {
  const known = isToken(token) ? seen.get(vault)?.get(hash('sha256', token, 'hex')) : undefined
  return known !== undefined && known.until > vault.now() ? known.caller : null
}

/**
 * Who bears this token, or null where it is unknown, expired or revoked. Reads check the revocation again in their own
 * statement; other acts of services go by at most half a minute old knowledge in other processes.
 */
export async function authenticateCredential(vault: Vault, token: string): Promise<ServiceCaller | null> {
  const known = knownCredential(vault, token)
  if (known !== null) return known
  if (!isToken(token)) return null
  const now = vault.now()
  const digest = hash('sha256', token, 'hex')
  const cache = seen.get(vault) ?? new Map<string, Seen>()
  seen.set(vault, cache)
  const row = await findCredential(vault.data, mac(vault, 'credential', token))
  if (row === null || row.revoked_at !== null || row.expires_at.getTime() <= now) {
    cache.delete(digest)
    return null
  }
  const caller: ServiceCaller = {
    kind: 'service',
    name: row.actor,
    credential: row.credential_id,
    entities: row.entities,
    purposes: row.purposes,
    peoplePerHour: row.people_per_hour,
  }
  if (cache.size >= CACHE_SIZE) cache.clear()
  cache.set(digest, { caller, until: Math.min(now + CACHE_TERM, row.expires_at.getTime()) })
  return caller
}

function forget(vault: Vault): void {
  seen.delete(vault)
}

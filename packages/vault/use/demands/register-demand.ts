import { DoverieError, type Instant } from '@doverie/core/base'
import { demandBeginning, demandDue, endOfDay, nextDemandEscalation } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { createLetterKey } from '../../guard/letter-keys.ts'
import { mac, sameMac } from '../../guard/mac.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { checkRecipientKey } from '../../seal/for-recipient.ts'
import { transaction } from '../../store/database.ts'
import { type DemandRow, findDemandOfLetter, insertDemand } from '../../store/demands.ts'
import { findLetterBySource, insertLetter, insertPart, type LetterRow, nextNumber } from '../../store/letters.ts'
import { assertDuty } from '../duties.ts'
import { lawFor, numberOf, policyOf, yearOf } from '../requests/law.ts'
import { contentOf, type LetterWords, sealContent } from '../requests/letter-content.ts'
import { authorityOf, normOf } from './norms.ts'

/** A demand of an authority, as somebody brings it to the register. */
export interface DemandIn extends LetterWords {
  readonly recipient: string
  /** The norm by which it asks, one of the policy's for this authority; null where it names none of them. */
  readonly norm: string | null
  /** Its own number and day (`2026-11-20`). */
  readonly reference: string
  readonly dated: string
  readonly entity: string
  readonly channel: 'paper' | 'mail'
  readonly receivedAt?: Instant | undefined
  /** The day by which it wants an answer, if it says so. */
  readonly dueBy?: string | undefined
  /** The recipient's public key (age) to which the answer is encrypted. */
  readonly key?: string | undefined
  /** Until the end of which day whom it is about must not be told of it, and by which norm. */
  readonly secretUntil?: string | undefined
  readonly secretNorm?: string | undefined
  readonly source?: string | undefined
}

const CENTURY = Date.UTC(2000, 0, 1)

/**
 * Registers a demand of an authority (clauses on disclosure; 152-FZ art. 7, 20(4)) with its letter, sealed, and starts its clock, which
 * counts from the receipt. One that names no norm of the policy can only be refused. Once per `source`; with other content that is
 * `idempotency-conflict`. Throws `invalid-request`, changing nothing.
 */
export async function registerDemand(vault: Vault, caller: Caller, given: DemandIn): Promise<DemandRow> {
  const staff = await assertDuty(vault, caller, 'requests')
  const policy = policyOf(vault)
  const law = lawFor(vault, policy)
  const at = vault.now()
  const authority = authorityOf(policy, given.recipient)
  const norm = normOf(authority, given.norm)
  checkDemand(given, at)
  if (!policy.entities.has(given.entity)) throw new DoverieError('unknown-entity', undefined, { field: 'entity' })
  const secretUntil = secrecyOf(given, law.zone, at)
  const receivedAt = given.receivedAt ?? at
  const due = demandDue(law, norm?.term ?? null, given.dueBy ?? null, receivedAt)
  const source = given.source === undefined ? null : mac(vault, 'letter-source', `demand ${given.source}`)
  const { parts: files = [], ...said } = given
  const contentHash =
    source === null
      ? null
      : mac(
          vault,
          'letter-content',
          JSON.stringify([said, files.map(({ name, content }) => [name, Buffer.from(content).toString('base64')])]),
        )
  const before = source === null ? null : await registeredBefore(vault, source, contentHash)
  if (before !== null) return before
  const id = vault.newId()
  const key = await createLetterKey(vault, id, at)
  const parts = files.map((part) => ({ id: vault.newId(), part }))
  const content = contentOf(given, parts)
  const year = yearOf(law.zone, at)
  const clauses = norm?.clauses ?? authority.clauses
  return transaction(vault.data, async (tx) => {
    const letter: LetterRow = {
      ...{ id, number: numberOf(year, await nextNumber(tx, vault.keys, 'letter', year)), channel: given.channel },
      ...{ receivedAt, registeredAt: at, registeredBy: staff.pseudonym, source, contentHash, thread: null },
      ...{ subject: null, identity: 'none', proof: [], suggested: [], sealed: sealContent(key, content) },
      parts: parts.length,
      bytes: content.parts.reduce((sum, { bytes }) => sum + bytes, 0),
    }
    await insertLetter(tx, letter)
    for (const {
      id: part,
      part: { content: plain },
    } of parts)
      await insertPart(tx, id, part, key.seal(part, plain))
    const demand: DemandRow = {
      id: vault.newId(),
      number: numberOf(year, await nextNumber(tx, vault.keys, 'demand', year)),
      letter: id,
      ...{ recipient: given.recipient, norm: given.norm, reference: given.reference, dated: given.dated },
      ...{ entity: given.entity, policy: policy.id, receivedAt, registeredAt: at, registeredBy: staff.pseudonym },
      state: demandBeginning(given.norm),
      ...{ dueAt: due.planned, outerAt: due.outer, told: 0 },
      wakeAt: nextDemandEscalation(receivedAt, due.planned, 0),
      ageKey: given.key ?? null,
      ...{ secretUntil, secretNorm: given.secretNorm ?? null },
      refusal: norm === null ? { reason: 'no-norm', clauses: authority.clauses } : null,
      ...{ endedAt: null, late: false },
    }
    await insertDemand(tx, demand)
    const detail = { recipient: given.recipient, norm: given.norm ?? 'none', parts: parts.length, state: demand.state }
    await recordAct(vault, tx, 'register-demand', caller, clauses, detail)
    return demand
  })
}

async function registeredBefore(
  vault: Vault,
  source: Uint8Array,
  contentHash: Uint8Array | null,
): Promise<DemandRow | null> {
  const letter = await findLetterBySource(vault.data, source)
  if (letter === null) return null
  if (letter.contentHash === null || contentHash === null || !sameMac(letter.contentHash, contentHash))
    throw new DoverieError('idempotency-conflict')
  return findDemandOfLetter(vault.data, letter.id)
}

function checkDemand({ receivedAt, dated, dueBy, key }: DemandIn, now: Instant): void {
  if (receivedAt !== undefined && (receivedAt > now || receivedAt < CENTURY)) {
    throw new DoverieError('invalid-request', 'A demand is received before it is registered.', { field: 'receivedAt' })
  }
  for (const [field, day] of [
    ['dated', dated],
    ['dueBy', dueBy],
  ] as const)
    if (day !== undefined) dayOf('UTC', day, field)
  if (dayOf('UTC', dated, 'dated') > now + 2 * 86_400_000)
    throw new DoverieError('invalid-request', 'A demand bears no day to come.', { field: 'dated' })
  if (key !== undefined) checkRecipientKey(key)
}

/** A secret is looked at again within a year: one member of staff names it, and it hides what they ask, too. */
const MOST_SECRET = 366 * 86_400_000

/** The first moment at which whom it is about is told; null where nothing forbids it. */
function secrecyOf({ secretUntil, secretNorm }: DemandIn, zone: string, now: Instant): Instant | null {
  if (secretUntil === undefined && secretNorm === undefined) return null
  if (secretUntil === undefined || secretNorm === undefined || secretNorm.trim() === '') {
    throw new DoverieError('invalid-request', 'Only a norm forbids to tell, and until a day: name both.', {
      field: secretUntil === undefined ? 'secretUntil' : 'secretNorm',
    })
  }
  const until = dayOf(zone, secretUntil, 'secretUntil')
  if (until <= now) throw new DoverieError('invalid-request', 'That day is over.', { field: 'secretUntil' })
  if (until > now + MOST_SECRET) {
    throw new DoverieError('invalid-request', 'For a year at most; then it is named anew.', { field: 'secretUntil' })
  }
  return until
}

function dayOf(zone: string, day: string, field: string): Instant {
  try {
    return endOfDay(zone, day)
  } catch {
    throw new DoverieError('invalid-request', 'This is no day (2026-12-01).', { field })
  }
}

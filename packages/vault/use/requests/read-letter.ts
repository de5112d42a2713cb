import { createHash } from 'node:crypto'
import { DoverieError, type Instant, isUuid, type Uuid } from '@doverie/core/base'
import type { Caller } from '../../guard/caller.ts'
import { type LetterKey, loadLetterKey } from '../../guard/letter-keys.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import { findPart, type LetterRow } from '../../store/letters.ts'
import { listAdditions, markAdditionsSeen } from '../../store/mail-in.ts'
import { listRequestsOfLetter, type RequestRow } from '../../store/requests.ts'
import { assertDuty } from '../duties.ts'
import { clausesOf, policyOf } from './law.ts'
import { type Addition, type LetterContent, openAddition, openContent, type PartInfo } from './letter-content.ts'
import { kRefOf, letterOf } from './on-request.ts'

export interface ReadLetter {
  readonly letter: LetterRow
  /** Null once its term of keeping is over. */
  readonly content: LetterContent | null
  readonly requests: readonly RequestRow[]
  /** What the same address wrote in answer, the oldest first; to staff alone: nobody is proved by an address. */
  readonly additions: readonly (Addition & { readonly receivedAt: Instant })[]
}

/**
 * Opens a letter for whoever sees to people's requests, or for the person who wrote it signed in. The reading is in the ledger, and
 * in the history of the person it is about, before anything of it is given.
 */
export async function readLetter(vault: Vault, caller: Caller, id: string): Promise<ReadLetter> {
  const letter = await letterOf(vault, id)
  await assertMayRead(vault, caller, letter)
  await recordReading(vault, caller, letter, 'read-letter')
  const requests = await listRequestsOfLetter(vault.data, letter.id)
  if (letter.sealed === null) return { letter, content: null, requests, additions: [] }
  const key = await loadLetterKey(vault, letter.id, vault.now())
  const content = openContent(key, letter.sealed)
  if (caller.kind === 'subject') return { letter, content, requests, additions: [] }
  const added = await listAdditions(vault.data, letter.id)
  const additions = added.map(({ id: one, sealed, receivedAt }) => ({
    ...openAddition(key, one, sealed),
    receivedAt,
  }))
  const unseen = added.filter(({ seenAt }) => seenAt === null).map(({ id: one }) => one)
  if (unseen.length > 0) await markAdditionsSeen(vault.data, letter.id, unseen, vault.now())
  return { letter, content, requests, additions }
}

/** Opens what hung on a letter, as it came. Throws `not-found`. */
export async function readPart(
  vault: Vault,
  caller: Caller,
  id: string,
  part: string,
): Promise<{ readonly name: string; readonly type: string; readonly content: Buffer }> {
  const letter = await letterOf(vault, id)
  await assertMayRead(vault, caller, letter)
  const sealed = isUuid(part) ? await findPart(vault.data, letter.id, part) : null
  if (sealed === null || letter.sealed === null) throw new DoverieError('not-found', undefined, { field: 'part' })
  await recordReading(vault, caller, letter, 'read-letter-part')
  const key = await loadLetterKey(vault, letter.id, vault.now())
  const info = [...openContent(key, letter.sealed).parts, ...(await addedParts(vault, caller, letter.id, key))].find(
    (one) => one.id === part,
  )
  if (info === undefined) throw new DoverieError('not-found', undefined, { field: 'part' })
  return { name: info.name, type: info.type, content: key.open(part, sealed) }
}

/** What is said to be signed, and its signature, as they came. */
export interface SignedParts {
  readonly content: Buffer
  /** SHA-256 of what was signed, hex. */
  readonly hash: string
  readonly signature: Buffer
}

/**
 * Opens what was signed of a letter (its text where `content` is null) and its signature, for staff. INVARIANT: what was signed is of the
 * letter itself: what joined it later came from whoever writes under an address, and asks something else. A signature may join it later: it is
 * of what it signs. Nothing counts as read by that: nobody has read it. Throws `not-found`.
 */
export async function openSigned(
  vault: Vault,
  caller: Caller,
  id: string,
  given: { readonly content: string | null; readonly signature: string },
): Promise<SignedParts> {
  await assertDuty(vault, caller, 'requests')
  const letter = await letterOf(vault, id)
  if (letter.sealed === null) throw new DoverieError('not-found', undefined, { field: 'content' })
  await recordReading(vault, caller, letter, 'read-letter-part')
  const key = await loadLetterKey(vault, letter.id, vault.now())
  const { parts, text } = openContent(key, letter.sealed)
  const joined = await addedParts(vault, caller, letter.id, key)
  const open = async (part: string, field: 'content' | 'signature', among: readonly PartInfo[]): Promise<Buffer> => {
    const known = isUuid(part) && among.some((one) => one.id === part)
    const sealed = known ? await findPart(vault.data, letter.id, part) : null
    if (sealed !== null) return key.open(part, sealed)
    const why = field === 'content' ? 'A part of the letter itself is wanted, not of what joined it.' : undefined
    throw new DoverieError('not-found', why, { field })
  }
  const content = given.content === null ? Buffer.from(text) : await open(given.content, 'content', parts)
  const signature = await open(given.signature, 'signature', [...parts, ...joined])
  const hash = createHash('sha256').update(content).digest('hex')
  return { content, hash, signature }
}

/** What hung on answers that joined a letter: for staff alone, as they are. */
async function addedParts(vault: Vault, caller: Caller, letter: Uuid, key: LetterKey): Promise<readonly PartInfo[]> {
  if (caller.kind === 'subject') return []
  const added = await listAdditions(vault.data, letter)
  return added.flatMap(({ id, sealed }) => openAddition(key, id, sealed).parts)
}

async function assertMayRead(vault: Vault, caller: Caller, letter: LetterRow): Promise<void> {
  if (caller.kind === 'subject') {
    // Whose it is not is told no more than that there is none.
    if (letter.subject !== caller.subject || letter.identity !== 'proved') throw new DoverieError('not-found')
    return
  }
  await assertDuty(vault, caller, 'requests')
}

async function recordReading(vault: Vault, caller: Caller, letter: LetterRow, act: string): Promise<void> {
  const tie = { kRef: await kRefOf(vault, letter.subject), operation: 'extract' as const }
  await transaction(vault.data, (tx) =>
    recordAct(vault, tx, act, caller, clausesOf(policyOf(vault)), { channel: letter.channel }, tie),
  )
}

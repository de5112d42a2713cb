import { DoverieError, type Instant } from '@doverie/core/base'
import { indexForm, type Policy } from '@doverie/core/policy'
import { numberInHeading, recognise } from '@doverie/core/request'
import { isOfLostKey, loadLetterKey } from '../../guard/letter-keys.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import { findLetter, insertPart, type LetterRow } from '../../store/letters.ts'
import { insertAddition, insertTaken } from '../../store/mail-in.ts'
import type { SentMail } from '../../store/mail-sent.ts'
import { findRequestByNumber, holdOpenRequests, listRequestsOfLetter, type RequestRow } from '../../store/requests.ts'
import { clausesOf, marksOf } from './law.ts'
import { type MailNotes, openContent, sealAddition } from './letter-content.ts'
import { partsOf, type ReadMessage, senderOf } from './message-in.ts'
import { kRefOf } from './on-request.ts'
import { partInfo } from './letter-content.ts'

/** The letter that a message says it answers. */
export interface Thread {
  readonly letter: LetterRow
  readonly requests: readonly RequestRow[]
  /** True where it comes from the address that the letter came from. That is no proof of anything: nothing is shown or widened by it. */
  readonly same: boolean
}

export async function threadOf(
  vault: Vault,
  read: ReadMessage,
  from: string | null,
  answered: readonly SentMail[],
): Promise<Thread | null> {
  const numbered = numberInHeading(read.heading)
  const request = numbered === null ? null : await findRequestByNumber(vault.data, numbered)
  const ids = new Set([...answered.map(({ letter }) => letter), request?.letter ?? null])
  let claimed: Thread | null = null
  for (const id of ids) {
    const letter = id === null ? null : await findLetter(vault.data, id)
    if (letter === null) continue
    const requests = await listRequestsOfLetter(vault.data, letter.id)
    const same = from !== null && (await writerOf(vault, letter)) === from
    if (same) return { letter, requests, same }
    claimed ??= { letter, requests, same }
  }
  return claimed
}

/** The address that a letter came from; null where it has none, or can be read no more. */
async function writerOf(vault: Vault, letter: LetterRow): Promise<string | null> {
  if (letter.sealed === null) return null
  try {
    const key = await loadLetterKey(vault, letter.id, vault.now())
    return indexForm('email', openContent(key, letter.sealed).sender.email)
  } catch (error) {
    if (isOfLostKey(error)) return null
    throw error
  }
}

/** True where an answer asks for something that its letter has not asked for, or comes when all of that has ended. */
export function asksAnew(policy: Policy, read: ReadMessage, own: string, { requests }: Thread): boolean {
  const open = requests.filter(({ endedAt }) => endedAt === null)
  if (open.length === 0) return true
  const { marked, suggested } = recognise(marksOf(policy), read.heading, own)
  return (
    marked.some((kind) => !open.some((request) => request.kind === kind)) ||
    suggested.some((kind) => !requests.some((request) => request.kind === kind))
  )
}

/** Adds an answer to the letter that it answers, sealed under that letter's key, for whoever sees to it. Throws `conflict` where all that the letter asked for has ended. */
export async function joinLetter(
  vault: Vault,
  policy: Policy,
  letter: LetterRow,
  given: {
    readonly read: ReadMessage
    readonly raw: Uint8Array
    readonly receivedAt: Instant
    readonly mail: MailNotes
    readonly source: Uint8Array
  },
): Promise<void> {
  const now = vault.now()
  const { read, mail, source } = given
  const key = await loadLetterKey(vault, letter.id, now)
  const id = vault.newId()
  const named = partsOf(given).map((part) => ({ id: vault.newId(), part }))
  const { heading, text, messageId } = read
  const addition = { sender: senderOf(read), heading, text, messageId, parts: named.map(partInfo), mail }
  const receivedAt = Math.min(given.receivedAt, now)
  const tie = { kRef: await kRefOf(vault, letter.subject), operation: 'record' as const }
  await transaction(vault.data, async (tx) => {
    // Staff may have ended the last of them since they were read: nobody would look at what is added then.
    if (!(await holdOpenRequests(tx, letter.id))) throw new DoverieError('conflict')
    await insertTaken(tx, source, 'joined', now)
    const sealed = sealAddition(key, id, addition)
    await insertAddition(tx, { letter: letter.id, id, receivedAt, sealed, seenAt: null })
    for (const {
      id: part,
      part: { content },
    } of named)
      await insertPart(tx, letter.id, part, key.seal(part, content))
    await recordAct(vault, tx, 'join-letter', null, clausesOf(policy), { parts: named.length }, tie)
  })
}

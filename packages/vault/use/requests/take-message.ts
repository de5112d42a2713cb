import { isDoverieError, type Uuid } from '@doverie/core/base'
import { indexForm, type Policy } from '@doverie/core/policy'
import {
  asksNoReceipt,
  authenticationHint,
  type MailNature,
  mailNature,
  ownWords,
  readDeliveryStatus,
  recognise,
} from '@doverie/core/request'
import { findHolders } from '../../guard/index-identifiers.ts'
import { createLetterKey } from '../../guard/letter-keys.ts'
import { mac } from '../../guard/mac.ts'
import { idInName, isNameOfLetterTo } from '../../guard/mail-name.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import { insertAside, insertTaken, isMailTaken } from '../../store/mail-in.ts'
import { findSent, type SentMail } from '../../store/mail-sent.ts'
import { returnNotice } from '../notices/send-notice.ts'
import { noteNobody } from '../send-mail.ts'
import { asksAnew, joinLetter, type Thread, threadOf } from './join-letter.ts'
import { marksOf, policyOf } from './law.ts'
import type { MailNotes } from './letter-content.ts'
import { ASIDE } from './mail-aside.ts'
import { identityOf, letterOfMessage, type MessageIn, type ReadMessage } from './message-in.ts'
import { queueReceipt } from './receipt.ts'
import { registerLetter } from './register-letter.ts'

export interface IntakeSettings {
  /** Addresses that are ours: what comes from them is no letter of anybody's. */
  readonly own: readonly string[]
  /** Under which name our mail server says what it found of where a message came from; null: it is not looked at. */
  readonly authenticates: string | null
}

/** What became of a message: `own` is ours and was left where it lies; `known` was taken before. */
export type MailFate = 'registered' | 'joined' | 'aside' | 'own' | 'known'

/** What stands before the `@` of a Message-ID. The id of a letter of ours is random, so who names it has the letter, or had it. */
function namesIn(messageIds: readonly string[]): readonly string[] {
  return messageIds.map((id) => id.toLowerCase().split('@')[0] ?? '')
}

/**
 * Takes a message from the mailbox, once: registers it as a letter, joins it to the letter that it answers, or sets it aside where it is
 * nobody's letter. Durable when it resolves; a crash before leaves nothing, and the message is still in the mailbox. Who it says it is
 * from is a claim: data of whom it names are blocked only as by any unproved letter, and nothing is shown to anybody by it. Throws
 * `policy-absent`.
 */
export async function takeMessage(vault: Vault, message: MessageIn, settings: IntakeSettings): Promise<MailFate> {
  const policy = policyOf(vault)
  const digest = identityOf(message)
  const taking: Taking = { vault, policy, settings, message, digest, source: mac(vault, 'letter-source', digest) }
  if (await isMailTaken(vault.data, taking.source)) return 'known'
  try {
    return await take(taking)
  } catch (error) {
    // Another process was first.
    if (isDoverieError(error, 'conflict') && (await isMailTaken(vault.data, taking.source))) return 'known'
    throw error
  }
}

interface Taking {
  readonly vault: Vault
  readonly policy: Policy
  readonly settings: IntakeSettings
  readonly message: MessageIn
  readonly digest: string
  readonly source: Buffer
}

async function take(taking: Taking): Promise<MailFate> {
  const { vault, policy, message, settings } = taking
  const { read, junk } = message
  if (read === null) return register(taking, 'letter', null, [])
  const own = await findSent(vault.data, idsIn([read.messageId]))
  // Left where it lies: it may be a reminder to staff, who read it there.
  if (own.length > 0) return setAside(taking, 'own', null)
  const nature = mailNature(read.headers, junk)
  const answered = await findSent(vault.data, idsIn([...read.references, ...(read.report?.returned ?? [])]))
  if (nature === 'bounce') return setAside(taking, nature, await bounced(taking, read, answered))
  const from = indexForm('email', read.from?.address ?? '')
  if (from !== null && settings.own.some((address) => indexForm('email', address) === from)) {
    return setAside(taking, 'own-address', null)
  }
  const marked = recognise(marksOf(policy), read.heading, ownWords(read.text)).marked.length > 0
  // INVARIANT: a letter that bears a mark of the policy starts its request, whatever else it looks like.
  if (nature === 'letter' || (marked && (nature === 'list' || nature === 'spam'))) {
    return register(taking, nature, from, answered)
  }
  return setAside(taking, nature, null)
}

function idsIn(messageIds: readonly string[]): readonly Uuid[] {
  return namesIn(messageIds).flatMap((name) => idInName(name) ?? [])
}

/**
 * The letter whose answer did not arrive. INVARIANT: a bounce says something of a mailbox only where it brings back a letter of ours *to it*:
 * whoever had one at a former mailbox of the person can forge nothing of the new.
 */
async function bounced(
  { vault }: Taking,
  { references, report }: ReadMessage,
  sent: readonly SentMail[],
): Promise<Uuid | null> {
  const failed = readDeliveryStatus(report?.status ?? '').filter(({ nobody }) => nobody)
  const names = namesIn([...references, ...(report?.returned ?? [])])
  for (const { id, holder } of sent) {
    const own = names.filter((name) => idInName(name) === id)
    for (const address of failed.flatMap(({ addresses }) => addresses)) {
      if (!own.some((name) => isNameOfLetterTo(vault, name, address))) continue
      await noteNobody(vault, holder, address)
      await returnNotice(vault, holder)
    }
  }
  return failed.length === 0 ? null : (sent.find(({ letter }) => letter !== null)?.letter ?? null)
}

/** Joins a message to the letter that it answers where it is by whoever wrote that, and asks for nothing new; else registers it. */
async function register(
  taking: Taking,
  nature: MailNature,
  from: string | null,
  answered: readonly SentMail[],
): Promise<MailFate> {
  const { vault, policy, message, source, digest } = taking
  const { read } = message
  const thread = read === null ? null : await threadOf(vault, read, from, answered)
  const own = thread === null ? (read?.text ?? '') : ownWords(read?.text ?? '')
  const mail = notesOf(taking, thread)
  if (read !== null && thread?.same === true && !asksAnew(policy, read, own, thread)) {
    const given = { ...message, read, mail, source }
    const joined = await joinLetter(vault, policy, thread.letter, given).then(
      () => true,
      (error: unknown) => {
        if (isDoverieError(error, 'conflict')) return false
        throw error
      },
    )
    if (joined) return 'joined'
  }
  // Whose proved mailbox it says it comes from: unproved, as whatever a letter says. Of two holders nobody knows which.
  const holders = from === null ? [] : await findHolders(vault, 'email', from, 2)
  const subject = holders.length === 1 ? holders[0] : undefined
  const receipt = read !== null && nature === 'letter' && !asksNoReceipt(read.headers) ? read : null
  const letter = { ...letterOfMessage(message, mail, own, vault.now()), subject, source: digest }
  // Another process may have been first.
  let fate: MailFate = 'known'
  await registerLetter(vault, null, letter, async (tx, registered) => {
    fate = 'registered'
    await insertTaken(tx, source, 'registered', vault.now())
    if (receipt?.from != null) {
      await queueReceipt(vault, tx, registered, { to: receipt.from.address, messageId: receipt.messageId })
    }
  })
  return fate
}

function notesOf({ message: { read }, settings }: Taking, thread: Thread | null): MailNotes {
  if (read === null) return { remarks: ['unreadable'], authentication: null, answers: null }
  const other = thread?.same === false
  return {
    remarks: other ? [...read.remarks, 'other-address'] : read.remarks,
    authentication: authenticationHint(read.headers, settings.authenticates),
    answers: thread?.letter.number ?? null,
  }
}

/** Keeps a message for staff to look at, sealed; a letter of ours is only counted. */
async function setAside(
  { vault, message, source }: Taking,
  reason: string,
  letter: Uuid | null,
): Promise<'aside' | 'own'> {
  const now = vault.now()
  const id = vault.newId()
  const sealed = reason === 'own' ? null : (await createLetterKey(vault, id, now)).seal(ASIDE, message.raw)
  const receivedAt = Math.min(message.receivedAt, now)
  const { bytes } = message
  await transaction(vault.data, async (tx) => {
    await insertTaken(tx, source, reason, now)
    await insertAside(tx, { id, reason, receivedAt, bytes, letter, sealed, dismissedAt: null, dismissedBy: null })
  })
  return reason === 'own' ? 'own' : 'aside'
}

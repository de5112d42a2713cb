import { createHash } from 'node:crypto'
import { canonical, DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import { extendable, EXTENSION_REASONS, type ExtensionReason } from '@doverie/core/request'
import { answerExport, type ExportedField, exportCsv } from '../../documents/answer-export.ts'
import { renderPdf } from '../../documents/pdf.ts'
import type { DocumentLanguage } from '../../documents/texts.ts'
import type { Caller } from '../../guard/caller.ts'
import { createAnswerKey, loadAnswerKey } from '../../guard/answer-keys.ts'
import { findHolders } from '../../guard/index-identifiers.ts'
import { answeringKey, isOfLostKey, type LetterKey, loadLetterKey } from '../../guard/letter-keys.ts'
import { type Letter, queueLetter } from '../../guard/letters.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import { type LetterRow, nextNumber } from '../../store/letters.ts'
import { findReply, insertReply, markReplySent, type ReplyKind, type ReplyRow } from '../../store/replies.ts'
import type { RequestRow } from '../../store/requests.ts'
import { assertDuty, assertOfficer } from '../duties.ts'
import { decideAccess } from '../open-fields.ts'
import { composeReply } from './compose-reply.ts'
import { pageOf } from '../page-of.ts'
import { passwordOf } from '../password.ts'
import { answerPurpose, gatherAnswer } from './gather-answer.ts'
import { isUnproved } from './identity.ts'
import { clausesOf, firstEntity, numberOf, policyOf, registrarOf, yearOf } from './law.ts'
import { type LetterContent, openContent } from './letter-content.ts'
import { type LaterEvent, moved } from './move-request.ts'
import { actOnRequest, type Case, caseOf, kRefOf, letterOf } from './on-request.ts'
import { exportPart } from './reply-parts.ts'
import { type Remaining, remainingOf } from './remaining.ts'
import { ticketOf } from './ticket.ts'
import { type Withdrawn, withdrawnSince } from './withdrawn.ts'

/** Documents that staff send; the others come of themselves. */
export const REPLY_KINDS = ['identity', 'extension', 'answer', 'refusal', 'confirmation'] as const
export type SentReplyKind = (typeof REPLY_KINDS)[number]

/**
 * How a reply goes out: by mail, to the person's page behind sign-in, printed for the post, or, where they asked for that, attached to a mail
 * and encrypted under a password that they are told by another way.
 */
export const REPLY_CHANNELS = ['mail', 'portal', 'print', 'attachment'] as const
export type ReplyChannel = (typeof REPLY_CHANNELS)[number]

/** A mailbox is proved to be one person's, save for moments in which it changes hands. */
const MOST_HOLDERS = 20

export interface ReplyRequest {
  readonly request: string
  readonly kind: SentReplyKind
  /** Own words, added to the template; for an extension, why it is needed: without them no notice is reasoned. */
  readonly note?: string | undefined
  /** For an extension: which clock, and why by the closed list. */
  readonly rule?: string | undefined
  readonly reason?: ExtensionReason | undefined
  readonly channel?: ReplyChannel | undefined
  readonly language?: DocumentLanguage | undefined
  /** Who signs, by name, for the line where they do. */
  readonly signatory?: string | undefined
}

export interface SentReply {
  readonly reply: ReplyRow
  readonly request: RequestRow
  /** Of what is attached encrypted: told once, here, and kept nowhere. */
  readonly password: string | null
}

/**
 * Makes a document from the registers and sends it the way the letter came, with its hash in the ledger. What it says is so with its
 * sending: an extension extends, an answer or a refusal ends the request, at once where it goes by mail or to the person's page,
 * and for print once it is posted (`markPosted`). Throws `conflict`, sending nothing, where the request does not stand there.
 */
export async function sendReply(vault: Vault, caller: Caller, given: ReplyRequest): Promise<SentReply> {
  await assertDuty(vault, caller, 'requests')
  return makeReply(vault, caller, given)
}

/**
 * The same in the name of staff, whose duty was checked, or of the software (null), which answers with nobody's data. `printed` is done
 * in the same transaction where the document waits to be posted.
 */
export async function makeReply(
  vault: Vault,
  caller: Caller | null,
  given: ReplyRequest,
  printed: (tx: Queryable) => Promise<void> = () => Promise.resolve(),
): Promise<SentReply> {
  const found = await caseOf(vault, given.request)
  const { note = '', kind, language = 'ru' } = given
  const event = stepOf(found, given, vault.now())
  // Of whom it is about something may be held: nobody is told that there is nothing.
  if (ofData(kind, found) && isUnproved(found.request.kind, found.letter))
    throw new DoverieError('conflict', 'Nothing is answered before it is proved who asks.', { field: 'letter' })
  const content = await contentOf(vault, found)
  const channel = channelOf(found, content, given.channel)
  if (channel === 'attachment') await assertOwnMailbox(vault, found, content)
  const information = caller !== null && ofData(kind, found) ? await gatherAnswer(vault, caller, found) : null
  const remaining = await remainingNow(vault, found, language)
  const withdrawn = await withdrawnNow(vault, found, language)
  const key = await (found.letter.sealed === null ? loadLetterKey : answeringKey)(vault, found.letter.id, vault.now())
  const id = vault.newId()
  const { subject } = found.letter
  // INVARIANT: a copy of a person's data goes with the data, whatever the letter is kept for.
  const seals = information === null || subject === null ? key : await createAnswerKey(vault, key, subject, id)
  const password = channel === 'attachment' ? passwordOf(vault) : null
  const replies: ReplyRow[] = []
  const request = await actOnRequest(vault, found, {
    name: 'send-reply',
    operation: ofData(kind, found) ? 'transfer:provide' : 'use',
    caller,
    // What is printed counts once it is posted; that it could be sent is known now.
    events: (row) => {
      moved(found.law, row, [event])
      return channel === 'print' ? [] : [event]
    },
    detail: { document: kind, channel },
    also: async (tx, row, entry) => {
      const madeAt = vault.now()
      const year = yearOf(found.law.zone, madeAt)
      const number = numberOf(year, await nextNumber(tx, vault.keys, 'reply', year))
      const after = channel === 'print' ? moved(found.law, row, [event]) : row
      const texts = vault.documentTexts
      const document = composeReply(found, {
        ...{ kind, language, texts, content, after, note, information, remaining, withdrawn, madeAt, number },
        ...{ providers: vault.providers, signatory: given.signatory ?? '' },
      })
      const pdf = await renderPdf(document)
      const data = information === null ? null : Buffer.from(canonical(answerExport(information, number)))
      const reply: ReplyRow = {
        id,
        number,
        letter: found.letter.id,
        request: found.request.id,
        kind,
        channel,
        madeAt,
        madeBy: registrarOf(caller),
        sentAt: channel === 'print' ? null : madeAt,
        hash: createHash('sha256').update(pdf).digest(),
        bytes: pdf.length,
        sealed: seals.seal(id, pdf),
        export: data === null ? null : seals.seal(exportPart(id), data),
        ofPerson: seals !== key,
        event: channel === 'print' ? event : null,
      }
      await insertReply(tx, reply)
      await enterHash(vault, tx, found, caller, reply, entry, data)
      const sent = password === null ? pdf : await renderPdf(document, password)
      await (channel === 'print' ? printed(tx) : queueReply(vault, tx, found, content, reply, sent))
      replies.push(reply)
    },
  })
  const [reply] = replies
  if (reply === undefined) throw new DoverieError('internal')
  return { reply, request, password }
}

/** Records that a printed document was handed to the post: from here on it counts as sent. Throws `conflict` where it is too late for what it says. */
export async function markPosted(vault: Vault, caller: Caller, id: string): Promise<SentReply> {
  await assertDuty(vault, caller, 'requests')
  const reply = isUuid(id) ? await findReply(vault.data, id) : null
  if (reply === null) throw new DoverieError('not-found', undefined, { field: 'reply' })
  const { event } = reply
  if (reply.sentAt !== null || event === null) throw new DoverieError('conflict', 'It has gone already.')
  const sentAt = vault.now()
  const request = await actOnRequest(vault, await caseOf(vault, reply.request), {
    name: 'post-reply',
    operation: 'use',
    caller,
    events: (_, at) => [{ ...event, at }],
    detail: { document: reply.kind },
    also: (tx) => markReplySent(tx, reply.id, sentAt),
  })
  return { reply: { ...reply, sentAt }, request, password: null }
}

/** Opens a document as it went out: to whoever sees to requests and may read what is in it, and to the person it answers. The reading is in the ledger. */
export async function readReply(
  vault: Vault,
  caller: Caller,
  id: string,
): Promise<{ readonly reply: ReplyRow; readonly pdf: Buffer }> {
  const { reply, letter } = await mayRead(vault, caller, id)
  if (reply.sealed === null) throw gone(reply)
  const key = await keyOf(vault, reply, letter)
  const pdf = key.open(reply.id, reply.sealed)
  await enterReading(vault, caller, letter, 'read-reply', reply)
  return { reply, pdf }
}

/** Opens the machine-readable twin of an answer, as JSON or its data as CSV: to whom the answer itself opens. Throws `not-found`. */
export async function readExport(
  vault: Vault,
  caller: Caller,
  given: { readonly reply: string; readonly format: 'json' | 'csv' },
): Promise<{ readonly number: string; readonly text: string }> {
  const { reply, letter, twin } = await mayRead(vault, caller, given.reply)
  if (twin === null) throw gone(reply)
  await enterReading(vault, caller, letter, 'read-export', reply)
  return { number: reply.number, text: given.format === 'json' ? twin : exportCsv(dataOf(twin)) }
}

/**
 * The reply with its twin, if it has one, to whoever sees to requests and to the proved person whose it is, once it was sent. What has
 * the person's data in it opens to staff whom the policy lets read them now; what an answer of a former version holds of data that are there no
 * more, to the officer alone. Throws `not-found`, `forbidden`.
 */
async function mayRead(
  vault: Vault,
  caller: Caller,
  id: string,
): Promise<{ readonly reply: ReplyRow; readonly letter: LetterRow; readonly twin: string | null }> {
  const reply = isUuid(id) ? await findReply(vault.data, id) : null
  if (reply === null) throw new DoverieError('not-found', undefined, { field: 'reply' })
  const letter = await letterOf(vault, reply.letter)
  if (caller.kind === 'subject') {
    const own = letter.subject === caller.subject && letter.identity === 'proved' && reply.sentAt !== null
    if (!own) throw new DoverieError('not-found', undefined, { field: 'reply' })
  } else await assertDuty(vault, caller, 'requests')
  if (reply.export === null) return { reply, letter, twin: null }
  const key = await keyOf(vault, reply, letter)
  const twin = key.open(exportPart(reply.id), reply.export).toString('utf8')
  if (caller.kind !== 'subject') await assertMayOpen(vault, caller, await caseOf(vault, reply.request), dataOf(twin))
  return { reply, letter, twin }
}

/** Under what a reply lies. Throws `not-found` once the data that are in it are destroyed. */
async function keyOf(vault: Vault, reply: ReplyRow, letter: LetterRow): Promise<LetterKey> {
  const at = vault.now()
  const outer = await loadLetterKey(vault, letter.id, at)
  if (!reply.ofPerson) return outer
  if (letter.subject === null) throw gone(reply)
  return loadAnswerKey(vault, outer, letter.subject, reply.id, at).catch((error: unknown) => {
    throw isOfLostKey(error) ? gone(reply) : error
  })
}

function gone({ ofPerson }: ReplyRow): DoverieError {
  const why = ofPerson
    ? 'The data in this answer are destroyed, and it with them; its number and hash stay.'
    : undefined
  return new DoverieError('not-found', why, { field: 'reply' })
}

function dataOf(twin: string): readonly ExportedField[] {
  return (JSON.parse(twin) as { data: readonly ExportedField[] }).data
}

async function assertMayOpen(
  vault: Vault,
  caller: Caller,
  { policy, letter, request }: Case,
  data: readonly ExportedField[],
): Promise<void> {
  const open = data.filter(({ value }) => value !== null).map(({ field }) => field)
  if (open.length === 0) return
  const { subject } = letter
  const facts = subject === null ? null : (await vault.people.reload(subject, vault.now())).facts
  const held = open.filter((name) => facts?.held.includes(policy.fields.get(name)?.compartment ?? '') === true)
  if (held.length < open.length) assertOfficer(vault, caller)
  if (subject === null || facts === null || held.length === 0) return
  const purpose = answerPurpose(policy, facts, vault.now())
  const entity = request.entity ?? firstEntity(policy)
  const asked = { subject, purpose, entity, fields: held, ticket: ticketOf(request.number) }
  const { decision } = await decideAccess(vault, caller, asked)
  if (decision.effect === 'permit') return
  throw new DoverieError('forbidden', 'The policy does not let this role read what was answered.', {
    ...(decision.clauses[0] === undefined ? {} : { clause: decision.clauses[0] }),
  })
}

async function enterReading(
  vault: Vault,
  caller: Caller,
  letter: LetterRow,
  act: string,
  reply: ReplyRow,
): Promise<void> {
  const tie = { kRef: await kRefOf(vault, letter.subject), operation: 'extract' as const }
  await transaction(vault.data, (tx) =>
    recordAct(vault, tx, act, caller, clausesOf(policyOf(vault)), { document: reply.kind }, tie),
  )
}

function stepOf({ request, law }: Case, { kind, rule, reason, note = '' }: ReplyRequest, at: number): LaterEvent {
  switch (kind) {
    case 'identity':
      return { kind: 'step', step: 'identity-asked', at }
    case 'answer':
      if (request.state === 'recalling') throw new DoverieError('conflict', 'The request was taken back: confirm that.')
      return { kind: 'step', step: 'answered', at }
    case 'confirmation':
      if (request.state !== 'recalling') throw new DoverieError('conflict', 'The request was not taken back.')
      return { kind: 'step', step: 'answered', at }
    case 'refusal':
      return { kind: 'step', step: 'refused', at }
    case 'extension': {
      const open = extendable(law, request.fold)
      const named = rule ?? open[0]
      if (named === undefined || !open.includes(named)) {
        throw new DoverieError('conflict', 'The law does not let this term be extended, or it was.', { field: 'rule' })
      }
      if (reason === undefined || !EXTENSION_REASONS.includes(reason)) {
        throw new DoverieError('invalid-request', `A reason is one of ${EXTENSION_REASONS.join(', ')}.`, {
          field: 'reason',
        })
      }
      if (note.trim() === '') {
        throw new DoverieError('invalid-request', 'A notice says why, in words.', { field: 'note' })
      }
      return { kind: 'extended', rule: named, reason, at }
    }
  }
}

function ofData(kind: ReplyKind, { request }: Case): boolean {
  return kind === 'answer' && (request.kind === 'information' || request.kind === 'copy')
}

async function contentOf(vault: Vault, { letter }: Case): Promise<LetterContent | null> {
  if (letter.sealed === null) return null
  try {
    return openContent(await loadLetterKey(vault, letter.id, vault.now()), letter.sealed)
  } catch (error) {
    // What an older key store has lost cannot be read, but can be answered.
    if (isOfLostKey(error)) return null
    throw error
  }
}

/** The way the letter came, unless told: by mail to who wrote by mail, to the page of who asked there, on paper to the rest. */
function channelOf({ letter }: Case, content: LetterContent | null, asked: ReplyChannel | undefined): ReplyChannel {
  const mailbox = (content?.sender.email ?? '') !== ''
  const own = letter.identity === 'proved' && letter.subject !== null
  const usual: ReplyChannel =
    letter.channel === 'mail' && mailbox ? 'mail' : own && letter.channel === 'portal' ? 'portal' : 'print'
  const channel = asked ?? usual
  if ((channel === 'mail' || channel === 'attachment') && !mailbox)
    throw new DoverieError('conflict', 'There is no mailbox to answer to.', { field: 'channel' })
  if (channel === 'attachment' && !own) {
    throw new DoverieError('conflict', 'Who is not proved is sent nothing of anybody’s.', { field: 'channel' })
  }
  if (channel === 'portal' && !own) {
    throw new DoverieError('conflict', 'Nobody who is proved could read it there.', { field: 'channel' })
  }
  return channel
}

/** INVARIANT: a person's data are mailed to no mailbox but one that is proved to be theirs, under a password neither: a letter says of itself who wrote it. */
async function assertOwnMailbox(vault: Vault, { letter }: Case, content: LetterContent | null): Promise<void> {
  const holders = await findHolders(vault, 'email', content?.sender.email ?? '', MOST_HOLDERS)
  if (letter.subject !== null && holders.includes(letter.subject)) return
  throw new DoverieError('conflict', 'That mailbox is not proved to be theirs.', { field: 'channel' })
}

async function remainingNow(
  vault: Vault,
  { policy, letter }: Case,
  language: DocumentLanguage,
): Promise<readonly Remaining[] | null> {
  if (letter.subject === null) return []
  // To somebody who is not proved to be this person nothing is said of what is held, nor that nothing is.
  if (letter.identity !== 'proved') return null
  const { facts } = await vault.people.reload(letter.subject, vault.now())
  return facts?.state === 'live' ? remainingOf(policy, facts, vault.now(), language) : []
}

/** What ended since the request was registered; nothing is said to somebody who is not proved. */
async function withdrawnNow(
  vault: Vault,
  { policy, letter, request }: Case,
  language: DocumentLanguage,
): Promise<Withdrawn | null> {
  if (letter.subject === null || letter.identity !== 'proved') return null
  return withdrawnSince(vault, policy, letter.subject, request.registeredAt, language)
}

/** The hash of a document in an entry of its own, that it is known to have been this one. */
async function enterHash(
  vault: Vault,
  tx: Queryable,
  { policy }: Case,
  caller: Caller | null,
  reply: ReplyRow,
  act: Uuid,
  data: Buffer | null,
): Promise<void> {
  const detail = {
    document: reply.kind,
    sha256: Buffer.from(reply.hash).toString('hex'),
    ...(data === null ? {} : { export: createHash('sha256').update(data).digest('hex') }),
    act,
  }
  await recordAct(vault, tx, 'document', caller, clausesOf(policy), detail)
}

/**
 * Queues what goes by mail. A document with the person's data is not attached but under a password, where they asked for that: else the letter
 * says that it waits behind sign-in. One that has none is attached. Held by nobody: that the person is destroyed must not take the last word to them away.
 */
async function queueReply(
  vault: Vault,
  tx: Queryable,
  found: Case,
  content: LetterContent | null,
  reply: ReplyRow,
  pdf: Buffer,
): Promise<void> {
  const to = content?.sender.email ?? ''
  if (to === '') return
  const { policy, letter, request } = found
  const locked = reply.channel === 'attachment'
  const data = ofData(reply.kind, found) && letter.identity === 'proved'
  const behind = !locked && (reply.channel === 'portal' || data)
  const where = pageOf(vault, policy, '/my/requests')
  const mail: Letter = {
    to,
    author: 'person',
    subject: `Ответ на обращение № ${letter.number} / Reply to letter No. ${letter.number} [${request.number}]`,
    text: behind
      ? `Ответ № ${reply.number} готов. Он содержит персональные данные, поэтому лежит на вашей странице: войдите на ${where}\n\nReply No. ${reply.number} is ready. It has personal data in it, so it waits on your page: sign in at ${where}`
      : `Ответ № ${reply.number} приложен.${locked ? ' Он открывается паролем, который вам сообщат другим способом.' : ''}\n\nReply No. ${reply.number} is attached.${locked ? ' It opens by a password that you are told by another way.' : ''}`,
    ...(behind
      ? {}
      : { attachments: [{ name: `${reply.number}.pdf`, type: 'application/pdf', content: pdf.toString('base64') }] }),
    ...(content?.messageId === undefined || content.messageId === '' ? {} : { inReplyTo: content.messageId }),
  }
  await queueLetter(vault, tx, vault.newId(), mail, 'mail', letter.id)
}

import { createHash } from 'node:crypto'
import { DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import { demandDue, demandEscalation, hasToTell, nextDemandEscalation } from '@doverie/core/request'
import { renderAddressSheet, renderPdf } from '../../documents/pdf.ts'
import { recipientNotice } from '../../documents/recipient-letter.ts'
import type { Caller } from '../../guard/caller.ts'
import type { Changing } from '../../guard/change.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import { listDisclosures } from '../../store/disclosures.ts'
import { nextNumber } from '../../store/letters.ts'
import {
  insertRecipientLetter,
  listRecipientLetters,
  lockRecipientLetter,
  type RecipientLetterRow,
  saveRecipientLetter,
  takeWakingLetters,
} from '../../store/recipient-letters.ts'
import { listRequestsOf } from '../../store/requests.ts'
import { moveDemand } from '../demands/move-demand.ts'
import { tellOfficer } from '../deputies/tell-officer.ts'
import { assertDuty } from '../duties.ts'
import { lawFor, numberOf, policyOf, yearOf } from '../requests/law.ts'
import { sendIfMailbox } from './send-notice.ts'

const MOST = 10_000
const PAGE = 200
/** As long as the law gives for the correction itself (152-FZ art. 20(3)): it names no term of its own for telling recipients. */
const TELL = { unit: 'working-days', count: 7 } as const

/**
 * Has everybody told to whom these fields were handed that they were corrected, or destroyed (152-FZ art. 20(3); GDPR art. 19), in the
 * transaction that does it: the register forgets who is destroyed. One letter for each recipient, which names lines of the register and
 * fields, no value and no person. Made, numbered and sent by `tendNotices`.
 */
export async function tellRecipients(
  vault: Vault,
  changing: Changing,
  kind: 'corrected' | 'destroyed',
  fields: readonly string[],
): Promise<void> {
  const { tx, at, policy, permit } = changing
  const which = { recipient: null, state: 'made', before: null, beforeId: null, limit: MOST, hiddenAt: null } as const
  const lines = await listDisclosures(tx, { subject: permit.subject, ...which })
  const due = demandDue(lawFor(vault, policy), TELL, null, at)
  const known = lines.filter(({ recipient }) => policy.recipients.has(recipient))
  let requests: readonly Uuid[] | undefined
  for (const [recipient, handed] of Map.groupBy(known, (line) => line.recipient)) {
    const about = handed.flatMap(({ id, ticket, settledAt, askedAt, fields: gone }) => {
      const named = gone.filter((field) => fields.includes(field))
      return named.length === 0 ? [] : [{ disclosure: id, ticket, at: settledAt ?? askedAt, fields: named }]
    })
    const entity = handed[0]?.entity ?? ''
    if (about.length === 0) continue
    requests ??= await waitingFor(tx, permit.subject)
    await insertRecipientLetter(tx, {
      ...{ id: vault.newId(), kind, recipient, demand: null, about: { entity, handed: about }, language: 'ru' },
      ...{ state: 'asked', channel: null, number: null, pdf: null, hash: null, askedAt: at, madeAt: null },
      ...{ sentAt: null, confirmedAt: null, dueAt: due.planned, told: 0, requests, wakeAt: at, unreachable: null },
    })
  }
}

/**
 * The person's requests on whose account this is done, whoever does it: each waits for the letter. Their ids lead to the letter that asked
 * for it, sealed, and after a destruction to nobody else.
 */
async function waitingFor(tx: Queryable, subject: Uuid): Promise<readonly Uuid[]> {
  const all = await listRequestsOf(tx, subject, false, MOST)
  return all.filter(({ kind, state }) => hasToTell(kind, state)).map(({ id }) => id)
}

/**
 * Makes letters to recipients that are asked for, and sends those that have a mailbox; tells the officer at 50, 80 and 100 % of the term of
 * what has not gone. How many it saw to. Safe in several processes; a crash leaves a letter as it was.
 */
export async function tendNotices(vault: Vault, limit = 20): Promise<number> {
  if (vault.policy() === null) return 0
  const waking = await takeWakingLetters(vault.data, vault.now(), limit)
  const faults: unknown[] = []
  for (const id of waking) {
    // Reminded of by itself: what cannot be made is late, too. One that fails keeps no other waiting.
    for (const tend of [remind, make])
      await transaction(vault.data, (tx) => tend(vault, tx, id)).catch((error: unknown) => {
        faults.push(error)
      })
  }
  if (faults.length > 0) throw faults[0]
  return waking.length
}

/** True of a letter that has not gone and may still go. */
export function isUnsent({ state }: Pick<RecipientLetterRow, 'state'>): boolean {
  return state === 'asked' || state === 'made'
}

async function remind(vault: Vault, tx: Queryable, id: Uuid): Promise<void> {
  const letter = await lockRecipientLetter(tx, id)
  if (letter === null || !isUnsent(letter)) return
  const { askedAt, dueAt, state } = letter
  const share = demandEscalation(askedAt, dueAt, letter.told, vault.now())
  const told = share ?? letter.told
  // What is still to be made is looked at again in a minute, as it was put off.
  const wakeAt = state === 'asked' ? letter.wakeAt : nextDemandEscalation(askedAt, dueAt, told)
  await saveRecipientLetter(tx, { ...letter, told, wakeAt })
  if (share !== null) await tellOfficer(vault, tx, policyOf(vault), reminder(letter, share))
}

async function make(vault: Vault, tx: Queryable, id: Uuid): Promise<void> {
  const policy = policyOf(vault)
  const { zone } = lawFor(vault, policy)
  const at = vault.now()
  const letter = await lockRecipientLetter(tx, id)
  if (letter?.state !== 'asked') return
  const year = yearOf(zone, at)
  const number = numberOf(year, await nextNumber(tx, vault.keys, 'reply', year))
  const pdf = await renderPdf(recipientNotice({ policy, zone, texts: vault.documentTexts, letter, number, at }))
  const hash = createHash('sha256').update(pdf).digest()
  const wakeAt = nextDemandEscalation(letter.askedAt, letter.dueAt, letter.told)
  const made: RecipientLetterRow = { ...letter, state: 'made', channel: 'print', number, pdf, hash, madeAt: at, wakeAt }
  await saveRecipientLetter(tx, made)
  const clauses = policy.recipients.get(letter.recipient)?.clauses ?? []
  const detail = { document: letter.kind, recipient: letter.recipient, sha256: hash.toString('hex') }
  await recordAct(vault, tx, 'document', null, clauses, detail)
  await sendIfMailbox(vault, tx, policy, made)
}

function reminder(
  { number, recipient }: RecipientLetterRow,
  share: number,
): { readonly subject: string; readonly text: string } {
  const no = number ?? '…'
  return {
    subject: `Письмо № ${no} получателю данных не отправлено, прошло ${share} % срока / letter No. ${no} not sent, ${share} % of its term`,
    text: `Письмо № ${no} получателю данных (${recipient}) не отправлено, прошло ${share} % срока.\n\nLetter No. ${no} to a recipient of data (${recipient}) has not gone; ${share} % of its term has passed.`,
  }
}

/** Letters to recipients, what is due first; of one demand where that is named. For staff with the duty. */
export async function listNotices(
  vault: Vault,
  caller: Caller,
  demand: Uuid | null = null,
): Promise<readonly RecipientLetterRow[]> {
  await assertDuty(vault, caller, 'requests')
  return listRecipientLetters(vault.data, { demand, limit: PAGE })
}

/** What staff say of a letter: that it went (was posted, handed over), that its recipient confirmed it, or why none reaches it. */
export interface NoticeMark {
  readonly letter: string
  readonly state: 'sent' | 'confirmed' | 'unreachable'
  /** With `unreachable` alone. */
  readonly reason?: RecipientLetterRow['unreachable'] & string
}

/** From where a letter comes to a state. What came back, or had nobody to go to, may go once there is an address. */
const FROM: Readonly<Record<NoticeMark['state'], readonly RecipientLetterRow['state'][]>> = {
  sent: ['made', 'unreachable'],
  confirmed: ['sent'],
  unreachable: ['asked', 'made', 'sent'],
}

/** Records that, with its entry. Throws `not-found`, `invalid-request` without a reason, `conflict` where the letter or the policy says otherwise. */
export async function markNotice(vault: Vault, caller: Caller, given: NoticeMark): Promise<RecipientLetterRow> {
  await assertDuty(vault, caller, 'requests')
  const policy = policyOf(vault)
  const { state, reason } = given
  if ((reason !== undefined) !== (state === 'unreachable'))
    throw new DoverieError(
      'invalid-request',
      'A reason is named where no letter reaches the recipient, and only there.',
      {
        field: 'reason',
      },
    )
  return transaction(vault.data, async (tx) => {
    const at = vault.now()
    const letter = isUuid(given.letter) ? await lockRecipientLetter(tx, given.letter) : null
    if (letter === null) throw new DoverieError('not-found', undefined, { field: 'letter' })
    if (!FROM[state].includes(letter.state))
      throw new DoverieError('conflict', `The letter does not stand there (${letter.state}).`)
    if (state === 'sent' && letter.number === null)
      throw new DoverieError('conflict', 'This letter has not been made.', { field: 'state' })
    if (reason === 'came-back' && letter.state !== 'sent')
      throw new DoverieError('conflict', 'What has not gone cannot have come back.', { field: 'reason' })
    const recipient = policy.recipients.get(letter.recipient)
    // INVARIANT: an authority that demanded is answered; its demand ends with nothing else.
    const reachable = letter.demand !== null || (reason === 'no-address' && recipient?.address !== undefined)
    if (state === 'unreachable' && reachable)
      throw new DoverieError('conflict', 'The policy or the demand says where it goes.', { field: 'reason' })
    const marked: RecipientLetterRow = {
      ...{ ...letter, state, wakeAt: null, unreachable: reason ?? null },
      ...(state === 'sent' ? { sentAt: at } : state === 'confirmed' ? { confirmedAt: at } : {}),
    }
    await saveRecipientLetter(tx, marked)
    if (letter.demand !== null && state === 'sent')
      await moveDemand(tx, letter.demand, letter.kind === 'answer' ? 'handed' : 'told', at)
    const detail = {
      document: letter.kind,
      recipient: letter.recipient,
      state,
      ...(reason === undefined ? {} : { reason }),
    }
    await recordAct(vault, tx, 'mark-recipient-letter', caller, recipient?.clauses ?? [], detail)
    return marked
  })
}

/** The document as it went out. Throws `not-found`, also of an answer to a demand: no copy of the data is kept. */
export async function readRecipientLetter(
  vault: Vault,
  caller: Caller,
  id: string,
): Promise<RecipientLetterRow & { readonly pdf: Uint8Array }> {
  const letter = await noticeOf(vault, caller, id)
  if (letter.pdf === null) throw new DoverieError('not-found', 'No copy of it is kept.', { field: 'letter' })
  return { ...letter, pdf: letter.pdf }
}

/** The address sheet of a letter, by the policy's address of its recipient. Throws `conflict` where the policy has none. */
export async function printNoticeAddress(vault: Vault, caller: Caller, id: string): Promise<Buffer> {
  const letter = await noticeOf(vault, caller, id)
  const { operator, recipients } = policyOf(vault)
  const recipient = recipients.get(letter.recipient)
  const address = recipient?.address?.['ru']
  if (recipient === undefined || address === undefined)
    throw new DoverieError('conflict', 'The policy has no address of this recipient.', { field: 'recipient' })
  return renderAddressSheet(
    [operator.name, operator.address['ru'] ?? ''],
    [recipient.label['ru'] ?? recipient.id, address],
  )
}

async function noticeOf(vault: Vault, caller: Caller, id: string): Promise<RecipientLetterRow> {
  await assertDuty(vault, caller, 'requests')
  const letter = isUuid(id) ? await transaction(vault.data, (tx) => lockRecipientLetter(tx, id)) : null
  if (letter === null) throw new DoverieError('not-found', undefined, { field: 'letter' })
  return letter
}

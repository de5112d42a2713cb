import { createHash } from 'node:crypto'
import { DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import { demandDue } from '@doverie/core/request'
import { renderAddressSheet, renderPdf } from '../../documents/pdf.ts'
import { recipientNotice } from '../../documents/recipient-letter.ts'
import type { Caller } from '../../guard/caller.ts'
import type { Changing } from '../../guard/change.ts'
import { queueLetter } from '../../guard/letters.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import { listDisclosures } from '../../store/disclosures.ts'
import { nextNumber } from '../../store/letters.ts'
import {
  insertRecipientLetter,
  listRecipientLetters,
  listRecipientWork,
  lockRecipientLetter,
  type RecipientLetterRow,
  saveRecipientLetter,
} from '../../store/recipient-letters.ts'
import { moveDemand } from '../demands/move-demand.ts'
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
  for (const [recipient, handed] of Map.groupBy(known, (line) => line.recipient)) {
    const about = handed.flatMap(({ id, ticket, settledAt, askedAt, fields: gone }) => {
      const named = gone.filter((field) => fields.includes(field))
      return named.length === 0 ? [] : [{ disclosure: id, ticket, at: settledAt ?? askedAt, fields: named }]
    })
    const entity = handed[0]?.entity ?? ''
    if (about.length === 0) continue
    await insertRecipientLetter(tx, {
      ...{ id: vault.newId(), kind, recipient, demand: null, about: { entity, handed: about }, language: 'ru' },
      ...{ state: 'asked', channel: null, number: null, pdf: null, hash: null, askedAt: at, madeAt: null },
      ...{ sentAt: null, confirmedAt: null, dueAt: due.planned, told: 0 },
    })
  }
}

/** Makes letters to recipients that are asked for, and sends those that have a mailbox; tells the officer of those overdue. How many it saw to. */
export async function tendNotices(vault: Vault, limit = 20): Promise<number> {
  if (vault.policy() === null) return 0
  const work = await listRecipientWork(vault.data, vault.now(), limit)
  for (const id of work) await tendOne(vault, id)
  return work.length
}

async function tendOne(vault: Vault, id: Uuid): Promise<void> {
  const policy = policyOf(vault)
  const { zone } = lawFor(vault, policy)
  await transaction(vault.data, async (tx) => {
    const at = vault.now()
    const letter = await lockRecipientLetter(tx, id)
    if (letter === null) return
    if (letter.state === 'made' && letter.dueAt <= at && letter.told < 100) {
      await saveRecipientLetter(tx, { ...letter, told: 100 })
      await queueLetter(vault, tx, vault.newId(), { to: policy.operator.email, ...overdue(letter) })
    }
    if (letter.state !== 'asked') return
    const year = yearOf(zone, at)
    const number = numberOf(year, await nextNumber(tx, vault.keys, 'reply', year))
    const pdf = await renderPdf(recipientNotice({ policy, zone, texts: vault.documentTexts, letter, number, at }))
    const hash = createHash('sha256').update(pdf).digest()
    const made: RecipientLetterRow = { ...letter, state: 'made', channel: 'print', number, pdf, hash, madeAt: at }
    await saveRecipientLetter(tx, made)
    const clauses = policy.recipients.get(letter.recipient)?.clauses ?? []
    const detail = { document: letter.kind, recipient: letter.recipient, sha256: hash.toString('hex') }
    await recordAct(vault, tx, 'document', null, clauses, detail)
    await sendIfMailbox(vault, tx, policy, made)
  })
}

function overdue({ number, recipient }: RecipientLetterRow): { readonly subject: string; readonly text: string } {
  return {
    subject: `Письмо № ${number ?? ''} не отправлено / letter No. ${number ?? ''} is not sent`,
    text: `Письмо № ${number ?? ''} получателю данных (${recipient}) напечатано и не отправлено, срок прошёл.\n\nLetter No. ${number ?? ''} to a recipient of data (${recipient}) was not posted; its term is over.`,
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

/** Records that a letter went (was posted, handed over), or that its recipient confirmed it. Throws `not-found`, `conflict`. */
export async function markNotice(
  vault: Vault,
  caller: Caller,
  given: { readonly letter: string; readonly state: 'sent' | 'confirmed' },
): Promise<RecipientLetterRow> {
  await assertDuty(vault, caller, 'requests')
  const policy = policyOf(vault)
  return transaction(vault.data, async (tx) => {
    const at = vault.now()
    const letter = isUuid(given.letter) ? await lockRecipientLetter(tx, given.letter) : null
    if (letter === null) throw new DoverieError('not-found', undefined, { field: 'letter' })
    const may = given.state === 'sent' ? letter.state === 'made' : letter.state === 'sent'
    if (!may) throw new DoverieError('conflict', `The letter does not stand there (${letter.state}).`)
    const marked = { ...letter, state: given.state, ...(given.state === 'sent' ? { sentAt: at } : { confirmedAt: at }) }
    await saveRecipientLetter(tx, marked)
    if (letter.demand !== null && given.state === 'sent')
      await moveDemand(tx, letter.demand, letter.kind === 'answer' ? 'handed' : 'told', at)
    const clauses = policy.recipients.get(letter.recipient)?.clauses ?? []
    await recordAct(vault, tx, 'mark-recipient-letter', caller, clauses, { document: letter.kind, state: given.state })
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

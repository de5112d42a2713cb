import type { Instant } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { DemandRow } from '../store/demands.ts'
import type { RecipientLetterRow } from '../store/recipient-letters.ts'
import { dayWords, writtenDayWords } from './day-words.ts'
import type { Block, OutgoingDocument } from './outgoing.ts'
import { type DocumentTexts, worded } from './texts.ts'

/** What every document to a recipient is made with. */
interface Making {
  readonly policy: Policy
  readonly zone: string
  readonly texts: DocumentTexts
  readonly number: string
  readonly at: Instant
}

/** A document to an authority about its demand, or to a recipient about data that it has. */
export function toRecipient(
  { policy, zone, texts, number, at }: Making,
  what: {
    /** Names its words among the templates. */
    readonly kind: string
    readonly demand: Pick<DemandRow, 'recipient' | 'entity' | 'reference' | 'dated' | 'receivedAt'> | null
    readonly recipient?: string
    readonly entity?: string
    readonly blocks: readonly Block[]
    readonly about: Readonly<Record<string, string>>
  },
): OutgoingDocument {
  const { kind, demand, blocks, about } = what
  const recipient = policy.recipients.get(demand?.recipient ?? what.recipient ?? '')
  const entity = policy.entities.get(demand?.entity ?? what.entity ?? '')
  const known = {
    recipient: recipient?.label['ru'] ?? '',
    reference: demand?.reference ?? '',
    dated: demand === null ? '' : writtenDayWords(demand.dated, 'ru'),
    received: demand === null ? '' : dayWords(zone, demand.receivedAt, 'ru'),
    today: dayWords(zone, at, 'ru'),
  }
  const { title, paragraphs } = worded(texts, kind, '', 'ru', { ...known, ...about })
  return {
    language: 'ru',
    from: [entity?.label['ru'] ?? policy.operator.name, policy.operator.address['ru'] ?? '', policy.operator.email],
    to: [known.recipient, recipient?.address?.['ru'] ?? '', recipient?.email ?? ''].filter((line) => line !== ''),
    number,
    day: known.today,
    about: demand === null ? '' : `На № ${known.reference} от ${known.dated}`,
    title,
    blocks: [...paragraphs.map((text): Block => ({ kind: 'text', text })), ...blocks],
    signature: 'Ответственный за персональные данные ____________________',
    footer: `Исх. № ${number}`,
  }
}

/** The refusal of a demand, with the clause and the reason. Names nobody. */
export function demandRefusal(
  given: Making & {
    readonly demand: DemandRow & { readonly refusal: NonNullable<DemandRow['refusal']> }
    /** The number of its letter in the register. */
    readonly received: string
    readonly note: string
  },
): OutgoingDocument {
  const { demand, received, note } = given
  const { reason, clauses } = demand.refusal
  const blocks = note.trim() === '' ? [] : note.split(/\n{2,}/).map((text): Block => ({ kind: 'text', text }))
  const kind = reason === 'no-norm' ? 'demand refusal no-norm' : 'demand refusal'
  return toRecipient(given, { kind, demand, blocks, about: { letter: received, clauses: clauses.join(', ') } })
}

/** Tells a recipient that data it was handed were corrected or destroyed: by the register's lines and by names of fields, no value. */
export function recipientNotice(given: Making & { readonly letter: RecipientLetterRow }): OutgoingDocument {
  const { policy, zone, letter } = given
  const { recipient, about, kind, askedAt } = letter
  const rows = about.handed.map(({ disclosure, ticket, at, fields }) => [
    dayWords(zone, at, 'ru'),
    ticket === null ? disclosure : `${disclosure}, ${ticket}`,
    fields.map((field) => policy.fields.get(field)?.label['ru'] ?? field).join(', '),
  ])
  const table: Block = {
    kind: 'table',
    head: ['Передано', 'Запись реестра передач', 'Сведения'],
    rows,
    widths: [2, 4, 3],
  }
  const done = dayWords(zone, askedAt, 'ru')
  const words = { kind: `notice ${kind}`, demand: null, recipient, entity: about.entity, blocks: [table] }
  return toRecipient(given, { ...words, about: { done } })
}

import type { Instant } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { DemandRow } from '../store/demands.ts'
import type { Block, OutgoingDocument } from './outgoing.ts'
import { toRecipient } from './recipient-letter.ts'
import type { DocumentTexts } from './texts.ts'

/** What is handed over of one person. Personal. */
export interface DemandPerson {
  readonly fields: readonly string[]
  readonly values: ReadonlyMap<string, string | readonly string[]>
}

/** The document that answers a demand: whom it names, what was asked for by its norm, and nothing besides. Personal. */
export function demandAnswer(given: {
  readonly policy: Policy
  readonly zone: string
  readonly texts: DocumentTexts
  readonly demand: DemandRow
  readonly people: readonly DemandPerson[]
  readonly number: string
  readonly at: Instant
}): OutgoingDocument {
  const { policy, demand, people } = given
  const norm = policy.recipients.get(demand.recipient)?.demands.find(({ id }) => id === demand.norm)
  const blocks = people.flatMap(({ fields, values }, place): readonly Block[] => [
    { kind: 'heading', text: people.length === 1 ? 'Сведения' : `Лицо ${place + 1}` },
    {
      kind: 'table',
      head: ['Сведения', 'Значение'],
      rows: fields.map((field) => [policy.fields.get(field)?.label['ru'] ?? field, said(values.get(field))]),
      widths: [3, 5],
    },
  ])
  return toRecipient(given, { kind: 'demand answer', demand, blocks, about: { norm: norm?.norm['ru'] ?? '' } })
}

function said(value: string | readonly string[] | undefined): string {
  if (value === undefined) return 'сведений нет'
  return typeof value === 'string' ? value : value.join('; ')
}

import Type from 'typebox'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, integerOrNull, schemaOf } from './schema.ts'

/** An entry of the ledger without personal data, and what opens its public half. */
export interface AuditedEntry {
  readonly place: number
  readonly salt: string
  /** Canonical JSON. */
  readonly body: string
}

export interface AuditPage {
  readonly entries: readonly AuditedEntry[]
  /** The `after` of the next page; null where the period ends. */
  readonly next: number | null
}

/** A period in milliseconds since 1970, its end not included. */
export interface AuditQuery {
  readonly from: string
  readonly to: string
  readonly after?: string
}

const number = Type.String({ pattern: '^[0-9]{1,15}$', maxLength: 15 })

export const auditLedger: Operation<None, AuditQuery, None, AuditPage> = {
  id: 'auditLedger',
  method: 'GET',
  path: '/v1/audit/entries',
  summary: 'The entries of a period for an auditor: every place of it, no personal data. Asking is an entry itself.',
  tags: ['ledger'],
  auth: ['staff'],
  params: null,
  query: schemaOf<AuditQuery>()(Type.Object({ from: number, to: number, after: Type.Optional(number) }, CLOSED)),
  body: null,
  success: json(
    schemaOf<AuditPage>()(
      Type.Object({
        entries: Type.Array(Type.Object({ place: Type.Integer(), salt: Type.String(), body: Type.String() })),
        next: integerOrNull(),
      }),
    ),
  ),
}

import Type from 'typebox'
import type { None, Operation } from './operation.ts'
import { CLOSED, schemaOf } from './schema.ts'

/** Days in the operator's zone, both part of the period. */
export interface ArchiveBody {
  readonly from: string
  readonly to: string
}

const day = Type.String({ maxLength: 10 })

export const makeArchive: Operation<None, None, ArchiveBody, Uint8Array> = {
  id: 'makeArchive',
  method: 'POST',
  path: '/v1/archives',
  summary:
    'The inspector’s archive of a period (ZIP): registers without personal data, under the ledger, signed. Making it is an entry.',
  tags: ['duties'],
  auth: ['staff'],
  params: null,
  query: null,
  body: schemaOf<ArchiveBody>()(Type.Object({ from: day, to: day }, CLOSED)),
  success: { status: 200, type: 'application/zip', schema: null },
}

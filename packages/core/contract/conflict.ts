import Type from 'typebox'
import { type OnPerson, onPerson, type Permitted, permitted, type SubjectParams } from './decided.ts'
import { json, type None, type Operation } from './operation.ts'
import { CLOSED, name, schemaOf, uuid } from './schema.ts'

export type ConflictOutcome = 'taken' | 'dropped'

/** `taken`: what differs replaces what is held, all of it or the named fields; `dropped`: what is held stays. */
export interface SettlingConflict extends OnPerson {
  readonly outcome: ConflictOutcome
  readonly fields?: readonly string[]
}

export interface ConflictParams extends SubjectParams {
  readonly conflict: string
}

export interface SettledConflict extends Permitted {
  /** The fields that now hold another value. */
  readonly changed: readonly string[]
}

export const settleConflict: Operation<ConflictParams, None, SettlingConflict, SettledConflict> = {
  id: 'settleConflict',
  method: 'POST',
  path: '/v1/people/:subject/conflicts/:conflict',
  summary: 'Settles a conflict; the submission that was kept apart is destroyed either way.',
  tags: ['people'],
  auth: ['staff'],
  params: schemaOf<ConflictParams>()(Type.Object({ subject: uuid, conflict: uuid }, CLOSED)),
  query: null,
  body: schemaOf<SettlingConflict>()(
    Type.Object(
      {
        ...onPerson,
        outcome: Type.Unsafe<ConflictOutcome>({ type: 'string', enum: ['taken', 'dropped'] }),
        fields: Type.Optional(Type.Array(name, { minItems: 1, maxItems: 50 })),
      },
      CLOSED,
    ),
  ),
  success: json(schemaOf<SettledConflict>()(Type.Object({ ...permitted, changed: Type.Array(Type.String()) }))),
}

import Type from 'typebox'
import { json, type None, type Operation } from './operation.ts'
import { anyObject, CLOSED, integerOrNull, schemaOf, textOrNull, uuid } from './schema.ts'

/** What was destroyed, and since when it is beyond recovery. Instants are milliseconds. */
export interface DestructionAct {
  readonly id: string
  readonly subject: string
  /** True where the person went with all that was held of them. */
  readonly person: boolean
  readonly compartments: readonly string[]
  /** Of the act that asked for it. */
  readonly purpose: string | null
  /** The ledger entry of that act. */
  readonly entry: string | null
  readonly begunAt: number
  /** Rows, keys and search tags gone. */
  readonly goneAt: number
  readonly epoch: number
  /** The root version destroyed under which old copies of the keys lie; null until the epoch has ended. */
  readonly rootDestroyedAt: number | null
  /** From when on no old copy or backup of either database opens; null until that is known. */
  readonly irrecoverableFrom: number | null
  /** What may outlast even that, where the root key was held. */
  readonly remanence: { readonly ru: string; readonly en: string }
}

export interface DestructionList {
  readonly destructions: readonly DestructionAct[]
}

export interface DestructionQuery {
  readonly subject?: string
  /** Only those done before this moment: for the next page. */
  readonly before?: string
}

export const listDestructions: Operation<None, DestructionQuery, None, DestructionList> = {
  id: 'destructions',
  method: 'GET',
  path: '/v1/destructions',
  summary: 'The register of destructions, newest first: what was destroyed, and since when it is beyond recovery.',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: schemaOf<DestructionQuery>()(
    Type.Object(
      {
        subject: Type.Optional(uuid),
        before: Type.Optional(Type.String({ pattern: '^\\d{1,15}$', maxLength: 15 })),
      },
      CLOSED,
    ),
  ),
  body: null,
  success: json(
    schemaOf<DestructionList>()(
      Type.Object({
        destructions: Type.Array(
          Type.Object({
            id: Type.String(),
            subject: Type.String(),
            person: Type.Boolean(),
            compartments: Type.Array(Type.String()),
            purpose: textOrNull(64),
            entry: textOrNull(36),
            begunAt: Type.Integer(),
            goneAt: Type.Integer(),
            epoch: Type.Integer(),
            rootDestroyedAt: integerOrNull(),
            irrecoverableFrom: integerOrNull(),
            remanence: Type.Object({ ru: Type.String(), en: Type.String() }),
          }),
        ),
      }),
    ),
  ),
}

export interface DestructionParams {
  readonly act: string
}

/** The statement, and the note that is to be kept. */
export interface IssuedDestructionAct {
  /** What the note says, member by member. */
  readonly statement: Readonly<Record<string, unknown>>
  /** A signed note (C2SP signed-note) by the ledger's key: the format's name on a line, then the statement as canonical JSON. */
  readonly note: string
}

const actParams = schemaOf<DestructionParams>()(Type.Object({ act: uuid }, CLOSED))

export const issueDestructionAct: Operation<DestructionParams, None, None, IssuedDestructionAct> = {
  id: 'destructionAct',
  method: 'GET',
  path: '/v1/destructions/:act/act',
  summary: 'The act of a destruction with its log export (Roskomnadzor’s order 179), numbered and signed.',
  tags: ['staff'],
  auth: ['staff'],
  params: actParams,
  query: null,
  body: null,
  success: json(
    schemaOf<IssuedDestructionAct>()(
      Type.Object({ statement: anyObject('What the act says; docs/vault.md'), note: Type.String() }),
    ),
  ),
}

export const printDestructionAct: Operation<DestructionParams, None, None, Uint8Array> = {
  id: 'destructionActPdf',
  method: 'GET',
  path: '/v1/destructions/:act/act.pdf',
  summary: 'The same as a document in Russian, with places to sign.',
  tags: ['staff'],
  auth: ['staff'],
  params: actParams,
  query: null,
  body: null,
  success: { status: 200, type: 'application/pdf', schema: null },
}

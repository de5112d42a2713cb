import Type from 'typebox'
import { json, type None, type Operation } from './operation.ts'
import { schemaOf } from './schema.ts'

/** The level of protection (УЗ) that decree 1119 asks for. */
export interface Protection {
  /** 1, the highest, to 4. */
  readonly level: number
  /** What it becomes at the threshold. */
  readonly levelBeyond: number
  readonly people: number
  readonly threshold: number
  /** Type of threats, as the operator has set it (`THREAT_TYPE`). */
  readonly threat: number
  /** The most sensitive data that the policy knows: `special`, `biometric` or `other`. */
  readonly data: string
  /** True where the threshold is near and would raise the level. */
  readonly warning: boolean
  readonly article: { readonly ru: string; readonly en: string }
  /** False where a lawyer must still confirm the table. */
  readonly verified: boolean
}

export const showProtection: Operation<None, None, None, Protection> = {
  id: 'protection',
  method: 'GET',
  path: '/v1/protection',
  summary: 'The level of protection by the people held, the data and the threats (decree 1119).',
  tags: ['staff'],
  auth: ['staff'],
  params: null,
  query: null,
  body: null,
  success: json(
    schemaOf<Protection>()(
      Type.Object({
        level: Type.Integer(),
        levelBeyond: Type.Integer(),
        people: Type.Integer(),
        threshold: Type.Integer(),
        threat: Type.Integer(),
        data: Type.String(),
        warning: Type.Boolean(),
        article: Type.Object({ ru: Type.String(), en: Type.String() }),
        verified: Type.Boolean(),
      }),
    ),
  ),
}

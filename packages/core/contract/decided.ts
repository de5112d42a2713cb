import Type, { type TArray, type TOptional, type TString, type TUnsafe } from 'typebox'
import { type DecisionCause, decisionCause } from './problem.ts'
import { type SchemaOf, schemaOf, ticket, uuid } from './schema.ts'

/** What the answer to every permitted act carries: why, under which policy, and where it stands in the ledger. */
export interface Permitted {
  readonly decision: 'permit'
  /** The decision's id. */
  readonly id: string
  /** The ledger entry's commitment, lower-case hex: with it a later removal can be shown. */
  readonly leaf: string
  readonly clauses: readonly string[]
  /** The policy that answered, `bundle@version`. */
  readonly policy: string
}

/** The members of `Permitted`, for the schema of an answer. */
export const permitted: {
  decision: TUnsafe<'permit'>
  id: TString
  leaf: TString
  clauses: TArray<TString>
  policy: TString
} = {
  decision: Type.Unsafe<'permit'>({ type: 'string', const: 'permit' }),
  id: Type.String({ description: "The decision's id." }),
  leaf: Type.String({ description: "The ledger entry's commitment, hex." }),
  clauses: Type.Array(Type.String()),
  policy: Type.String(),
}

export const causes: TArray<TUnsafe<DecisionCause>> = Type.Array(Type.Unsafe<DecisionCause>(decisionCause))

/** What every act on one person names. */
export interface OnPerson {
  /** The legal entity that acts. */
  readonly entity: string
  readonly ticket?: string
}

export const onPerson: { entity: TString; ticket: TOptional<TString> } = {
  entity: Type.String({ minLength: 1, maxLength: 64, description: 'The legal entity that acts.' }),
  ticket: Type.Optional(ticket),
}

export interface SubjectParams {
  readonly subject: string
}

export const subjectParams: { subject: TString } = { subject: uuid }

/** A code went out by mail; the id is good only together with it. */
export interface CodeSent {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

export const codeSent: SchemaOf<CodeSent> = schemaOf<CodeSent>()(
  Type.Object({ id: Type.String(), expiresAt: Type.Integer() }),
)

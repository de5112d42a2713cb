import Type, { type TUnsafe } from 'typebox'
import { SIGNATURE_CHECKERS, type SignatureChecker } from '../base/index.ts'
import { json, type None, type Operation } from './operation.ts'
import { type LetterParams, onLetter } from './request-shapes.ts'
import { CLOSED, integerOrNull, orNull, schemaOf, uuid } from './schema.ts'

export const signatureChecker: TUnsafe<SignatureChecker> = Type.Unsafe<SignatureChecker>({
  type: 'string',
  enum: [...SIGNATURE_CHECKERS],
})

/** Which part of a letter is the signature, and of what. */
export interface SignatureToCheck {
  /** The part that was signed; null where that is the letter's text. */
  readonly content: string | null
  readonly signature: string
}

/** How a name of the certificate goes with the person's data: null where it was not compared. Neither side is told. */
export type Likeness = 'match' | 'mismatch' | null

/** One signer, as the file has it. Names are those of the certificate: `CN`, `surname`, `givenName`, `INN`, `SNILS`. */
export interface Signer {
  readonly subject: Readonly<Record<string, string>>
  readonly issuer: Readonly<Record<string, string>>
  readonly serial: string
  readonly notBefore: number
  readonly notAfter: number
  readonly signedAt: number | null
  readonly cades: boolean
  readonly digest: string
  readonly signature: string
  /** Null where the algorithm is not computed here (GOST). */
  readonly digestMatches: boolean | null
  readonly signatureMatches: boolean | null
  readonly inTerm: boolean
  /** Against the data of whom the letter is about, as the policy names the fields. */
  readonly compared: {
    readonly surname: Likeness
    readonly givenNames: Likeness
    readonly inn: Likeness
    readonly snils: Likeness
  }
}

/** `matches`: computed here, and right. `form`: right in form, the mathematics not computed here. `wrong`: it does not go with what was signed. */
export interface CheckedSignature {
  readonly verdict: 'matches' | 'form' | 'wrong'
  readonly signers: readonly Signer[]
  /** Whether it is proved who wrote the letter. */
  readonly identity: string
}

const likeness = Type.Unsafe<Likeness>({ type: ['string', 'null'], enum: ['match', 'mismatch', null] })
const boolOrNull = orNull<boolean>(schemaOf<boolean>()(Type.Boolean()))
const names = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  additionalProperties: { type: 'string' },
})

export const checkSignature: Operation<LetterParams, None, SignatureToCheck, CheckedSignature> = {
  id: 'checkSignature',
  method: 'POST',
  path: '/v1/letters/:letter/signature',
  summary:
    'Checks the form of a detached signature (CMS, CAdES-BES) on a letter, and whom its certificate names. GOST is read and not computed; its issuer is not asked.',
  tags: ['requests'],
  auth: ['staff'],
  params: onLetter,
  query: null,
  body: schemaOf<SignatureToCheck>()(
    Type.Object(
      {
        content: orNull<string>(schemaOf<string>()(uuid)),
        signature: uuid,
      },
      CLOSED,
    ),
  ),
  success: json(
    schemaOf<CheckedSignature>()(
      Type.Object({
        verdict: Type.Unsafe<CheckedSignature['verdict']>({ type: 'string', enum: ['matches', 'form', 'wrong'] }),
        signers: Type.Array(
          Type.Object({
            subject: names,
            issuer: names,
            serial: Type.String(),
            notBefore: Type.Integer(),
            notAfter: Type.Integer(),
            signedAt: integerOrNull(),
            cades: Type.Boolean(),
            digest: Type.String(),
            signature: Type.String(),
            digestMatches: boolOrNull,
            signatureMatches: boolOrNull,
            inTerm: Type.Boolean(),
            compared: Type.Object({ surname: likeness, givenNames: likeness, inn: likeness, snils: likeness }),
          }),
        ),
        identity: Type.String(),
      }),
    ),
  ),
}

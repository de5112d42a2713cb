import Type, { type TUnsafe } from 'typebox'
import { SIGNATURE_CHECKERS, type SignatureChecker } from '../base/index.ts'
import { json, type None, type Operation } from './operation.ts'
import { type LetterParams, onLetter } from './request-shapes.ts'
import { CLOSED, integerOrNull, orNull, type SchemaOf, schemaOf, uuid } from './schema.ts'

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
  /** Whether it names its certificate (CAdES); null where by a hash that is not computed here. */
  readonly cades: boolean | null
  readonly digest: string
  readonly signature: string
  /** Null where the algorithm is not computed here (GOST). */
  readonly digestMatches: boolean | null
  readonly signatureMatches: boolean | null
  readonly inTerm: boolean
  /** They say that they signed more than 30 days before the letter came: it may have been signed for something else. */
  readonly early: boolean
  /** Against the data of whom the letter is about, as the policy names the fields. */
  readonly compared: {
    readonly surname: Likeness
    readonly givenNames: Likeness
    readonly inn: Likeness
    readonly snils: Likeness
  }
}

const UNCOMPARED = ['no-fields', 'nobody', 'nothing-held', 'refused'] as const
export type Uncompared = (typeof UNCOMPARED)[number]

/** `matches`: computed here, and right. `form`: right in form, the mathematics not computed here. `wrong`: it does not go with what was signed. */
export interface CheckedSignature {
  readonly verdict: 'matches' | 'form' | 'wrong'
  readonly signers: readonly Signer[]
  /** Why no name was compared: the policy names no fields, the letter is about nobody, they hold nothing, or it is refused; null where it was. */
  readonly uncompared: Uncompared | null
  /** Whether the word of staff that it is a qualified signature may rest on it. */
  readonly passed: boolean
  /** Whether it is proved who wrote the letter. */
  readonly identity: string
}

const likeness = Type.Unsafe<Likeness>({ type: ['string', 'null'], enum: ['match', 'mismatch', null] })
const boolOrNull = orNull<boolean>(schemaOf<boolean>()(Type.Boolean()))
const names = Type.Unsafe<Readonly<Record<string, string>>>({
  type: 'object',
  additionalProperties: { type: 'string' },
})

/** The two parts of a letter of which staff say that it is a qualified signature. */
export interface SaidSigned extends SignatureToCheck {
  /** That what is asked was read in the signed part; said of no other. */
  readonly demand: boolean
}

const twoParts = { content: orNull<string>(schemaOf<string>()(uuid)), signature: uuid }

export const saidSigned: SchemaOf<SaidSigned> = schemaOf<SaidSigned>()(
  Type.Object({ ...twoParts, demand: Type.Boolean() }, CLOSED),
)

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
  body: schemaOf<SignatureToCheck>()(Type.Object(twoParts, CLOSED)),
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
            cades: boolOrNull,
            digest: Type.String(),
            signature: Type.String(),
            digestMatches: boolOrNull,
            signatureMatches: boolOrNull,
            inTerm: Type.Boolean(),
            early: Type.Boolean(),
            compared: Type.Object({ surname: likeness, givenNames: likeness, inn: likeness, snils: likeness }),
          }),
        ),
        uncompared: Type.Unsafe<Uncompared | null>({ type: ['string', 'null'], enum: [...UNCOMPARED, null] }),
        passed: Type.Boolean(),
        identity: Type.String(),
      }),
    ),
  ),
}

import { isScalar } from 'yaml'
import type { SignatureNames, System } from './model.ts'
import { complain, list, object, optional, type Reader, reference } from './reader.ts'

/** The section `system` as it is written. */
export type WrittenSystem = Pick<System, 'at' | 'rights' | 'law' | 'officer' | 'keeper' | 'surname'> & {
  readonly 'sign-in': string
  readonly 'consent-evidence': string
  readonly 'contract-numbers': string | null
  readonly representatives: string | null
  readonly 'beside-surname': readonly string[]
  readonly signature: WrittenSignature | null
}

interface WrittenSignature extends Pick<SignatureNames, 'surname' | 'inn' | 'snils'> {
  readonly 'given-names': readonly string[]
  readonly 'form-alone': 0 | 1
}

/** How far the form of a signature goes alone. Never above 1: anybody makes a certificate of any name. */
const formAlone: Reader<0 | 1> = {
  read: (node, reading) => {
    const value = isScalar(node) ? node.value : null
    return value === 0 || value === 1
      ? value
      : complain(node, reading, '0 or 1 is needed here: a form alone, which anybody can make, shows no more')
  },
  schema: { enum: [0, 1] },
}

/** What is made of a signature on a letter: the fields that hold what its certificate names, by the attributes' names. */
const signature: Reader<WrittenSignature> = object({
  surname: optional(reference('field'), null),
  'given-names': optional(list(reference('field'), 1), []),
  inn: optional(reference('field'), null),
  snils: optional(reference('field'), null),
  'form-alone': optional(formAlone, 0),
})

/** The shape of `system`: which names of the bundle play the parts that the software itself lives by. */
export const system: Reader<WrittenSystem> = object({
  rights: reference('purpose'),
  law: reference('purpose'),
  'sign-in': reference('field'),
  'consent-evidence': reference('field'),
  'contract-numbers': optional(reference('field'), null),
  representatives: optional(reference('field'), null),
  surname: optional(reference('field'), null),
  'beside-surname': optional(list(reference('field'), 1), []),
  signature: optional(signature, null),
  officer: reference('actor'),
  keeper: optional(reference('actor'), null),
})

/** The parts as the program names them. */
export function systemOf({
  at,
  rights,
  law,
  officer,
  keeper,
  representatives,
  surname,
  signature: signed,
  ...written
}: WrittenSystem): System {
  return {
    at,
    rights,
    law,
    signIn: written['sign-in'],
    consentEvidence: written['consent-evidence'],
    contractNumbers: written['contract-numbers'],
    representatives,
    surname,
    besideSurname: written['beside-surname'],
    signature:
      signed === null
        ? null
        : {
            ...{ surname: signed.surname, givenNames: signed['given-names'], inn: signed.inn, snils: signed.snils },
            formAlone: signed['form-alone'],
          },
    officer,
    keeper,
  }
}

import type { System } from './model.ts'
import { list, object, optional, type Reader, reference } from './reader.ts'

/** The section `system` as it is written. */
export type WrittenSystem = Pick<System, 'at' | 'rights' | 'law' | 'officer' | 'keeper' | 'surname'> & {
  readonly 'sign-in': string
  readonly 'consent-evidence': string
  readonly 'contract-numbers': string | null
  readonly representatives: string | null
  readonly 'beside-surname': readonly string[]
}

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
    officer,
    keeper,
  }
}

import type { Declarations, System } from './model.ts'
import { type Place, type PolicyProblem, problemAt } from './problem.ts'
import { object, optional, type Reader, reference } from './reader.ts'
import unstated from './system-unstated.json' with { type: 'json' }

/** The section `system` as it is written. */
export type WrittenSystem = Pick<System, 'at' | 'rights' | 'law' | 'officer'> & {
  readonly 'sign-in': string
  readonly 'consent-evidence': string
  readonly 'contract-numbers': string | null
  readonly representatives: string | null
}

/** The shape of `system`: which names of the bundle play the parts that the software itself lives by. */
export const system: Reader<WrittenSystem> = object({
  rights: reference('purpose'),
  law: reference('purpose'),
  'sign-in': reference('field'),
  'consent-evidence': reference('field'),
  'contract-numbers': optional(reference('field'), null),
  representatives: optional(reference('field'), null),
  officer: reference('actor'),
})

/**
 * What a bundle says of its parts; `at` is where a bundle that says nothing is told so. Bundles were once read without the
 * section, and the names of `system-unstated.json` were the program's own: whoever adopted such a bundle keeps its meaning. It
 * is the meaning of no new one, for `checkSystem` asks for the section.
 */
export function systemOf(written: WrittenSystem | null, at: Place, fields: Declarations['fields']): System {
  if (written === null) {
    const contractNumbers = fields.has(unstated.contractNumbers) ? unstated.contractNumbers : null
    return { at, stated: false, ...unstated, contractNumbers, representatives: null }
  }
  const { rights, law, officer, representatives } = written
  return {
    at: written.at,
    stated: true,
    rights,
    law,
    signIn: written['sign-in'],
    consentEvidence: written['consent-evidence'],
    contractNumbers: written['contract-numbers'],
    representatives,
    officer,
  }
}

/** What a bundle without the section does not even know by its old name: nothing says what is meant. */
export function unstatedProblems({ system, purposes, fields, actors }: Declarations): readonly PolicyProblem[] {
  const known =
    [system.rights, system.law].every((id) => purposes.has(id)) &&
    [system.signIn, system.consentEvidence].every((id) => fields.has(id)) &&
    actors.has(system.officer)
  return system.stated || known ? [] : [missing(system.at)]
}

/** The fault of a bundle that does not say who plays the parts. */
export function missing(at: Place): PolicyProblem {
  return problemAt(at, "the key 'system' is missing: it names what the software itself lives by (docs/policy.md)")
}

import { AGE_BANDS, type AgeBand, err, type FieldProblem, type Instant, ok, type Result } from '../base/index.ts'
import { type FormContract, formContract } from './form-contract.ts'
import type { Declarations } from './model.ts'
import { type ByCompartment, byCompartment, type Given, normaliseGiven, undeclared } from './value-check.ts'

/** What came back from a form. Untrusted: `values` and `consents` are judged here. */
export interface Submission {
  readonly entity: string
  readonly values: Readonly<Record<string, unknown>>
  /** The purposes whose consent was given. */
  readonly consents: readonly string[]
  /** The answer to the question of age. */
  readonly age?: unknown
  /** What is known already of the age of who submits: then it need not be told, and no form tells it otherwise. */
  readonly ageKnown?: AgeBand | null
}

/** A submission that its contract declares, its values in their canonical form. */
export interface Accepted {
  readonly entity: string
  readonly values: ByCompartment
  /** The purposes consented to, in the form's order, each once. */
  readonly consents: readonly string[]
  /** What was told of the age; null where it was not asked, or is known already. */
  readonly age: AgeBand | null
}

/**
 * Judges a submission by the contract it was shown under. All that is wrong comes back at once: undeclared fields with the
 * clause that forbids them, missing ones with the clause and the reason, values that are not of their kind. No message
 * repeats a value. The contract must be the caller's own (its signature checked); one of another policy is outdated.
 */
export function checkSubmission(
  policy: Declarations,
  contract: FormContract,
  submission: Submission,
  now: Instant,
): Result<Accepted, readonly FieldProblem[]> {
  const current = formContract(policy, contract.form, now)
  if (!current.ok) return err([{ field: 'form', ...current.error }])
  if (contract.policy !== policy.id) {
    return err([{ field: 'form', code: 'snapshot-outdated', message: 'The form shown is no longer in force.' }])
  }
  const problems: FieldProblem[] = []
  if (!contract.entities.some(({ id }) => id === submission.entity)) {
    problems.push({
      field: 'entity',
      code: 'unknown-entity',
      message: 'The form does not offer this legal entity.',
      ...at(contract.clauses),
    })
  }
  const declared = contract.fields.map(({ field }) => field)
  problems.push(...undeclared(policy, submission.values, declared))
  const given = normaliseGiven(policy, submission.values, declared, problems)
  problems.push(
    ...missing(contract, given),
    ...choices(contract, given),
    ...consentProblems(policy, contract, submission.consents),
    ...ageProblems(policy, contract, submission),
  )
  if (problems.length > 0) return err(problems)
  return ok({
    entity: submission.entity,
    values: byCompartment(policy, given.values),
    consents: contract.consents
      .map(({ purpose }) => purpose)
      .filter((purpose) => submission.consents.includes(purpose)),
    age: contract.age === null || submission.ageKnown ? null : bandOf(submission.age),
  })
}

function bandOf(age: unknown): AgeBand | null {
  return AGE_BANDS.find((band) => band === age) ?? null
}

/** Asked and answered by one of the two answers, or not asked and not told. */
function ageProblems(
  policy: Declarations,
  contract: FormContract,
  { age, ageKnown }: Submission,
): readonly FieldProblem[] {
  const field = 'age'
  const told = age !== undefined && age !== null
  if (contract.age === null) {
    const message = 'This is not asked for here, so it is not collected.'
    return told ? [{ field, code: 'undeclared-field', message, ...at(policy.defaults.undeclared) }] : []
  }
  const { clause, reason } = contract.age
  if (!told) return ageKnown ? [] : [{ field, code: 'missing-field', message: firstText(reason), clause }]
  const problem = (message: string): FieldProblem => ({ field, code: 'invalid-value', message, clause })
  if (bandOf(age) === null) return [problem(`One of ${AGE_BANDS.join(', ')} is needed here.`)]
  return ageKnown && age !== ageKnown ? [problem('Another age is known already; staff correct it.')] : []
}

function missing(contract: FormContract, given: Given): readonly FieldProblem[] {
  return contract.fields.flatMap(({ field, mandatory }): FieldProblem[] => {
    if (mandatory === null || given.present.has(field)) return []
    return [{ field, code: 'missing-field', message: firstText(mandatory.reason), clause: mandatory.clause }]
  })
}

/** One option, wholly; not two, and not a part of one. */
function choices(contract: FormContract, given: Given): readonly FieldProblem[] {
  return contract.choices.flatMap(({ id, options, mandatory }): FieldProblem[] => {
    const begun = options.filter((option) => option.some((field) => given.present.has(field)))
    const [only, ...others] = begun
    const clause = mandatory === null ? contract.clauses[0] : mandatory.clause
    const named = clause === undefined ? {} : { clause }
    if (only === undefined) {
      return mandatory === null
        ? []
        : [{ field: id, code: 'missing-field', message: firstText(mandatory.reason), ...named }]
    }
    if (others.length > 0) {
      return [
        {
          field: id,
          code: 'invalid-value',
          message: `Give one of these only: ${options.map(join).join('; ')}.`,
          ...named,
        },
      ]
    }
    return only
      .filter((field) => !given.present.has(field))
      .map((field) => ({ field, code: 'missing-field', message: `It goes together with ${join(only)}.`, ...named }))
  })
}

function consentProblems(
  policy: Declarations,
  contract: FormContract,
  consents: readonly string[],
): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  for (const purpose of new Set(consents)) {
    if (contract.consents.some((consent) => consent.purpose === purpose)) continue
    const field = policy.purposes.has(purpose) ? `consents.${purpose}` : 'consents'
    problems.push({
      field,
      code: 'unknown-purpose',
      message: 'The form does not ask for this consent.',
      ...at(policy.defaults.undeclared),
    })
  }
  for (const { purpose, needed, clauses } of contract.consents) {
    if (!needed || consents.includes(purpose)) continue
    const message = 'The form rests on this consent alone; without it nothing is collected.'
    problems.push({ field: `consents.${purpose}`, code: 'missing-field', message, ...at(clauses) })
  }
  return problems
}

function at(clauses: readonly string[]): { readonly clause?: string } {
  const clause = clauses[0]
  return clause === undefined ? {} : { clause }
}

function join(fields: readonly string[]): string {
  return fields.join(' + ')
}

/** Problems are told in the bundle's first language: what is shown in others comes with the contract. */
function firstText(text: Readonly<Record<string, string>>): string {
  return Object.values(text)[0] ?? ''
}

import { err, type FieldProblem, ok, type Result } from '../base/index.ts'
import type { Declarations } from './model.ts'
import { bankAccountMatchesBik, type FieldKind, normaliseValue } from './values/index.ts'

/** Canonical values: compartment -> field -> value. */
export type ByCompartment = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Values that are of their kind, and the names of all fields that were filled, rightly or not. */
export interface Given {
  readonly values: ReadonlyMap<string, string>
  readonly present: ReadonlySet<string>
}

/**
 * Judges values that come outside a form: a correction or a supplement (clause 5.2 of the shipped policy). Only fields that
 * the person provides; those a form takes only together (an account and its bank) only together.
 */
export function checkValues(
  policy: Declarations,
  values: Readonly<Record<string, unknown>>,
): Result<ByCompartment, readonly FieldProblem[]> {
  const own = [...policy.fields.values()].filter(({ source }) => source === 'person').map(({ id }) => id)
  const problems: FieldProblem[] = [...undeclared(policy, values, own)]
  const given = normaliseGiven(policy, values, own, problems)
  for (const field of own) {
    if (Object.hasOwn(values, field) && isBlank(values[field])) {
      problems.push({ field, code: 'missing-field', message: 'A value is needed.', ...clauseOf(policy, field) })
    }
  }
  problems.push(...torn(policy, given))
  return problems.length > 0 ? err(problems) : ok(byCompartment(policy, given.values))
}

/** Values of fields that are not declared here. A name the policy does not know is the caller's text and is not repeated. */
export function undeclared(
  policy: Declarations,
  values: Readonly<Record<string, unknown>>,
  declared: readonly string[],
): readonly FieldProblem[] {
  return Object.keys(values)
    .filter((field) => !declared.includes(field))
    .map((field) => ({
      field: policy.fields.has(field) || /^[a-z][a-z0-9-]{0,39}$/.test(field) ? field : 'values',
      code: 'undeclared-field' as const,
      message: 'This is not asked for here, so it is not collected.',
      ...clauseOf(policy, field),
    }))
}

/** Brings the declared, filled values to their canonical form; what is wrong is pushed into `problems`. */
export function normaliseGiven(
  policy: Declarations,
  values: Readonly<Record<string, unknown>>,
  declared: readonly string[],
  problems: FieldProblem[],
): Given {
  const normalised = new Map<string, string>()
  const present = new Set<string>()
  for (const id of declared) {
    const field = policy.fields.get(id)
    const raw = Object.hasOwn(values, id) ? values[id] : null
    if (field === undefined || isBlank(raw)) continue
    present.add(id)
    const value = normaliseValue(field.kind, raw, { maxLength: field.maxLength })
    if (value.ok) normalised.set(id, value.value)
    else problems.push({ field: id, ...value.error, ...clauseOf(policy, id) })
  }
  problems.push(...mismatched(policy, normalised))
  return { values: normalised, present }
}

/** Sorts canonical values into the compartments they are sealed in. */
export function byCompartment(policy: Declarations, values: ReadonlyMap<string, string>): ByCompartment {
  const out: Record<string, Record<string, string>> = {}
  for (const [field, value] of values) {
    const compartment = policy.fields.get(field)?.compartment
    if (compartment === undefined) continue
    out[compartment] = { ...out[compartment], [field]: value }
  }
  return out
}

/** An account number carries a check digit that is of its bank (BIK): both right alone may be wrong together. */
function mismatched(policy: Declarations, values: ReadonlyMap<string, string>): readonly FieldProblem[] {
  const kindOf = (field: string): FieldKind | undefined => policy.fields.get(field)?.kind
  const compartmentOf = (field: string): string | undefined => policy.fields.get(field)?.compartment
  const problems: FieldProblem[] = []
  for (const [field, account] of values) {
    if (kindOf(field) !== 'bank-account') continue
    for (const [other, bik] of values) {
      if (
        kindOf(other) !== 'bik' ||
        compartmentOf(other) !== compartmentOf(field) ||
        bankAccountMatchesBik(bik, account)
      )
        continue
      problems.push({
        field,
        code: 'invalid-value',
        message: 'The account is not one of this bank.',
        ...clauseOf(policy, field),
      })
    }
  }
  return problems
}

/** Fields that some form takes only together, of which only a part is given. */
function torn(policy: Declarations, given: Given): readonly FieldProblem[] {
  const options = [...policy.forms.values()].flatMap(({ choices }) => choices.flatMap((choice) => choice.options))
  const lacking = new Set<string>()
  for (const option of options) {
    if (option.some((field) => given.present.has(field))) {
      for (const field of option) if (!given.present.has(field)) lacking.add(field)
    }
  }
  return [...lacking].map((field) => ({
    field,
    code: 'missing-field' as const,
    message: 'It goes together with what was given.',
    ...clauseOf(policy, field),
  }))
}

function isBlank(raw: unknown): boolean {
  return raw === null || raw === undefined || (typeof raw === 'string' && raw.trim() === '')
}

function clauseOf(policy: Declarations, field: string): { readonly clause?: string } {
  const clause = (policy.fields.get(field)?.clauses ?? policy.defaults.undeclared)[0]
  return clause === undefined ? {} : { clause }
}

import { DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'

/** Checks what a request names before anything is decided: a misspelt purpose is an error of the caller, not a refusal. */
export function checkNames(
  policy: Policy,
  named: { readonly purpose: string; readonly entity: string; readonly fields: readonly string[] },
): void {
  if (!policy.purposes.has(named.purpose)) throw unknownName(policy, 'purpose', 'purpose')
  if (!policy.entities.has(named.entity)) throw unknownName(policy, 'entity', 'entity')
  for (const [i, field] of named.fields.entries()) {
    if (!policy.fields.has(field)) throw unknownName(policy, 'field', `fields[${i}]`)
  }
}

/** The fault of a request whose `field` names no purpose, entity or field of the policy, with the policy's own clause on those. */
export function unknownName(policy: Policy, kind: 'purpose' | 'entity' | 'field', field: string): DoverieError {
  const [clause] = policy.defaults.unknown[kind]
  return new DoverieError(`unknown-${kind}`, undefined, { field, ...(clause === undefined ? {} : { clause }) })
}

/** Throws `invalid-request` unless the text is a subject id. */
export function checkSubjectId(subject: string): asserts subject is Uuid {
  if (!isUuid(subject)) {
    throw new DoverieError('invalid-request', 'A subject id is a lower-case UUID.', { field: 'subject' })
  }
}

/** The compartments that hold these fields, each once. */
export function compartmentsOf(policy: Policy, fields: readonly string[]): readonly string[] {
  const found = new Set<string>()
  for (const field of fields) {
    const compartment = policy.fields.get(field)?.compartment
    if (compartment !== undefined) found.add(compartment)
  }
  return [...found]
}

/** Where the values of a field lie. */
export interface FieldPlace {
  readonly compartment: string
  readonly field: string
}

/** Where a field that plays a part of the policy's `system` lies. The policy's check has seen to it that there is one. */
export function placeOf(policy: Policy, field: string): FieldPlace {
  const compartment = policy.fields.get(field)?.compartment
  if (compartment === undefined)
    throw new DoverieError('policy-invalid', 'The policy does not declare what it lives by.')
  return { compartment, field }
}

/** A ticket is a number of another system, never words: a name typed into it would lie in the ledger for ever. */
export function checkTicket(ticket: string | undefined): void {
  if (ticket !== undefined && !/^[A-Z]{0,4}[-#]?[0-9]{1,8}$/.test(ticket)) {
    throw new DoverieError('invalid-request', 'A ticket is up to four capital letters and up to eight digits.', {
      field: 'ticket',
    })
  }
}

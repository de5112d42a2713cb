import { DoverieError } from '@doverie/core/base'
import { fieldsOf, formerKinds, type IndexedForm, indexedForms, type Policy } from '@doverie/core/policy'
import { Personal } from '../personal.ts'
import { assertPermit, type Permit } from '../permit.ts'
import { seal, unseal } from '../seal/envelope.ts'
import { putRecord, type SealedRecord } from '../store/records.ts'
import type { Changing } from './change.ts'
import { indexIdentifiers } from './index-identifiers.ts'
import type { Person } from './people.ts'
import { resealed } from './reseal-person.ts'
import type { Vault } from './vault.ts'

export { tagsOf } from './index-identifiers.ts'

/** What a compartment holds: field -> value or list of values. Personal: never log. */
export type Values = Readonly<Record<string, string | readonly string[]>>

/**
 * Unseals the permitted fields of records. A field that holds nothing is absent. Throws `sealed-value-damaged` or
 * `key-missing` for this person alone.
 */
export function unsealFields(person: Person, records: readonly SealedRecord[], permit: Permit): Map<string, Personal> {
  assertPermit(permit)
  if (permit.subject !== person.subject) throw new DoverieError('permit-invalid')
  const found = new Map<string, Personal>()
  for (const record of records) {
    if (record.sealed === null || !permit.compartments.includes(record.compartment)) continue
    const values = unsealRecord(person, record)
    for (const field of permit.fields) {
      const value = Object.hasOwn(values, field) ? values[field] : undefined
      if (value !== undefined) found.set(field, new Personal(value, field, permit))
    }
  }
  return found
}

function unsealRecord(person: Person, record: SealedRecord): Values {
  const { compartment, generation, version, sealed } = record
  if (sealed === null) return {}
  const key = person.key(compartment, generation)
  const context = { subject: person.subject, compartment, generation, part: 'record', version }
  return JSON.parse(unseal(key, context, sealed).toString('utf8')) as Values
}

/** The values of a change's permitted compartments as they are, for a writer to compare and merge with. */
export async function currentValues(changing: Changing): Promise<ReadonlyMap<string, Values>> {
  const found = new Map<string, Values>()
  for (const record of (await changing.records()).values()) {
    found.set(record.compartment, unsealRecord(changing.person(), record))
  }
  return found
}

/**
 * Writes values into compartments of a person under change: what is given replaces what was there, field by field (an empty
 * value removes the field), the rest stays. What the person is searched by changes with the commit.
 */
export async function writeValues(
  vault: Vault,
  changing: Changing,
  values: ReadonlyMap<string, Values>,
): Promise<void> {
  const records = await changing.records()
  const identifiers = new Map<string, readonly string[]>()
  const fields: Record<string, readonly string[]> = {}
  await haveKeys(changing, [...values.keys()], records)
  for (const [compartment, given] of values) {
    if (!changing.permit.compartments.includes(compartment)) throw new DoverieError('permit-invalid')
    const record = records.get(compartment)
    const before = record === undefined ? {} : unsealRecord(changing.person(), record)
    const after = merged(before, given)
    records.set(compartment, await sealRecord(vault, changing, compartment, record, after))
    fields[compartment] = Object.keys(after).sort()
    for (const [kind, those] of identifiersIn(changing.policy, given, after)) identifiers.set(kind, those)
  }
  await indexIdentifiers(vault, changing, identifiers)
  changing.apply({ kind: 'collected', compartments: [...values.keys()], fields, at: changing.at })
}

/**
 * Takes one field out of a compartment and seals the rest under the next key: the former key is dropped later, and old copies with it.
 * Nobody is found by the field any more, but where the policy does not know it and has another one of the same kind of tag.
 */
export async function removeField(vault: Vault, changing: Changing, compartment: string, field: string): Promise<void> {
  const record = (await changing.records()).get(compartment)
  if (record === undefined || record.sealed === null) throw new DoverieError('not-found')
  await changing.extendKeys(new Map([[compartment, record.generation + 1]]))
  const next = resealed(vault, changing.person(), record, [field]).record
  await putRecord(changing.tx, changing.person().subject, next)
  const left = identifiersIn(changing.policy, { [field]: '' }, unsealRecord(changing.person(), next))
  const former = formerKinds(changing.policy, field).map((kind) => [kind, []] as const)
  await indexIdentifiers(vault, changing, new Map([...left, ...former]))
  const kind = changing.policy.fields.get(field)?.identifies ?? null
  if (kind !== null) {
    changing.apply({ kind: 'identifier-changed', identifier: kind, at: changing.at })
  }
  changing.apply({ kind: 'fields-destroyed', compartment, fields: [field], at: changing.at })
}

async function sealRecord(
  vault: Vault,
  changing: Changing,
  compartment: string,
  record: SealedRecord | undefined,
  values: Values,
): Promise<SealedRecord> {
  const generation = nextGeneration(record)
  const version = (record?.version ?? 0) + 1
  const person = changing.person()
  const key = person.key(compartment, generation)
  const context = { subject: person.subject, compartment, generation, part: 'record', version }
  const sealed = seal(key, context, Buffer.from(JSON.stringify(values)), vault.random(12))
  const written = { compartment, generation, version, sealed }
  await putRecord(changing.tx, person.subject, written)
  return written
}

/** A destroyed compartment that is filled again gets a key of its own. */
function nextGeneration(record: SealedRecord | undefined): number {
  if (record === undefined) return 1
  return record.sealed === null ? record.generation + 1 : record.generation
}

/** Has keys for all these compartments: made first, in the key store, so that nothing is sealed under a key that is not durable. */
async function haveKeys(
  changing: Changing,
  compartments: readonly string[],
  records: ReadonlyMap<string, SealedRecord>,
): Promise<void> {
  const person = changing.person()
  const wanted = new Map(compartments.map((name) => [name, nextGeneration(records.get(name))]))
  for (const [compartment, generation] of wanted) {
    if (person.held(compartment, generation) !== undefined) wanted.delete(compartment)
  }
  if (wanted.size > 0) await changing.extendKeys(wanted)
}

function merged(before: Values, given: Values): Values {
  const after: Record<string, string | readonly string[]> = { ...before }
  for (const [field, value] of Object.entries(given)) {
    if (value.length === 0) Reflect.deleteProperty(after, field)
    else after[field] = value
  }
  return after
}

/** The kinds of search tags that what is given touches, each with the forms of all that the compartment holds of it from now on. */
function identifiersIn(policy: Policy, given: Values, after: Values): ReadonlyMap<string, readonly string[]> {
  const found = new Map(
    Object.keys(given).flatMap((field) => waysTo(policy, field).map(({ kind }) => [kind, [] as string[]])),
  )
  for (const [field, value] of Object.entries(after)) {
    for (const { kind, formOf } of waysTo(policy, field)) {
      found.get(kind)?.push(...asList(value).flatMap((one) => formOf(one) ?? []))
    }
  }
  return found
}

function waysTo(policy: Policy, field: string): readonly IndexedForm[] {
  const known = policy.fields.get(field)
  return known === undefined ? [] : indexedForms(policy, known)
}

/** The kinds of search tags that a compartment's values have: nobody is found by what is destroyed. */
export function tagKindsIn(policy: Policy, compartment: string): readonly string[] {
  return fieldsOf(policy, compartment).flatMap((field) => waysTo(policy, field).map(({ kind }) => kind))
}

/** The fields of given values whose content differs from what is there. */
export function differing(before: Values, given: Values): readonly string[] {
  return Object.entries(given)
    .filter(([field, value]) => JSON.stringify(before[field]) !== JSON.stringify(value))
    .map(([field]) => field)
}

/** A value as a list, whatever the field holds. */
export function asList(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value
}

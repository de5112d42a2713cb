import { DoverieError, type Uuid } from '@doverie/core/base'
import { type Field, indexedForms, maskValue, type Policy } from '@doverie/core/policy'
import type { StaffCaller } from '../guard/caller.ts'
import { findHavingAll } from '../guard/index-identifiers.ts'
import { asList } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { checkNames, checkTicket } from '../guard/vocabulary.ts'
import { loadFacts } from '../store/subjects.ts'
import { countAttempt } from './count-attempt.ts'
import { assertDuty } from './duties.ts'
import { enterSearch, type SearchAct } from './find-person.ts'
import { ask, type Decided, decidedOf, unsealAnswer } from './open-fields.ts'
import { policyOf } from './requests/law.ts'

/** So many candidates are shown; where there are more, none is. */
const MOST = 20
/** So many ids are looked at; beyond that they are too many, whoever of them counts. */
const LOOKED_AT = 1_000
const HOUR = 3_600_000
/** So many searches of one member of staff in an hour: 400 people at the very most, each with an entry. */
const SEARCHES = 20

export interface SurnameSearch {
  readonly surname: string
  /** What is told beside it: field of the policy's `beside-surname` to what somebody told of it. At least one. */
  readonly beside: Readonly<Record<string, string>>
  readonly purpose: string
  readonly entity: string
  readonly ticket: string
}

/** Somebody who may be meant, by what is shown of them: field to masked value. */
export interface Candidate {
  readonly subject: Uuid
  readonly shown: Readonly<Record<string, string>>
}

export interface FoundBySurname extends Decided {
  readonly candidates: readonly Candidate[]
  /** True where there are more than may be shown: then nobody is, and more must be named. */
  readonly tooMany: boolean
}

/**
 * Finds who may have written by their surname and something more (a given name, the last digits of a phone or of a contract), for staff with
 * a ticket. A surname alone finds nobody: search compares all of it, over sealed values, before anybody is opened. Only people with a proved
 * identifier or confirmed data are found. Of each candidate the policy is asked, as for using these fields; whom it permits is shown
 * masked, an access with an entry in their own history. The search is entered, whoever it finds. Throws `invalid-request`,
 * `invalid-value`, `unknown-field`, `rate-limited`, `forbidden`.
 */
export async function findBySurname(
  vault: Vault,
  caller: StaffCaller,
  request: SurnameSearch,
): Promise<FoundBySurname | Decided> {
  await assertDuty(vault, caller, 'requests')
  checkTicket(request.ticket)
  const policy = policyOf(vault)
  const fields = fieldsOf(policy, request)
  const forms = fields.map(({ field, value, at }) => formOf(policy, field, value, at))
  // Before anybody is looked for: else the limit would tell who is there.
  const { attempts } = await countAttempt(vault, `surname ${caller.staff}`, HOUR)
  if (attempts > SEARCHES) throw new DoverieError('rate-limited')
  const act: SearchAct = { ...request, fields: shownFields(policy), detail: { beside: Object.keys(request.beside) } }
  const searched = await enterSearch(vault, caller, act)
  if (searched.decision.effect === 'refuse') return decidedOf(searched)
  const having = await findHavingAll(vault, forms, LOOKED_AT)
  const found = await known(vault, policy, having)
  // Where the list was cut, whom it left out is not known: that is never nobody.
  const tooMany = found.length > MOST || having.length === LOOKED_AT
  const candidates = tooMany ? [] : await Promise.all(found.map((one) => shown(vault, caller, request, one)))
  return { ...decidedOf(searched), candidates: candidates.filter((one) => one !== null), tooMany }
}

interface Told {
  readonly field: Field
  readonly value: string
  /** The request's member that says it. */
  readonly at: string
}

/** What is told, field by field, the surname first. */
function fieldsOf(policy: Policy, { surname, beside, purpose, entity }: SurnameSearch): readonly Told[] {
  checkNames(policy, { purpose, entity, fields: [] })
  const { surname: name, besideSurname } = policy.system
  const by = name === null ? undefined : policy.fields.get(name)
  if (by === undefined) throw new DoverieError('invalid-request', 'By this policy nobody is found by surname.')
  const told = Object.entries(beside)
  if (told.length === 0) {
    throw new DoverieError('invalid-request', 'A surname alone finds nobody: something more is wanted.', {
      field: 'beside',
    })
  }
  const more = told.map(([id, value]): Told => {
    const field = besideSurname.includes(id) ? policy.fields.get(id) : undefined
    if (field === undefined) throw new DoverieError('unknown-field', undefined, { field: 'beside' })
    return { field, value, at: `beside.${id}` }
  })
  return [{ field: by, value: surname, at: 'surname' }, ...more]
}

function formOf(
  policy: Policy,
  field: Field,
  value: string,
  at: string,
): { readonly kind: string; readonly form: string } {
  // The last of a field's ways is that by surname or beside it.
  const way = indexedForms(policy, field).at(-1)
  const form = way?.formOf(value) ?? null
  if (way === undefined || form === null) throw new DoverieError('invalid-value', undefined, { field: at })
  return { kind: way.kind, form }
}

/** Those of whom it is known that they are who their data say: a form that anybody sent makes nobody a candidate. */
async function known(vault: Vault, policy: Policy, subjects: readonly Uuid[]): Promise<readonly Known[]> {
  if (subjects.length === 0) return []
  const facts = await loadFacts(vault.data, [...subjects])
  return subjects.flatMap((subject) => {
    const of = facts.get(subject)?.facts
    if (of?.state !== 'live' || (of.proved.length === 0 && of.confirmedAt === null)) return []
    const held = shownFields(policy).filter((id) => of.held.includes(policy.fields.get(id)?.compartment ?? ''))
    return [{ subject, fields: held }]
  })
}

/** A candidate, and which of the shown fields are held of them. */
interface Known {
  readonly subject: Uuid
  readonly fields: readonly string[]
}

/** By what staff tell one candidate from another: what they may be searched by, and where they are written to. */
function shownFields(policy: Policy): readonly string[] {
  const { surname, besideSurname, signIn } = policy.system
  return [...new Set([surname ?? signIn, ...besideSurname, signIn])]
}

/** A candidate masked, with the entry in their history; null for whom the policy does not let this caller look at. */
async function shown(
  vault: Vault,
  caller: StaffCaller,
  { purpose, entity, ticket }: SurnameSearch,
  { subject, fields }: Known,
): Promise<Candidate | null> {
  const policy = policyOf(vault)
  const answer = await ask(vault, caller, { subject, purpose, entity, ticket, fields }, 'found-by-surname', 'use', true)
  const { permit } = answer
  if (permit === null) return null
  const values = await unsealAnswer(vault, answer, permit)
  const masked = [...values].map(([field, value]): [string, string] => {
    const kind = policy.fields.get(field)?.kind ?? 'text'
    return [
      field,
      asList(value.reveal(permit))
        .map((one) => maskValue(kind, one))
        .join(', '),
    ]
  })
  return { subject, shown: Object.fromEntries(masked) }
}

import {
  type AgeBand,
  canonical,
  DoverieError,
  type Instant,
  nextDay,
  parseDay,
  type RepresentativeAct,
  type RepresentativeKind,
  startOfDay,
  type Uuid,
} from '@doverie/core/base'
import { normaliseValue, type Policy } from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import { change, type ChangeRequest, type Changing } from '../guard/change.ts'
import { lengthened } from '../guard/evidence.ts'
import { currentValues, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { checkSubjectId, type FieldPlace, placeOf } from '../guard/vocabulary.ts'
import { deleteRepresentation, insertRepresentation } from '../store/representation.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

/** By what somebody acts: what was shown, never a copy of it. Personal: it lies sealed with whom they act for. */
export interface AuthorityDocument {
  /** What it is: a certificate of birth, a decision of guardianship, a power of attorney. */
  readonly title: string
  readonly number: string
  /** The day of its issue, `2026-11-23`. */
  readonly issued: string
  readonly issuer: string
}

/** Somebody's authority to act for somebody else, as staff saw it. */
export interface Authority {
  /** Who acts: a person of their own here, who signs in as themselves. */
  readonly person: string
  readonly kind: RepresentativeKind
  readonly document: AuthorityDocument
  /** The last day of the authority, in the operator's zone; needed of an attorney, whose power always ends. */
  readonly until?: string | undefined
  /** What it covers; everything that the person may do where it is left out. */
  readonly scope?: readonly RepresentativeAct[] | undefined
}

export interface Registered extends Decided {
  /** The id under which the authority was verified; entries of the representative's acts name it. */
  readonly representative?: Uuid
}

/** An authority that has the right shape, ready to be decided on. */
interface Verified {
  readonly id: Uuid
  readonly person: Uuid
  readonly kind: RepresentativeKind
  readonly document: AuthorityDocument
  readonly until: Instant | null
  readonly scope: readonly RepresentativeAct[] | undefined
  readonly place: FieldPlace
}

/**
 * Records that staff verified somebody's authority to act for a person (152-FZ art. 9(1), 9(6)): by what document, for what and
 * until when. From the answer on they act within it, signed in as themselves. Throws `not-in-policy` where the policy in force
 * knows no representatives, `invalid-request` and `not-found` naming what is wrong.
 */
export async function registerRepresentative(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly authority: Authority },
): Promise<Registered> {
  const subject = checkPerson(vault, request)
  const verified = await verify(vault, request.authority, subject)
  const outcome = await change(
    vault,
    requestOf(vault, caller, subject, request, verified, 'register-representative', 'clarify:update'),
    (changing) => keepAuthority(vault, changing, caller, request, verified),
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), representative: verified.id } : decidedOf(outcome)
}

/**
 * Begins a person who cannot act for themselves, together with who acts for them: of a minor without a representative nothing
 * may be collected, so neither comes first. What is to be known of them the representative then sends in by forms.
 */
export async function registerRepresented(
  vault: Vault,
  caller: Caller,
  request: Omit<OnPerson, 'subject'> & { readonly age: AgeBand; readonly authority: Authority },
): Promise<Registered & { readonly subject?: Uuid }> {
  const subject = vault.newId()
  checkPerson(vault, { ...request, subject })
  const { age } = request
  const verified = await verify(vault, request.authority, subject)
  const { id, kind, until, scope } = verified
  const since = vault.now()
  const outcome = await change(
    vault,
    {
      ...requestOf(vault, caller, subject, request, verified, 'register-represented', 'record'),
      begins: true,
      beginsWith: { age, representatives: [{ id, kind, since, until, ...(scope === undefined ? {} : { scope }) }] },
    },
    async (changing) => {
      changing.apply({ kind: 'age-declared', age, at: changing.at })
      await keepAuthority(vault, changing, caller, request, verified)
    },
  )
  return outcome.effect === 'permit'
    ? { ...decidedOf(outcome), subject, representative: verified.id }
    : decidedOf(outcome)
}

/**
 * Ends an authority: from the answer on nobody acts by it. Staff end any; the person ends the power of an attorney, but not a
 * parent's or a guardian's, which the law gives. Throws `not-found` where the person has no such representative.
 */
export async function endRepresentative(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly representative: string },
): Promise<Decided> {
  const subject = checkPerson(vault, request)
  const { representative: id } = request
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'end-representative',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields: [],
      detail: { representative: id },
      ...about(request),
    },
    async (changing) => {
      const known = changing.facts().representatives?.find((one) => one.id === id)
      if (known === undefined)
        throw new DoverieError('not-found', 'The person has no such representative.', { field: 'representative' })
      if (caller.kind === 'subject' && known.kind !== 'attorney')
        throw new DoverieError('forbidden', 'Whom the law makes a representative, staff end.')
      changing.apply({ kind: 'representative-ended', id, at: changing.at })
      await deleteRepresentation(changing.tx, { subject, representative: id })
    },
  )
  return decidedOf(outcome)
}

function requestOf(
  vault: Vault,
  caller: Caller,
  subject: Uuid,
  request: Omit<OnPerson, 'subject'>,
  { id, kind, until, scope, place }: Verified,
  act: string,
  operation: ChangeRequest['operation'],
): ChangeRequest {
  return {
    caller,
    subject,
    act,
    operation,
    purpose: rightsPurpose(vault),
    entity: request.entity,
    ticket: request.ticket,
    fields: [place.field],
    detail: { representative: id, kind, until, scope: scope === undefined ? 'all' : [...scope] },
  }
}

async function keepAuthority(
  vault: Vault,
  changing: Changing,
  caller: Caller,
  { ticket }: Pick<OnPerson, 'ticket'>,
  { id, person, kind, document, until, scope, place }: Verified,
): Promise<void> {
  const { at, policy, tx } = changing
  const { subject } = changing.permit
  const event = { kind: 'representative-verified' as const, id, representative: kind, until, at }
  changing.apply(scope === undefined ? event : { ...event, scope })
  const record = canonical({
    representative: id,
    kind,
    person,
    document: { ...document },
    until,
    scope: scope === undefined ? null : [...scope],
    verifiedBy: caller.kind === 'staff' ? caller.pseudonym : '',
    at,
    ticket: ticket ?? null,
    policy: policy.id,
  })
  await writeValues(vault, changing, lengthened(await currentValues(changing), place, [record]))
  await insertRepresentation(tx, { subject, representative: id }, person)
}

/** Checks what was written down of an authority. What it says nobody but staff has seen. */
async function verify(vault: Vault, authority: Authority, subject: Uuid): Promise<Verified> {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const field = policy.system.representatives
  if (field === null) throw new DoverieError('not-in-policy', 'The policy in force knows no representatives.')
  const { person, kind, scope } = authority
  if (scope?.length === 0) throw wrong('scope', 'An authority that covers nothing is none.')
  const until = endOf(vault, policy, authority)
  const document = documentOf(vault, policy, authority.document)
  await checkRepresentative(vault, person, subject)
  const covers = scope === undefined ? undefined : [...new Set(scope)].sort()
  return { id: vault.newId(), person, kind, document, until, scope: covers, place: placeOf(policy, field) }
}

function endOf(vault: Vault, policy: Policy, { kind, until }: Authority): Instant | null {
  if (until === undefined) {
    if (kind === 'attorney') throw wrong('until', 'A power of attorney ends: its last day is needed.')
    return null
  }
  const day = parseDay(until)
  if (day === null) throw wrong('until', 'There is no such day.')
  const end = startOfDay(policy.zone, nextDay(day))
  if (end <= vault.now()) throw wrong('until', 'The authority has ended already.')
  return end
}

function documentOf(
  vault: Vault,
  policy: Policy,
  { title, number, issued, issuer }: AuthorityDocument,
): AuthorityDocument {
  const day = parseDay(issued)
  if (day === null || startOfDay(policy.zone, day) > vault.now()) {
    throw wrong('document.issued', 'A day that is not to come is needed.')
  }
  return {
    title: textOf('document.title', title),
    number: textOf('document.number', number),
    issued,
    issuer: textOf('document.issuer', issuer),
  }
}

function textOf(field: string, raw: string): string {
  const text = normaliseValue('text', raw, { maxLength: 300 })
  if (!text.ok) throw new DoverieError(text.error.code, text.error.message, { field })
  return text.value
}

/** Who acts for others is somebody here, of age, with a mailbox that is theirs. */
async function checkRepresentative(vault: Vault, person: string, subject: Uuid): Promise<void> {
  checkSubjectId(person)
  if (person === subject) throw wrong('person', 'Nobody represents themselves.')
  const { facts } = await vault.people.reload(person, vault.now())
  if (facts?.state !== 'live')
    throw new DoverieError('not-found', 'There is no such representative.', { field: 'person' })
  if (facts.age === 'minor') throw wrong('person', 'A minor represents nobody.')
  if (!facts.proved.includes('email')) throw wrong('person', 'They have proved no mailbox to sign in with.')
}

function wrong(field: string, message: string): DoverieError {
  return new DoverieError('invalid-request', message, { field })
}

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
import { type Caller, ledgerNameOf } from '../guard/caller.ts'
import { change, type ChangeRequest, type Changing } from '../guard/change.ts'
import { lengthened } from '../guard/evidence.ts'
import { currentValues, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { checkSubjectId, type FieldPlace, placeOf } from '../guard/vocabulary.ts'
import { deleteRepresentation, insertRepresentation, type Proposal } from '../store/representation.ts'
import { assertKind, checkRepresentative, proposedLetter } from './confirm-representative.ts'
import { holdCaller } from './duties.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { tellMailbox } from './tell-mailbox.ts'

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
  /** The id of the authority; entries of the representative's acts name it. */
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
  /** The compartment of the mailbox at which the person is told. */
  readonly mailbox: string
}

/**
 * Writes down that staff were shown by what somebody acts for a person (152-FZ art. 9(1), 9(6)): what document, for what and
 * until when. INVARIANT: nothing comes of it before another member of staff confirms it (`confirmRepresentative`): one alone could
 * make a customer of their own anybody's representative. The person is told at their proved mailbox and can refuse. Throws
 * `not-in-policy` where the policy in force knows no representatives, `conflict` where the person's age does not go with the
 * kind, `invalid-request` and `not-found` naming what is wrong.
 */
export async function proposeRepresentative(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly authority: Authority },
): Promise<Registered> {
  const subject = checkPerson(vault, request)
  const verified = await verify(vault, request.authority, subject)
  const { id, kind, until, scope, mailbox } = verified
  const outcome = await change(
    vault,
    {
      ...requestOf(vault, caller, subject, request, verified, 'propose-representative', 'clarify:update'),
      compartments: [verified.place.compartment, mailbox],
    },
    async (changing) => {
      await holdCaller(changing, caller)
      assertKind(kind, changing.facts().age)
      const { entity, ticket = null } = request
      const asked = { entity, ticket, askedAt: changing.at, askedBy: ledgerNameOf(caller) }
      await keepAuthority(vault, changing, caller, request, verified, { kind, until, scope: scope ?? null, ...asked })
      await tellMailbox(vault, changing, proposedLetter(kind))
    },
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), representative: id } : decidedOf(outcome)
}

/**
 * Begins a person who cannot act for themselves, together with who acts for them: of a minor without a representative nothing
 * may be collected, so neither comes first. What is to be known of them the representative then sends in by forms. One member of
 * staff is enough: nothing of anybody lies there yet. Throws as `proposeRepresentative`.
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
  assertKind(kind, age)
  const since = vault.now()
  const outcome = await change(
    vault,
    {
      ...requestOf(vault, caller, subject, request, verified, 'register-represented', 'record'),
      begins: true,
      beginsWith: { age, representatives: [{ id, kind, since, until, ...(scope === undefined ? {} : { scope }) }] },
    },
    async (changing) => {
      const { at } = changing
      await holdCaller(changing, caller)
      changing.apply({ kind: 'age-declared', age, at })
      const event = { kind: 'representative-verified' as const, id, representative: kind, until, at }
      changing.apply(scope === undefined ? event : { ...event, scope })
      await keepAuthority(vault, changing, caller, request, verified, null)
    },
  )
  return outcome.effect === 'permit'
    ? { ...decidedOf(outcome), subject, representative: verified.id }
    : decidedOf(outcome)
}

/**
 * Ends an authority, or declines one that waits for its second word: from the answer on nobody acts by it. Staff end any; the
 * person refuses any that waits and ends the power of an attorney, but not a parent's or a guardian's, which the law gives.
 * Throws `not-found` where the person has no such representative.
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
      const there = await deleteRepresentation(changing.tx, { subject, representative: id })
      if (known === undefined) {
        if (!there)
          throw new DoverieError('not-found', 'The person has no such representative.', { field: 'representative' })
        changing.note({ waited: true })
        return
      }
      if (caller.kind === 'subject' && known.kind !== 'attorney')
        throw new DoverieError('forbidden', 'Whom the law makes a representative, staff end.')
      changing.apply({ kind: 'representative-ended', id, at: changing.at })
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
  proposal: Proposal | null,
): Promise<void> {
  const { at, policy, tx } = changing
  const { subject } = changing.permit
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
  await insertRepresentation(tx, { subject, representative: id }, person, proposal)
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
  checkSubjectId(person)
  if (person === subject) throw wrong('person', 'Nobody represents themselves.')
  await checkRepresentative(vault, person)
  const covers = scope === undefined ? undefined : [...new Set(scope)].sort()
  const mailbox = placeOf(policy, policy.system.signIn).compartment
  return { id: vault.newId(), person, kind, document, until, scope: covers, place: placeOf(policy, field), mailbox }
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

function wrong(field: string, message: string): DoverieError {
  return new DoverieError('invalid-request', message, { field })
}

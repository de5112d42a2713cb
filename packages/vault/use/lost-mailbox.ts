import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { indexForm, normaliseValue, type Policy } from '@doverie/core/policy'
import { documentMethods } from '@doverie/core/request'
import { accessKeyIn } from '../guard/access-key.ts'
import type { Caller, StaffCaller, SubjectCaller } from '../guard/caller.ts'
import { change, type Changing } from '../guard/change.ts'
import { proveIdentifier } from '../guard/index-identifiers.ts'
import { queueLetter } from '../guard/letters.ts'
import { writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import { deleteAccess } from '../store/access.ts'
import {
  deleteMailboxChange,
  findMailboxChange,
  insertMailboxChange,
  listMailboxChanges,
  type MailboxChange,
  markMailboxChange,
  postponeMailboxChange,
} from '../store/mailbox-changes.ts'
import { countAttempt } from './count-attempt.ts'
import { assertDuty, assertOfficer, assertSecond, holdCaller, linkOf } from './duties.ts'
import { checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { checkProofCode, sendProofCode } from './proof-code.ts'
import { holderOf, type SentCode } from './request-code.ts'
import { firstEntity, keeperOf, policyOf } from './requests/law.ts'
import { channelsOf, tellPerson } from './tell-person.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** So many mailboxes one member of staff proposes in an hour. */
const TRIES = 10
/** So long the owner of the old mailbox has to say that it is not lost; or as long as the policy lets an erasure wait, if that is more. */
const WAIT = 7 * DAY

/** A mailbox that is to be put in place of a lost one, without its address. */
export type WaitingMailbox = Omit<MailboxChange, 'sealed'>

/**
 * Writes down that somebody has lost their mailbox, and by which other one they want to sign in. Staff have seen a document, or a letter
 * whose signature a notary witnessed. INVARIANT: nothing comes of it before another member of staff has confirmed it, a code has come
 * back from the new mailbox, and the term is over in which the old one can cancel it. A code goes to the new mailbox at once; every
 * proved channel is told. Throws `invalid-value`, `invalid-request`, `conflict` where one waits, `rate-limited` where one member of staff
 * tries it too often, or too many codes went to that mailbox. What comes to nothing for these is in the person's history.
 */
export async function proposeMailbox(
  vault: Vault,
  caller: StaffCaller,
  request: OnPerson & { readonly email: string; readonly method: string },
): Promise<Decided & { readonly change?: Uuid; readonly code?: SentCode }> {
  await assertDuty(vault, caller, 'requests')
  const subject = checkPerson(vault, request)
  const { method } = request
  if (!documentMethods().includes(method)) {
    throw new DoverieError('invalid-request', 'A document shown, or a letter that a notary witnessed, is wanted.', {
      field: 'method',
    })
  }
  const email = normaliseValue('email', request.email)
  if (!email.ok) throw new DoverieError(email.error.code, email.error.message, { field: 'email' })
  const { attempts } = await countAttempt(vault, `mailbox ${caller.staff}`, HOUR)
  if (attempts > TRIES) throw new DoverieError('rate-limited')
  const id = vault.newId()
  const outcome = await onMailbox(vault, caller, { ...request, subject }, 'propose-mailbox', async (changing) => {
    const { tx, at } = changing
    await holdCaller(changing, caller)
    if ((await findMailboxChange(tx, subject)) !== null) return cameToNothing(changing, new DoverieError('conflict'))
    // Whose mailbox it is makes no difference before its owner has told the code: else this would tell who is known here.
    const code = await sendCodeTo(vault, changing, id, email.value)
    if (code instanceof DoverieError) return code
    const sealed = (await accessKeyIn(vault, changing)).seal(id, { email: email.value })
    const { entity } = request
    const { pseudonym: askedBy } = caller
    const asked = { subject, id, sealed, method, entity, askedAt: at, askedBy, provedAt: null, dueAt: null }
    await insertMailboxChange(tx, asked)
    changing.note({ change: id, method })
    await tell(vault, changing, PROPOSED)
    return code
  })
  if (outcome.effect === 'refuse') return decidedOf(outcome)
  return { ...decidedOf(outcome), change: id, code: unlessFault(outcome.value) }
}

/** Sends the new mailbox another code. Throws `not-found` where nothing waits. */
export async function sendMailboxCode(vault: Vault, caller: StaffCaller, request: OnPerson): Promise<SentCode> {
  await assertDuty(vault, caller, 'requests')
  const subject = checkPerson(vault, request)
  const outcome = await onMailbox(vault, caller, { ...request, subject }, 'propose-mailbox', async (changing) => {
    const waiting = await waitingOf(changing)
    changing.note({ change: waiting.id, again: true })
    return sendCodeTo(vault, changing, waiting.id, await addressOf(vault, changing, waiting))
  })
  if (outcome.effect === 'refuse') throw new DoverieError('forbidden')
  return unlessFault(outcome.value)
}

/** A code for a change; the fault, entered, where too many went to that mailbox. */
async function sendCodeTo(vault: Vault, changing: Changing, id: Uuid, value: string): Promise<SentCode | DoverieError> {
  const { subject: holder } = changing.permit
  try {
    return await sendProofCode(vault, changing.tx, { holder, channel: 'email', value, boundTo: boundTo(id) })
  } catch (error) {
    if (error instanceof DoverieError && error.code === 'rate-limited') return cameToNothing(changing, error)
    throw error
  }
}

/** A try that came to nothing and is entered: the fault is thrown once the entry is durable. */
function cameToNothing(changing: Changing, fault: DoverieError): DoverieError {
  changing.note({ refused: fault.code })
  return fault
}

function unlessFault<T>(value: T | DoverieError): T {
  if (value instanceof DoverieError) throw value
  return value
}

/**
 * Notes that the code which went to the new mailbox came back from who asked. Throws `code-invalid`, `not-found`, and `conflict` where
 * that mailbox is proved to be somebody else's: then the change is given up.
 */
export async function proveMailbox(
  vault: Vault,
  caller: StaffCaller,
  request: OnPerson & { readonly id: string; readonly code: string },
): Promise<void> {
  await assertDuty(vault, caller, 'requests')
  const subject = checkPerson(vault, request)
  const known = await findMailboxChange(vault.data, subject)
  if (known === null) throw new DoverieError('not-found')
  const proved = await checkProofCode(vault, { id: request.id, code: request.code, boundTo: boundTo(known.id) })
  const outcome = await onMailbox(vault, caller, { ...request, subject }, 'propose-mailbox', async (changing) => {
    await proved.take(changing.tx)
    changing.note({ change: known.id, proved: true })
    if (!(await markMailboxChange(changing.tx, known, { provedAt: changing.at }))) throw new DoverieError('conflict')
    const email = await addressOf(vault, changing, known)
    if ((await holderOf(vault, email, subject, changing.tx)) === undefined) return null
    await deleteMailboxChange(changing.tx, subject, known.id)
    changing.note({ taken: true })
    await tell(vault, changing, CANCELLED)
    return new DoverieError('conflict', 'This mailbox is proved to be somebody’s.', { field: 'email' })
  })
  if (outcome.effect === 'refuse') throw new DoverieError('forbidden')
  unlessFault(outcome.value)
}

/**
 * The second word: another member of staff, whom the policy lets change how a person is reached, says that it is so. From here its term
 * runs; every proved channel is told until when it can be cancelled. INVARIANT: it confirms what they have checked with the owner and
 * nothing else: they name that very change, and the address as the owner told it, which a code has proved. Throws `not-found`,
 * `conflict` where another waits or it is not proved, `forbidden` for who proposed it.
 */
export async function confirmMailbox(
  vault: Vault,
  caller: StaffCaller,
  request: OnPerson & { readonly change: string; readonly email: string },
): Promise<Decided> {
  await assertDuty(vault, caller, 'requests')
  const subject = checkPerson(vault, request)
  const policy = policyOf(vault)
  const outcome = await onMailbox(vault, caller, { ...request, subject }, 'confirm-mailbox', async (changing) => {
    await holdCaller(changing, caller)
    const waiting = await waitingOf(changing)
    assertSecond(caller, waiting.askedBy)
    if (waiting.dueAt !== null) throw new DoverieError('conflict', 'It is confirmed already.')
    const told = indexForm('email', request.email)
    const same = told !== null && told === indexForm('email', await addressOf(vault, changing, waiting))
    if (waiting.id !== request.change || waiting.provedAt === null || !same) {
      throw new DoverieError('conflict', undefined, { field: 'email' })
    }
    const dueAt = changing.at + Math.max(WAIT, policy.erasure?.delay ?? 0)
    await markMailboxChange(changing.tx, waiting, { dueAt })
    changing.note({ change: waiting.id, method: waiting.method, ...linkOf(caller) })
    await tell(vault, changing, confirmedWords(dueAt, policy.zone))
  })
  return decidedOf(outcome)
}

/** Cancels it: the person from any session of theirs, which the old mailbox still begins, or staff. Throws `not-found`. */
export async function cancelMailbox(vault: Vault, caller: Caller, request: OnPerson): Promise<Decided> {
  if (caller.kind !== 'subject') await assertDuty(vault, caller, 'requests')
  const subject = checkPerson(vault, request)
  const outcome = await onMailbox(vault, caller, { ...request, subject }, 'cancel-mailbox', async (changing) => {
    const waiting = await waitingOf(changing)
    await deleteMailboxChange(changing.tx, subject, waiting.id)
    changing.note({ change: waiting.id })
    await tell(vault, changing, CANCELLED)
  })
  return decidedOf(outcome)
}

/** What waits, for the officer. */
export async function listWaitingMailboxes(vault: Vault, caller: StaffCaller): Promise<readonly WaitingMailbox[]> {
  assertOfficer(vault, caller)
  return (await listMailboxChanges(vault.data)).map(withoutAddress)
}

/** What waits of the person who is signed in; null where nothing does. */
export async function myWaitingMailbox(vault: Vault, { subject }: SubjectCaller): Promise<WaitingMailbox | null> {
  const waiting = await findMailboxChange(vault.data, subject)
  return waiting === null ? null : withoutAddress(waiting)
}

/**
 * Puts proved and confirmed mailboxes in place of the lost ones once their term is over, in the policy's keeper's name: who is signed in by
 * the old one, or by what was added from it, is so no more. Gives how many. What the policy refuses waits for another day. A fault at
 * one keeps no other waiting: the first is thrown when all were tried.
 */
export async function replaceMailboxes(vault: Vault): Promise<number> {
  const policy = vault.policy()
  if (policy === null) return 0
  const faults: unknown[] = []
  let done = 0
  for (const waiting of await listMailboxChanges(vault.data, vault.now())) {
    try {
      if (await replaceOne(vault, policy, waiting)) done += 1
    } catch (error) {
      faults.push(error)
    }
  }
  if (faults.length > 0) throw faults[0]
  return done
}

/** False where the policy refuses it, or nothing is to be replaced any more. */
async function replaceOne(
  vault: Vault,
  policy: Policy,
  { subject, id, entity: asked }: MailboxChange,
): Promise<boolean> {
  const entity = policy.entities.has(asked) ? asked : firstEntity(policy)
  const outcome = await onMailbox(vault, keeperOf(policy), { subject, entity }, 'replace-mailbox', async (changing) => {
    const waiting = await findMailboxChange(changing.tx, subject)
    // Cancelled in this very moment.
    if (waiting?.id !== id || !(await deleteMailboxChange(changing.tx, subject, id))) return false
    const email = await addressOf(vault, changing, waiting)
    // Somebody has proved it for themselves meanwhile: a mailbox is one person's.
    if ((await holderOf(vault, email, subject, changing.tx)) !== undefined) return false
    await replace(vault, changing, email)
    changing.note({ change: id, method: waiting.method })
    return true
  })
  if (outcome.effect === 'permit') return outcome.value
  // Each refusal stands in the person's history: one a day.
  await postponeMailboxChange(vault.data, { subject, id }, vault.now() + DAY)
  return false
}

async function replace(vault: Vault, changing: Changing, email: string): Promise<void> {
  const { tx, at, policy, permit } = changing
  const { compartment, field } = placeOf(policy, policy.system.signIn)
  await tell(vault, changing, REPLACED)
  await deleteAccess(tx, permit.subject)
  changing.apply({ kind: 'identifier-changed', identifier: 'email', at })
  await writeValues(vault, changing, new Map([[compartment, { [field]: email }]]))
  changing.apply({ kind: 'identifier-proved', identifier: 'email', at })
  // Searchable with the commit: before it the tag is marked only.
  changing.afterCommit(() => proveIdentifier(vault, permit.subject, 'email', email))
  await queueLetter(vault, tx, permit.subject, { ...REPLACED, to: email })
}

function onMailbox<T>(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly subject: Uuid },
  act: string,
  work: (changing: Changing) => Promise<T>,
): ReturnType<typeof change<T>> {
  const policy = policyOf(vault)
  const own = caller.kind === 'staff'
  return change(
    vault,
    {
      caller,
      subject: request.subject,
      act,
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      entity: request.entity,
      ticket: request.ticket,
      // Of staff the policy is asked whether they may change that very field.
      fields: own ? [policy.system.signIn] : [],
      compartments: channelsOf(policy),
    },
    work,
  )
}

async function waitingOf({ tx, permit }: Changing): Promise<MailboxChange> {
  const waiting = await findMailboxChange(tx, permit.subject)
  if (waiting === null) throw new DoverieError('not-found', 'No change of a mailbox waits.')
  return waiting
}

async function addressOf(vault: Vault, changing: Changing, { id, sealed }: MailboxChange): Promise<string> {
  return ((await accessKeyIn(vault, changing)).open(id, sealed) as { readonly email: string }).email
}

function withoutAddress({ sealed: _, ...waiting }: MailboxChange): WaitingMailbox {
  return waiting
}

function boundTo(id: Uuid): string {
  return `mailbox ${id}`
}

interface Words {
  readonly subject: string
  readonly text: string
}

const SHORT = 'Меняют адрес почты, по которому вы входите. Если это не вы, войдите и отмените или сообщите нам.'

function tell(vault: Vault, changing: Changing, words: Words): Promise<void> {
  return tellPerson(vault, changing, { ...words, page: '/my/security' }, SHORT)
}

const PROPOSED: Words = {
  subject: 'Ваш адрес хотят заменить другим / Your mailbox is to be replaced',
  text: [
    'Сотруднику предъявлен документ и сказано, что доступ к этому адресу утрачен. Вместо него вы будете входить по другому.',
    'Пока этого не подтвердил второй сотрудник и не прошёл срок, ничего не меняется.',
    'Если вы этого не просили, войдите и отмените, или сообщите нам.',
    '',
    'A member of staff was shown a document and told that this mailbox is lost. Another is to sign you in.',
    'Until a second member of staff confirms it and its term is over, nothing changes.',
    'If you did not ask for it, sign in and cancel it, or tell us.',
  ].join('\n'),
}

const CANCELLED: Words = {
  subject: 'Замена адреса отменена / The change of your mailbox is cancelled',
  text: 'Этот адрес остаётся вашим.\n\nThis mailbox stays yours.',
}

const REPLACED: Words = {
  subject: 'Адрес заменён / Your mailbox was replaced',
  text: [
    'Теперь вы входите по новому адресу; прежние входы и ключи не действуют. Если вы этого не просили, сообщите нам сразу.',
    '',
    'From now on you sign in by the new mailbox; former sessions and passkeys are ended. If you did not ask for it, tell us at once.',
  ].join('\n'),
}

function confirmedWords(due: Instant, zone: string): Words {
  const day = (language: string): string =>
    new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: zone }).format(due)
  return {
    subject: 'Замена адреса подтверждена / The change of your mailbox is confirmed',
    text: [
      `Второй сотрудник подтвердил замену. Она произойдёт ${day('ru')} (${zone}). До тех пор её можно отменить, войдя по этому адресу.`,
      '',
      `A second member of staff has confirmed it. It takes effect on ${day('en-GB')} (${zone}). Until then sign in by this mailbox to cancel it.`,
    ].join('\n'),
  }
}

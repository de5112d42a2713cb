import { type AgeBand, canonical, DoverieError, type Representative, type RepresentativeKind } from '@doverie/core/base'
import type { StaffCaller, SubjectCaller } from '../guard/caller.ts'
import { change } from '../guard/change.ts'
import { lengthened } from '../guard/evidence.ts'
import type { Letter } from '../guard/letters.ts'
import { recordAct } from '../guard/record-act.ts'
import { currentValues, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { checkSubjectId, placeOf } from '../guard/vocabulary.ts'
import { transaction } from '../store/database.ts'
import { listProposals, type Proposed, settleProposal } from '../store/representation.ts'
import { accessClauses, assertOfficer, assertSecond, holdCaller, linkOf } from './duties.ts'
import { rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { type OwnLetter, tellMailbox } from './tell-mailbox.ts'

/**
 * The second word: another member of staff than the one who was shown the document, whom the policy lets change by whom a person
 * is represented, says that it is so. From the answer on the representative acts, and the person is told. What was proposed is
 * looked at again: the age, the term, and that the representative is still here. Throws `not-found`; `conflict` where it does not
 * wait or does not hold any more; `forbidden` for who proposed it.
 */
export async function confirmRepresentative(
  vault: Vault,
  caller: StaffCaller,
  which: { readonly subject: string; readonly representative: string },
): Promise<Decided> {
  const { subject, representative } = which
  checkSubjectId(subject)
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const list = policy.system.representatives
  if (list === null) throw new DoverieError('not-in-policy', 'The policy in force knows no representatives.')
  const waiting = (await listProposals(vault.data, subject)).find((one) => one.representative === representative)
  if (waiting === undefined) throw new DoverieError('not-found')
  const { person, proposal } = waiting
  const { kind, until, scope, entity, ticket, askedBy } = proposal
  if (askedBy.id !== undefined) assertSecond(caller, askedBy.id)
  await checkRepresentative(vault, person)
  const place = placeOf(policy, list)
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'confirm-representative',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      entity,
      ticket: ticket ?? undefined,
      fields: [place.field],
      compartments: [place.compartment, placeOf(policy, policy.system.signIn).compartment],
      detail: { representative, kind, until, scope: scope === null ? 'all' : [...scope], ...linkOf(caller) },
    },
    async (changing) => {
      const { at, tx } = changing
      await holdCaller(changing, caller)
      if (!(await settleProposal(tx, { subject, representative }))) {
        throw new DoverieError('conflict', 'It does not wait any more.')
      }
      assertKind(kind, changing.facts().age)
      if (until !== null && until <= at) throw new DoverieError('conflict', 'The authority has ended meanwhile.')
      const event = { kind: 'representative-verified' as const, id: representative, representative: kind, until, at }
      changing.apply(scope === null ? event : { ...event, scope })
      const record = canonical({ at, confirmedBy: caller.pseudonym, policy: changing.policy.id, representative })
      await writeValues(vault, changing, lengthened(await currentValues(changing), place, [record]))
      await tellMailbox(vault, changing, confirmedLetter(kind))
    },
  )
  return decidedOf(outcome)
}

/** What waits for its second word, the oldest first, for the data-protection officer; the look at it is entered in the ledger. */
export async function listProposedRepresentatives(vault: Vault, caller: StaffCaller): Promise<readonly Proposed[]> {
  assertOfficer(vault, caller)
  return transaction(vault.data, async (tx) => {
    const found = await listProposals(tx, null)
    await recordAct(vault, tx, 'list-representatives', caller, accessClauses(vault), { waiting: found.length })
    return found
  })
}

/** Who may act for a person now, and who waits for a second word: theirs to see, to refuse and to end. */
export async function listMyRepresentatives(
  vault: Vault,
  { subject }: SubjectCaller,
): Promise<{ readonly acting: readonly Representative[]; readonly waiting: readonly Proposed[] }> {
  const { facts } = await vault.people.reload(subject, vault.now())
  if (facts === null) throw new DoverieError('not-found')
  const now = vault.now()
  const acting = (facts.representatives ?? []).filter(({ until }) => until === null || until > now)
  return { acting, waiting: await listProposals(vault.data, subject) }
}

/**
 * Parents and adopters act for whom is known to be a minor, a guardian for whose age is known at all, an attorney for nobody who is a
 * minor. Throws `conflict` otherwise: first staff see a document of the age.
 */
export function assertKind(kind: RepresentativeKind, age: AgeBand | null | undefined): void {
  const fits = kind === 'attorney' ? age !== 'minor' : kind === 'guardian' ? !!age : age === 'minor'
  if (fits) return
  throw new DoverieError('conflict', 'What is known of the person’s age does not go with such a representative.', {
    field: 'kind',
  })
}

/** Who acts for others is somebody here, of age, with a mailbox that is theirs. */
export async function checkRepresentative(vault: Vault, person: string): Promise<void> {
  const { facts } = await vault.people.reload(person, vault.now())
  if (facts?.state !== 'live')
    throw new DoverieError('not-found', 'There is no such representative.', { field: 'person' })
  if (facts.age === 'minor') throw wrong('A minor represents nobody.')
  if (!facts.proved.includes('email')) throw wrong('They have proved no mailbox to sign in with.')
}

function wrong(message: string): DoverieError {
  return new DoverieError('invalid-request', message, { field: 'person' })
}

const KINDS: Readonly<Record<RepresentativeKind, readonly [ru: string, en: string]>> = {
  parent: ['родитель', 'a parent'],
  adopter: ['усыновитель', 'an adopter'],
  guardian: ['опекун или попечитель', 'a guardian'],
  attorney: ['поверенный, по доверенности', 'an attorney, by a power of attorney'],
}

export function proposedLetter(kind: RepresentativeKind): OwnLetter {
  const [ru, en] = KINDS[kind]
  return {
    page: '/my/data',
    subject: 'Кого-то хотят записать вашим представителем / Somebody is to be your representative',
    text: [
      `Сотруднику показали документ, по которому за вас хочет действовать другой человек (${ru}).`,
      'Пока этого не подтвердил второй сотрудник, за вас никто не действует.',
      'Если вы об этом не знаете, войдите и откажите, или сообщите нам.',
      '',
      `A member of staff was shown a document by which somebody else is to act for you (${en}).`,
      'Until a second member of staff confirms it, nobody acts for you.',
      'If you know nothing of it, sign in and refuse, or tell us.',
    ].join('\n'),
  }
}

function confirmedLetter(kind: RepresentativeKind): Omit<Letter, 'to'> {
  const [ru, en] = KINDS[kind]
  return {
    subject: 'У вас есть представитель / You have a representative',
    text: [
      `С этой минуты за вас действует другой человек (${ru}): документ проверили два сотрудника. Всё, что он сделает, будет в вашей истории.`,
      'Доверенность можно прекратить в любое время, войдя к нам. Если это ошибка, сообщите нам сразу.',
      '',
      `From now on somebody else acts for you (${en}): two members of staff have checked the document. All that they do is in your history.`,
      'A power of attorney can be ended at any time by signing in. If this is a mistake, tell us at once.',
    ].join('\n'),
  }
}

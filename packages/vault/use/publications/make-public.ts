import { DoverieError, type Facts, type Publication, type PublicBan } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import { type Caller, isPersonSide } from '../../guard/caller.ts'
import { change, type Changing } from '../../guard/change.ts'
import type { Vault } from '../../guard/vault.ts'
import { checkNames, unknownName } from '../../guard/vocabulary.ts'
import { deletePublication, listPublications, putPublication } from '../../store/publications.ts'
import { describePerson } from '../describe-person.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from '../on-person.ts'
import { type Decided, decidedOf } from '../open-fields.ts'
import { assertProved } from '../requests/identity.ts'
import { dissemination } from '../requests/law.ts'
import { channelsOf, tellPerson } from '../tell-person.ts'
import { disseminatorOf } from './disseminator.ts'

/** Each field that is to be public with what everybody is forbidden to do with it. */
export type Opening = Readonly<Record<string, readonly PublicBan[]>>

export interface MadePublic extends Decided {
  /** The name under which it is served; null where nothing is public any more. */
  readonly handle?: string | null
}

const HANDLE_BYTES = 16

/**
 * Makes fields public for a purpose that rests on the law's consent to that, in place of what was public for it, each with the bans that
 * the person sets; with no field nothing is public any more (clause 3.1; 152-FZ art. 10.1). The bans are published with the data, at once; when
 * this returns, nothing that is public no more is served. The consent itself is given by itself, by its own document. What opens more than was
 * open is told to the person by every proved channel, and being signed in is not enough for it; taking back needs nothing more. Throws
 * `proof-needed` where a person opens more and proved nothing more in the session lately, and
 * `forbidden` for a field that the policy lets nobody open to everybody now: without a consent, closed, blocked.
 */
export async function makePublic(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly purpose: string; readonly fields: Opening },
): Promise<MadePublic> {
  const subject = checkPerson(vault, request)
  const { purpose, entity, fields } = request
  const names = Object.keys(fields)
  const known = vault.policy()
  if (known !== null) {
    checkNames(known, { purpose, entity, fields: names })
    if (!dissemination(known).includes(purpose)) throw unknownName(known, 'purpose', 'purpose')
  }
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'make-public',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields: names,
      // Read for where the person is told.
      ...(names.length === 0 || known === null ? {} : { compartments: channelsOf(known) }),
      detail: {
        publication: purpose,
        fields: Object.fromEntries(names.map((name) => [name, [...(fields[name] ?? [])]])),
      },
      ...about(request),
    },
    async (changing) => {
      for (const field of names) assertMayBePublic(changing, { purpose, entity, field })
      const before = publicationIn(changing.facts(), purpose, entity)
      const wider = opensMore(fields, before)
      if (wider && isPersonSide(caller)) assertProved(caller, 'publication', changing.at)
      changing.apply({ kind: 'made-public', purpose, entity, fields, at: changing.at })
      if (names.length === 0) {
        await deletePublication(changing.tx, { subject, purpose, entity })
        return null
      }
      const kept = (await listPublications(changing.tx, subject)).find(
        (one) => one.purpose === purpose && one.entity === entity,
      )
      if (wider) await tellPerson(vault, changing, OPENED, OPENED_SHORT)
      // A name of before a withdrawal leads nowhere for ever, whatever is made public later.
      if (kept !== undefined && before !== null) return kept.handle
      const handle = vault.random(HANDLE_BYTES).toString('base64url')
      await putPublication(changing.tx, { subject, purpose, entity, handle })
      return handle
    },
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), handle: outcome.value } : decidedOf(outcome)
}

/** True where somebody sees by this what they did not before, or may do with it what was forbidden. */
function opensMore(fields: Opening, before: Publication | null): boolean {
  return Object.entries(fields).some(([field, bans]) => {
    const former = before?.fields[field]
    return former === undefined || former.some((ban) => !bans.includes(ban))
  })
}

/** What is told of it names nothing of what was opened: the page does, to who signs in. */
const OPENED = {
  subject: 'Ваши данные открыты для всех / Your data were made public',
  text: [
    'По вашему выбору часть ваших данных с этой минуты видна всем, или снят запрет на их использование.',
    'Что открыто и как это сразу закрыть: войдите и откройте страницу «Открыто для всех» (/my/public). Если это сделали не вы, закройте данные и сообщите нам.',
    '',
    'By your choice some of your data are shown to everybody from now on, or a ban on their use was lifted.',
    'To see what is public and end it at once, sign in and open the page "Made public" (/my/public). If it was not you, end it and tell us.',
  ].join('\n'),
}
const OPENED_SHORT = 'Часть ваших данных открыта для всех. Если это не вы, войдите и закройте их или сообщите нам.'

function assertMayBePublic(
  { policy, facts, at }: Changing,
  which: { readonly purpose: string; readonly entity: string; readonly field: string },
): void {
  const { refused } = disseminatorOf(policy, which, facts(), at)
  if (refused === null) return
  const [clause] = refused.clauses
  throw new DoverieError('forbidden', 'The policy lets nobody open this to everybody now.', {
    field: `fields.${which.field}`,
    ...(clause === undefined ? {} : { clause }),
  })
}

/** A publication of a person, or one that could be. */
export interface OwnPublication {
  readonly purpose: string
  readonly entity: string
  /** Null where nothing is public. */
  readonly handle: string | null
  readonly since: number | null
  readonly consented: boolean
  /** Forms whose consent to the purpose can be given. */
  readonly forms: readonly string[]
  /** What is public, and what could be once there is a consent: fields that are held and that a rule opens to everybody. */
  readonly fields: readonly { readonly field: string; readonly public: boolean; readonly bans: readonly PublicBan[] }[]
}

/** Tells what a person has made public, and what they could. */
export async function listOwnPublications(
  vault: Vault,
  caller: Caller,
  request: OnPerson,
): Promise<Decided & { readonly publications?: readonly OwnPublication[] }> {
  const { facts, ...described } = await describePerson(vault, caller, request)
  const policy = vault.policy()
  if (facts === undefined || policy === null) return described
  const rows = await listPublications(vault.data, checkPerson(vault, request))
  const { entity } = request
  const publications = dissemination(policy).map((purpose): OwnPublication => {
    const live = publicationIn(facts, purpose, entity)
    const row = rows.find((one) => one.purpose === purpose && one.entity === entity)
    return {
      purpose,
      entity,
      handle: live === null ? null : (row?.handle ?? null),
      since: live?.since ?? null,
      consented: facts.consents.some((one) => one.purpose === purpose && one.entity === entity),
      forms: [...policy.forms.values()]
        .filter(
          ({ entities, consents }) => entities.includes(entity) && consents.some((one) => one.purpose === purpose),
        )
        .map(({ id }) => id),
      fields: possible(policy, facts, purpose, entity, vault.now()).map((field) => ({
        field,
        public: live !== null && Object.hasOwn(live.fields, field),
        bans: live?.fields[field] ?? [],
      })),
    }
  })
  return { ...described, publications: publications.filter(({ fields }) => fields.length > 0) }
}

/** What could be public if there were a consent to it. */
function possible(policy: Policy, facts: Facts, purpose: string, entity: string, now: number): readonly string[] {
  const consents = [
    ...facts.consents.filter((one) => one.purpose !== purpose),
    { purpose, entity, since: 0, until: null },
  ]
  return [...policy.fields.values()]
    .filter(({ compartment }) => facts.held.includes(compartment))
    .filter(
      ({ id: field }) =>
        disseminatorOf(policy, { purpose, entity, field }, { ...facts, consents }, now).refused === null,
    )
    .map(({ id }) => id)
}

export function publicationIn(facts: Facts | null, purpose: string, entity: string): Publication | null {
  return facts?.publications?.find((one) => one.purpose === purpose && one.entity === entity) ?? null
}

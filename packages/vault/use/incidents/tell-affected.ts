import { DoverieError, isDoverieError, type Uuid } from '@doverie/core/base'
import { categoriesOf } from '../../documents/incident-notice.ts'
import type { Caller } from '../../guard/caller.ts'
import { change } from '../../guard/change.ts'
import type { Vault } from '../../guard/vault.ts'
import { placeOf } from '../../guard/vocabulary.ts'
import { type AffectedPerson, listAffected, markTold } from '../../store/incident-people.ts'
import type { IncidentRow } from '../../store/incidents.ts'
import { assertOfficer } from '../duties.ts'
import { firstEntity, keeperOf } from '../requests/law.ts'
import { tellMailbox } from '../tell-mailbox.ts'
import { openIncidentWords, openSealed, sealIncident } from './content.ts'
import { actOnIncident, type IncidentCase, incidentOf } from './on-incident.ts'

/** People told in one go. */
const PAGE = 100
const NOBODY: Uuid = '00000000-0000-0000-0000-000000000000'

/**
 * Has the people affected told, by the server, one after the other, at the mailbox that is proved to be theirs. Each letter names what
 * of theirs was concerned, and is in its person's history. Throws `conflict` where it is not known yet whom to tell, or they are being told.
 */
export async function tellAffected(
  vault: Vault,
  caller: Caller,
  { incident, message }: { readonly incident: string; readonly message: { readonly ru: string; readonly en: string } },
): Promise<IncidentRow> {
  const officer = assertOfficer(vault, caller)
  const found = await incidentOf(vault, incident)
  for (const language of ['ru', 'en'] as const) {
    if (message[language].trim() === '') {
      throw new DoverieError('invalid-request', 'It says nothing.', { field: `message.${language}` })
    }
  }
  const { key } = await openIncidentWords(vault, found.row)
  return actOnIncident(vault, found, {
    name: 'tell-affected',
    caller: officer,
    events: ({ affected, tellingAt, sealed }, at) => {
      if (affected === null) throw new DoverieError('conflict', 'It is not known yet who was affected.')
      if (tellingAt !== null && openSealed(key, sealed).message.ru.trim() !== '')
        throw new DoverieError('conflict', 'They are being told already.')
      return [{ kind: 'telling', at }]
    },
    detail: { people: found.row.affected?.people ?? 0 },
    change: ({ sealed }) => ({
      sealed: sealIncident(key, { ...openSealed(key, sealed), message }),
      tellingAt: vault.now(),
    }),
  })
}

/** Tells the next of them; the last one ends it. A crash tells nobody twice: letter and mark are one transaction. */
export async function tellNext(vault: Vault, found: IncidentCase): Promise<void> {
  const { row } = found
  if (row.tellingAt === null || row.affected === null) return
  const { content } = await openIncidentWords(vault, row)
  // The key is lost, and the words with it: nobody is told nothing. They are told once it is said again.
  if (content.message.ru.trim() === '') return
  const people = await listAffected(vault.data, row.id, NOBODY, PAGE, true)
  for (const person of people) {
    await tellOne(vault, found, person, content.message).catch((error: unknown) => {
      // Changed in this very moment: the next look finds them as they are.
      if (!isDoverieError(error, 'conflict')) throw error
    })
  }
  if (people.length === PAGE) return
  if ((await listAffected(vault.data, row.id, NOBODY, 1, true)).length > 0) return
  await actOnIncident(vault, found, {
    name: 'affected-told',
    caller: null,
    events: ({ tellingAt }, at) => {
      if (tellingAt === null) throw new DoverieError('conflict')
      return [{ kind: 'people-told', at }]
    },
    change: () => ({ tellingAt: null }),
  })
}

async function tellOne(
  vault: Vault,
  { policy, row }: IncidentCase,
  person: AffectedPerson,
  message: Readonly<Record<'ru' | 'en', string>>,
): Promise<void> {
  const { subject } = person
  const data = (language: 'ru' | 'en', none: string): string =>
    categoriesOf(policy, person, language).join('; ') || none
  const outcome = await change(
    vault,
    {
      caller: keeperOf(policy),
      subject,
      act: 'tell-of-incident',
      operation: 'clarify:change',
      purpose: policy.system.rights,
      entity: firstEntity(policy),
      fields: [],
      compartments: [placeOf(policy, policy.system.signIn).compartment],
      detail: { incident: row.number },
    },
    async (changing) => {
      const told = await tellMailbox(vault, changing, {
        subject: `О ваших персональных данных, № ${row.number} / About your personal data, No. ${row.number}`,
        text: [
          message.ru,
          `Какие ваши данные затронуты: ${data('ru', 'сведения не открывались')}.`,
          '',
          message.en,
          `Which data of yours: ${data('en', 'none was opened')}.`,
        ].join('\n'),
      })
      // INVARIANT: nobody is told twice. Another process was first: then this letter is none.
      const mine = await markTold(changing.tx, row.id, subject, told ? 'mailbox' : 'no-mailbox')
      if (!mine) throw new DoverieError('conflict')
    },
  )
  if (outcome.effect === 'refuse') await markTold(vault.data, row.id, subject, 'refused')
}

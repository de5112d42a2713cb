import { dayAt, formatDay } from '../../base/index.ts'
import type { BrokenCaller, BrokenForm, BrokenService } from './breaks.ts'
import type { AgainReason } from './consents.ts'
import type { ChangedDecisions } from './replay.ts'
import type { SimulationReport } from './report.ts'

export type SimulationLanguage = 'ru' | 'en'

const REASONS: Readonly<Record<SimulationLanguage, Readonly<Record<AgainReason, string>>>> = {
  ru: {
    document: 'другой документ',
    meaning: 'другой смысл цели',
    scope: 'больше, чем было разрешено',
    'new-ground': 'раньше согласие не требовалось',
  },
  en: {
    document: 'another document',
    meaning: 'another meaning of the purpose',
    scope: 'more than it covered',
    'new-ground': 'no consent was needed before',
  },
}

/** The report in plain words. Names and ids are the policy's own. */
export function showSimulation(report: SimulationReport, language: SimulationLanguage): string {
  const sections = language === 'ru' ? inRussian(report) : inEnglish(report)
  const text = sections.map(([title, lines]) => `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`)
  return text.join('\n')
}

type Section = readonly [string, readonly string[]]

function inRussian(report: SimulationReport): readonly Section[] {
  const { replayed, breaks, people } = report
  const none = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ['ничего'] : lines)
  return [
    [
      `Если бы вместо ${report.before} действовала ${report.after}, ${day(report.zone, report.from)} – ${day(report.zone, report.to - 1)}`,
      [
        `записей в журнале: ${report.entries}, решений сравнено: ${replayed.compared}`,
        `не сравнить: ${report.untied} (человека здесь нет), ${replayed.unlikeRecord} (известно иное, чем тогда), ${report.otherEntries} (не решения политики)`,
        ...report.versions.map(
          ({ version, decisions, kept }) => `${version}: ${decisions}${kept ? '' : ' (не сохранилась)'}`,
        ),
      ],
    ],
    [
      `Решения стали бы иными: ${replayed.permitToRefuse} разрешений стали бы отказами, ${replayed.refuseToPermit} отказов стали бы разрешениями`,
      none(
        replayed.changed.map((group) =>
          changed(group, group.change === 'permit-to-refuse' ? 'откажет' : 'разрешит', 'решений', 'людей'),
        ),
      ),
    ],
    [
      'Перестанет работать',
      none([
        ...breaks.callers.map((one) => caller(one, 'больше нет', 'закрыты цели', 'закрыты поля для')),
        ...breaks.services.map((one) => service(one, 'услуга', 'больше нет', 'нет у')),
        ...breaks.forms.map((one) => form(one, RUSSIAN_FORM)),
        ...people.contracts.map((one) => `договоры услуги ${one.service} с ${one.entity}: людей ${one.people}`),
      ]),
    ],
    [
      `Просить согласие заново: людей ${people.consentAgain} из ${people.people}`,
      none(
        people.consents.map(
          (one) =>
            `${one.purpose}, ${one.entity}: людей ${one.people} (${one.reasons.map((reason) => REASONS.ru[reason]).join(', ')})`,
        ),
      ),
    ],
    [
      `Данные потеряют последнее основание: людей ${people.losingData}`,
      none(
        people.data.map(
          (one) => `${one.compartment}: людей ${one.people}, к уничтожению с ${one.day}${one.atOnce ? ' (сразу)' : ''}`,
        ),
      ),
    ],
  ]
}

function inEnglish(report: SimulationReport): readonly Section[] {
  const { replayed, breaks, people } = report
  const none = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ['nothing'] : lines)
  return [
    [
      `Had ${report.after} been in force in place of ${report.before}, ${day(report.zone, report.from)} to ${day(report.zone, report.to - 1)}`,
      [
        `entries of the ledger: ${report.entries}, decisions compared: ${replayed.compared}`,
        `not to be compared: ${report.untied} (the person is not here), ${replayed.unlikeRecord} (other facts are known than then), ${report.otherEntries} (no decisions of the policy)`,
        ...report.versions.map(
          ({ version, decisions, kept }) => `${version}: ${decisions}${kept ? '' : ' (not kept)'}`,
        ),
      ],
    ],
    [
      `Decisions would be others: ${replayed.permitToRefuse} permits would be refusals, ${replayed.refuseToPermit} refusals permits`,
      none(
        replayed.changed.map((group) =>
          changed(group, group.change === 'permit-to-refuse' ? 'refuses' : 'permits', 'decisions', 'people'),
        ),
      ),
    ],
    [
      'Would stop working',
      none([
        ...breaks.callers.map((one) => caller(one, 'is gone', 'purposes closed', 'fields closed for')),
        ...breaks.services.map((one) => service(one, 'service', 'is gone', 'not with')),
        ...breaks.forms.map((one) => form(one, ENGLISH_FORM)),
        ...people.contracts.map(
          (one) => `contracts of the service ${one.service} with ${one.entity}: ${one.people} people`,
        ),
      ]),
    ],
    [
      `To be asked for consent again: ${people.consentAgain} of ${people.people} people`,
      none(
        people.consents.map(
          (one) =>
            `${one.purpose}, ${one.entity}: ${one.people} people (${one.reasons.map((reason) => REASONS.en[reason]).join(', ')})`,
        ),
      ),
    ],
    [
      `Data that lose their last ground: ${people.losingData} people`,
      none(
        people.data.map(
          (one) =>
            `${one.compartment}: ${one.people} people, to be destroyed from ${one.day}${one.atOnce ? ' (at once)' : ''}`,
        ),
      ),
    ],
  ]
}

interface FormWords {
  readonly form: string
  readonly gone: string
  readonly fieldsGone: string
  readonly newlyMandatory: string
  readonly consentsAdded: string
  readonly entitiesGone: string
  readonly closed: string
}

const RUSSIAN_FORM: FormWords = {
  form: 'форма',
  gone: 'больше нет',
  fieldsGone: 'нет полей',
  newlyMandatory: 'стало обязательным',
  consentsAdded: 'новые согласия',
  entitiesGone: 'нет для',
  closed: 'закрыто',
}
const ENGLISH_FORM: FormWords = {
  form: 'form',
  gone: 'is gone',
  fieldsGone: 'fields gone',
  newlyMandatory: 'newly mandatory',
  consentsAdded: 'consents added',
  entitiesGone: 'not with',
  closed: 'closed',
}

function changed(group: ChangedDecisions, verb: string, decisions: string, people: string): string {
  const { actor, operation, purpose, entity, fields, clausesBefore, clausesAfter, reasons } = group
  const where = fields.length === 0 ? '' : ` [${fields.join(', ')}]`
  const clauses = `${clausesBefore.join(' ')} → ${clausesAfter.join(' ')}`
  return `${verb}: ${actor}, ${operation}, ${purpose}, ${entity}${where}: ${decisions} ${group.decisions}, ${people} ${group.people} (${reasons.join(', ')}; ${clauses})`
}

function caller(one: BrokenCaller, gone: string, purposes: string, fields: string): string {
  if (one.gone) return `${one.actor}: ${gone}`
  const parts = [
    ...(one.purposesClosed.length === 0 ? [] : [`${purposes} ${one.purposesClosed.join(', ')}`]),
    ...one.fieldsClosed.map((closed) => `${fields} ${closed.purpose}: ${closed.fields.join(', ')}`),
  ]
  return `${one.actor}: ${parts.join('; ')}`
}

function service(one: BrokenService, word: string, gone: string, not: string): string {
  return `${word} ${one.service}: ${one.gone ? gone : `${not} ${one.entitiesGone.join(', ')}`}`
}

function form(one: BrokenForm, words: FormWords): string {
  if (one.gone) return `${words.form} ${one.form}: ${words.gone}`
  const parts = (['fieldsGone', 'newlyMandatory', 'consentsAdded', 'entitiesGone', 'closed'] as const).flatMap((key) =>
    one[key].length === 0 ? [] : [`${words[key]} ${one[key].join(', ')}`],
  )
  return `${words.form} ${one.form}: ${parts.join('; ')}`
}

function day(zone: string, at: number): string {
  return formatDay(dayAt(zone, at))
}

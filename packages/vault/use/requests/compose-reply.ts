import { formatDay, dayAt, type Localised, type RequestKind } from '@doverie/core/base'
import { ANSWER, IDENTITY_METHODS, levelFor, UNPROVED, unprovedAt } from '@doverie/core/request'
import type { Block, OutgoingDocument } from '../../documents/outgoing.ts'
import { dayWords, lastDayWords } from '../../documents/day-words.ts'
import { type InformationFacts, informationItems } from '../../documents/information-answer.ts'
import { letterhead } from '../../documents/letterhead.ts'
import { EXTENSION_WORDS, KIND_WORDS } from '../../documents/kind-words.ts'
import { type DocumentLanguage, type DocumentTexts, worded } from '../../documents/texts.ts'
import type { RequestRow } from '../../store/requests.ts'
import type { ReplyKind } from '../../store/replies.ts'
import type { LetterContent } from './letter-content.ts'
import type { Case } from './on-request.ts'
import type { Remaining } from './remaining.ts'
import type { Withdrawn } from './withdrawn.ts'

/** What a reply is composed of, beside the request it answers. */
export interface ReplyGiven {
  readonly kind: ReplyKind
  readonly language: DocumentLanguage
  readonly texts: DocumentTexts
  readonly content: LetterContent | null
  /** The request as it will stand once the reply is sent. */
  readonly after: RequestRow
  /** Own words of whoever answers. */
  readonly note: string
  readonly information: InformationFacts | null
  /** What stays of the person, and on what ground. */
  /** Null where nothing is said of it: who asks is not proved to be the person. */
  readonly remaining: readonly Remaining[] | null
  /** Consents that ended with the request, and when; null where nothing is said of it. */
  readonly withdrawn: Withdrawn | null
  /** Who signs, by name; empty: a line to write it on. */
  readonly signatory: string
  /** True where people may prove themselves by an identity provider. */
  readonly providers: boolean
  readonly madeAt: number
  readonly number: string
}

/** The document of a reply: its words from the templates, its facts from the registers. */
export function composeReply(found: Case, given: ReplyGiven): OutgoingDocument {
  const { policy, law, letter, request } = found
  const { language, kind, note, content, number, madeAt, signatory } = given
  const say = (text: Localised | undefined): string => text?.[language] ?? text?.['ru'] ?? ''
  const words = (ru: string, en: string): string => (language === 'ru' ? ru : en)
  const { title, paragraphs } = worded(given.texts, kind, request.kind, language, filled(found, given, say))
  return {
    language,
    from: letterhead(policy, request.entity, language),
    to: addressee(content, given.information),
    number,
    day: dayWords(law.zone, madeAt, language),
    about: words(
      `На обращение № ${letter.number} от ${dayWords(law.zone, letter.receivedAt, language)}, запрос № ${request.number}`,
      `On letter No. ${letter.number} of ${dayWords(law.zone, letter.receivedAt, language)}, request No. ${request.number}`,
    ),
    title,
    blocks: [
      ...paragraphs.map((text): Block => ({ kind: 'text', text })),
      ...bodyOf(found, given, words),
      ...(note === '' ? [] : note.split(/\n{2,}/).map((text): Block => ({ kind: 'text', text }))),
    ],
    signature: words(
      `Ответственный за персональные данные ____________________${signatory}`,
      `Data-protection officer ____________________${signatory}`,
    ),
    footer: words(
      `Исх. № ${number}; обращение № ${letter.number}, запрос № ${request.number}`,
      `Out No. ${number}; letter No. ${letter.number}, request No. ${request.number}`,
    ),
  }
}

/** By the name that the letter gives, or that the answer shows of the person; else by the mailbox. */
function addressee(content: LetterContent | null, information: InformationFacts | null): readonly string[] {
  const { name = '', address = '', email = '' } = content?.sender ?? {}
  const own = information === null ? '' : nameOf(information)
  return [name === '' ? own : name, address, email].filter((line) => line !== '')
}

/** The person's name in the order of the policy's own fields of it; empty where they gave none. */
function nameOf({ policy, values }: InformationFacts): string {
  const surname = policy.fields.get(policy.system.surname ?? '')
  if (surname === undefined) return ''
  const parts = [...policy.fields.values()].filter(
    ({ category, compartment }) => category === surname.category && compartment === surname.compartment,
  )
  return parts.flatMap(({ id }) => values.get(id) ?? []).join(' ')
}

type Say = (text: Localised | undefined) => string
type Words = (ru: string, en: string) => string

function bodyOf({ request }: Case, given: ReplyGiven, words: Words): readonly Block[] {
  const { kind, information, remaining } = given
  if (kind === 'refusal' && request.fold.refusal === UNPROVED) {
    const ways = methodsFor(request.kind, given.providers, (text) => text?.[given.language] ?? text?.['ru'] ?? '')
    return [{ kind: 'text', text: words(`Подтвердить личность можно так: ${ways}.`, `To show who you are: ${ways}.`) }]
  }
  if (kind !== 'answer') return []
  if (request.kind === 'information' || request.kind === 'copy') {
    if (information === null) {
      return [{ kind: 'text', text: words('Сведений о вас у нас нет.', 'We hold no data of yours.') }]
    }
    return informationItems(information, given.language).flatMap(({ title, blocks }): readonly Block[] => [
      { kind: 'heading', text: title },
      ...blocks,
    ])
  }
  if (remaining === null || !['withdrawal', 'stop-processing', 'erasure', 'unlawful'].includes(request.kind)) return []
  const stays: Block = {
    kind: 'text',
    text: words(
      'Из перечисленного остаётся только то, что вы нам сообщили или мы создали сами.',
      'Of what is listed only that remains which you gave us or we made ourselves.',
    ),
  }
  return [
    ...withdrawnBlock(request.kind, given.withdrawn, words),
    remainingBlock(remaining, words),
    ...(remaining.length === 0 ? [] : [stays]),
  ]
}

function withdrawnBlock(kind: RequestKind, withdrawn: Withdrawn | null, words: Words): readonly Block[] {
  if (withdrawn === null || (kind !== 'withdrawal' && kind !== 'stop-processing')) return []
  const { consents } = withdrawn
  const none = words('Действующих согласий не было.', 'There was no consent in force.')
  const all = words(`Отозваны согласия: ${consents.join('; ')}.`, `Withdrawn: ${consents.join('; ')}.`)
  return [{ kind: 'text', text: consents.length === 0 ? none : all }]
}

function remainingBlock(remaining: readonly Remaining[], words: Words): Block {
  if (remaining.length === 0) return { kind: 'text', text: words('Ничего не остаётся.', 'Nothing is kept.') }
  return {
    kind: 'table',
    head: [
      words('Что остаётся', 'What is kept'),
      words('Основание', 'Ground'),
      words('До какого дня включительно', 'Until, that day included'),
    ],
    rows: remaining.map(({ fields, ground, until }) => [fields.join(', '), ground, until]),
    widths: [4, 4, 2],
  }
}

function filled(found: Case, given: ReplyGiven, say: Say): Readonly<Record<string, string>> {
  const { law, letter, request } = found
  const { language, after, madeAt } = given
  const refusal = law.profile.refusals.find(({ id }) => id === request.fold.refusal)
  const extended = after.fold.tracks.find((track) => track.extended !== null)
  const former = request.fold.tracks.find(({ rule }) => rule === extended?.rule)
  const clock = law.profile.clocks.find(({ id }) => id === extended?.rule)
  const end = extended ?? after.fold.tracks.find(({ rule }) => rule === ANSWER)
  const unproved = given.kind === 'identity' ? unprovedAt(law, after.fold) : null
  return {
    letter: letter.number,
    received: dayWords(law.zone, letter.receivedAt, language),
    kind: say(KIND_WORDS[request.kind]),
    done: doneDay(found, given),
    until:
      unproved !== null
        ? dayWords(law.zone, unproved, language)
        : end === undefined
          ? ''
          : lastDayWords(law.zone, end.outer, language),
    before: former === undefined ? '' : lastDayWords(law.zone, former.outer, language),
    article: say(refusal?.article ?? clock?.article),
    reason:
      refusal === undefined
        ? say(extended?.extended == null ? undefined : EXTENSION_WORDS[extended.extended.reason])
        : say(refusal.label),
    asked: say(KIND_WORDS[request.kind]),
    methods: methodsFor(request.kind, given.providers, say),
    today: formatDay(dayAt(law.zone, madeAt)),
  }
}

/** The ways of showing who one is that there are here and that are enough for a request of some kind. */
function methodsFor(kind: RequestKind, providers: boolean, say: Say): string {
  const ways = Object.values(IDENTITY_METHODS).filter(
    ({ level, offered, channel }) =>
      offered !== false && level >= levelFor(kind) && (providers || channel !== 'provider'),
  )
  return ways.map(({ label }) => say(label)).join('; ')
}

/** The day on which the duty that the request asks for was done. */
function doneDay({ law }: Case, { after, withdrawn, language }: ReplyGiven): string {
  const done = after.fold.tracks.filter(({ end, rule }) => end?.how === 'done' && rule !== ANSWER && rule !== 'refusal')
  const at = Math.max(...done.map(({ end }) => end?.at ?? 0), withdrawn?.at ?? 0)
  return Number.isFinite(at) && at > 0 ? dayWords(law.zone, at, language) : ''
}

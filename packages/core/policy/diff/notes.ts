import type { Localised, Period } from '../../base/index.ts'
import { entityWords, named } from '../explain/words.ts'
import type { Declarations, Form, Retention } from '../model.ts'
import { say, type Words, wordsOf } from '../prove/words.ts'
import { type Entry, promised } from './promised.ts'

/** Where a change that is no decision lies. */
export type NoteKind = 'form' | 'keeping' | 'text' | 'declared'

/** One change: of what, in which respect, from what to what. */
export interface Note {
  readonly kind: NoteKind
  readonly subject: Words
  /** Null where the subject as a whole comes or goes. */
  readonly respect: Words | null
  /** Null where there was, or is, none. A long text stands for itself and is not shown. */
  readonly before: Words | null
  readonly after: Words | null
  readonly long: boolean
}

/** A thing in words, respect by respect. */
interface Described {
  readonly label: Words
  readonly respects: ReadonlyMap<string, { readonly respect: Words; readonly value: Words; readonly long?: boolean }>
}

/** What changes besides decisions: forms, keeping, texts, declarations; in a fixed order. */
export function notesBetween(a: Declarations, b: Declarations): readonly Note[] {
  return [
    ...compare('text', texts(a), texts(b)),
    ...compare('form', forms(a), forms(b)),
    ...compare('keeping', keeping(a), keeping(b)),
    ...compare('declared', declared(a), declared(b)),
  ]
}

function compare(
  kind: NoteKind,
  a: ReadonlyMap<string, Described>,
  b: ReadonlyMap<string, Described>,
): readonly Note[] {
  const ids = [...new Set([...a.keys(), ...b.keys()])].sort()
  return ids.flatMap((id): readonly Note[] => {
    const [before, after] = [a.get(id), b.get(id)]
    if (before === undefined || after === undefined) {
      const subject = (before ?? after)?.label ?? { ru: id, en: id }
      const there = { ru: 'есть', en: 'there' }
      return [
        {
          kind,
          subject,
          respect: null,
          before: before === undefined ? null : there,
          after: after === undefined ? null : there,
          long: false,
        },
      ]
    }
    const keys = [...new Set([...before.respects.keys(), ...after.respects.keys()])].sort()
    return keys.flatMap((key): readonly Note[] => {
      const [was, is] = [before.respects.get(key), after.respects.get(key)]
      if (was?.value.ru === is?.value.ru && was?.value.en === is?.value.en) return []
      const respect = (is ?? was)?.respect ?? null
      const long = (is ?? was)?.long ?? false
      return [{ kind, subject: after.label, respect, before: was?.value ?? null, after: is?.value ?? null, long }]
    })
  })
}

type Respects = Described['respects']

function respects(entries: readonly Entry[]): Respects {
  return new Map(entries.map(([key, ru, en, value, long = false]) => [key, { respect: { ru, en }, value, long }]))
}

function plain(value: string): Words {
  return { ru: value, en: value }
}

function joined(all: readonly Words[]): Words {
  return all.length === 0
    ? { ru: 'нет', en: 'none' }
    : say((language) => all.map((words) => words[language]).join(', '))
}

function whole(localised: Localised): Words {
  return plain(JSON.stringify(localised))
}

function texts(policy: Declarations): ReadonlyMap<string, Described> {
  const { official } = policy
  const whole: Described = {
    label: { ru: 'Официальный текст', en: 'The official text' },
    respects: respects([
      ['sha256', 'контрольная сумма SHA-256', 'SHA-256', plain(official.sha256)],
      ['url', 'адрес', 'address', plain(official.url)],
      ['title', 'заголовок', 'title', plain(official.title)],
    ]),
  }
  const clauses = new Map<string, Entry[]>()
  for (const [language, text] of policy.texts) {
    for (const { number, title, text: words } of text.clauses.values()) {
      const entry: Entry = [language, `текст (${language})`, `text (${language})`, plain(`${title}\n${words}`), true]
      clauses.set(number, [...(clauses.get(number) ?? []), entry])
    }
  }
  const described = [...clauses].map(
    ([number, entries]) =>
      [
        `clause ${number}`,
        { label: { ru: `Пункт ${number}`, en: `Clause ${number}` }, respects: respects(entries) },
      ] as const,
  )
  return new Map<string, Described>([['', whole], ...described])
}

const ASKED = {
  mandatory: { ru: 'обязательно', en: 'mandatory' },
  optional: { ru: 'по желанию', en: 'optional' },
} as const satisfies Record<string, Words>

function forms(policy: Declarations): ReadonlyMap<string, Described> {
  return new Map([...policy.forms.values()].map((form) => [form.id, formOf(policy, form)]))
}

function formOf(policy: Declarations, form: Form): Described {
  const { ru, en } = wordsOf(form.label, form.id)
  const campaign = form.campaign === null ? undefined : policy.campaigns.get(form.campaign)
  return {
    label: { ru: `Форма «${ru}»`, en: `The form “${en}”` },
    respects: respects([
      ...form.fields.map(({ field, mandatory }): Entry => {
        const words = named(policy.fields, field)
        return [
          `field ${field}`,
          `поле ${words.ru}`,
          `the field ${words.en}`,
          mandatory === null ? ASKED.optional : ASKED.mandatory,
        ]
      }),
      ...form.consents.map(({ purpose }): Entry => {
        const words = named(policy.purposes, purpose)
        return [
          `consent ${purpose}`,
          `согласие на цель ${words.ru}`,
          `the consent to ${words.en}`,
          { ru: 'спрашивается', en: 'asked' },
        ]
      }),
      ...form.consents.map(({ purpose, document }): Entry => {
        const words = named(policy.purposes, purpose)
        return [
          `document ${purpose}`,
          `текст согласия на цель ${words.ru}`,
          `the document of the consent to ${words.en}`,
          whole(document),
          true,
        ]
      }),
      ...form.choices.map(({ id, options, mandatory }): Entry => {
        const words = joined(options.map((option) => joined(option.map((field) => named(policy.fields, field)))))
        const asked = mandatory === null ? ASKED.optional : ASKED.mandatory
        return [
          `choice ${id}`,
          `выбор «${id}»`,
          `the choice “${id}”`,
          say((language) => `${words[language]} (${asked[language]})`),
        ]
      }),
      ['entities', 'компании', 'companies', joined(form.entities.map((id) => entityWords(policy, id)))],
      ['ground', 'основание', 'ground', plain(form.ground)],
      ['purpose', 'цель', 'purpose', named(policy.purposes, form.purpose)],
      ['service', 'услуга', 'service', form.service === null ? joined([]) : named(policy.services, form.service)],
      ['channel', 'канал', 'channel', named(policy.channels, form.channel)],
      [
        'age',
        'вопрос о возрасте',
        'the question of age',
        policy.age === null ? joined([]) : wordsOf(policy.age.question, ''),
      ],
      ['notice', 'уведомление', 'the notice', whole(form.notice), true],
      ...(campaign === undefined ? [] : [['last-day', 'последний день', 'last day', plain(campaign.lastDay)] as const]),
    ]),
  }
}

function keeping(policy: Declarations): ReadonlyMap<string, Described> {
  return new Map(policy.retention.map((ground) => [ground.id, keepingOf(policy, ground)]))
}

function keepingOf(policy: Declarations, ground: Retention): Described {
  const { ru, en } = wordsOf(ground.article, ground.id)
  return {
    label: { ru: `Хранение «${ground.id}» (${ru})`, en: `Keeping “${ground.id}” (${en})` },
    respects: respects([
      ['term', 'срок', 'term', termWords(ground)],
      ['data', 'данные', 'data', joined([...ground.data].sort().map((name) => dataWords(policy, name)))],
      [
        'services',
        'услуги',
        'services',
        joined([...ground.services].sort().map((name) => named(policy.services, name))),
      ],
      ['purposes', 'цели', 'purposes', joined(ground.purposes.map((id) => named(policy.purposes, id)))],
      ['article', 'норма', 'article', { ru, en }],
      ['kind', 'на чём держится', 'what it hangs on', plain(ground.kind)],
      [
        'verified',
        'проверено юристом',
        'confirmed by a lawyer',
        ground.verified ? { ru: 'да', en: 'yes' } : { ru: 'нет', en: 'no' },
      ],
    ]),
  }
}

function termWords({ after }: Retention): Words {
  if (after === null) return { ru: 'пока действует', en: 'while it lasts' }
  const { ru, en } = periodWords(after.term)
  return after.from === 'event'
    ? { ru: `${ru} после окончания`, en: `${en} from the end` }
    : { ru: `${ru} после года окончания`, en: `${en} from the end of that year` }
}

function periodWords({ years, months, days }: Period): Words {
  const parts = [
    [years, 'г.', 'y'],
    [months, 'мес.', 'mo'],
    [days, 'дн.', 'd'],
  ] as const
  const some = parts.filter(([count]) => count > 0)
  return {
    ru: some.map(([count, ru]) => `${count} ${ru}`).join(' '),
    en: some.map(([count, , en]) => `${count} ${en}`).join(' '),
  }
}

/** A category, compartment or field in words. */
export function dataWords(policy: Declarations, name: string): Words {
  for (const items of [policy.fields, policy.compartments, policy.categories])
    if (items.has(name)) return named(items, name)
  return plain(name)
}

function declared(policy: Declarations): ReadonlyMap<string, Described> {
  const kinds = [
    ['entity', 'Компания', 'The company', policy.entities],
    ['purpose', 'Цель', 'The purpose', policy.purposes],
    ['actor', 'Участник', 'The actor', policy.actors],
    ['recipient', 'Получатель', 'The recipient', policy.recipients],
    ['service', 'Услуга', 'The service', policy.services],
    ['field', 'Поле', 'The field', policy.fields],
    ['compartment', 'Отсек', 'The compartment', policy.compartments],
  ] as const
  const all = kinds.flatMap(([kind, ru, en, items]) =>
    [...items.keys()].map((id): readonly [string, Described] => {
      const words = named(items, id)
      return [
        `${kind} ${id}`,
        { label: { ru: `${ru} ${words.ru}`, en: `${en} ${words.en}` }, respects: ownRespects(policy, kind, id) },
      ]
    }),
  )
  const beside = promised(policy).map(([key, label, entries]): readonly [string, Described] => [
    key,
    { label, respects: respects(entries) },
  ])
  return new Map([...all, ...beside])
}

function ownRespects(policy: Declarations, kind: string, id: string): Respects {
  const overlay = kind === 'entity' ? policy.overlays.get(id) : undefined
  const purpose = kind === 'purpose' ? policy.purposes.get(id) : undefined
  const field = kind === 'field' ? policy.fields.get(id) : undefined
  const service = kind === 'service' ? policy.services.get(id) : undefined
  const recipient = kind === 'recipient' ? policy.recipients.get(id) : undefined
  const compartment = kind === 'compartment' ? policy.compartments.get(id) : undefined
  return respects([
    ...(purpose === undefined
      ? []
      : [['grounds', 'основания', 'grounds', plain([...purpose.grounds].sort().join(', '))] as const]),
    ...(field === undefined
      ? []
      : ([
          ['category', 'категория', 'category', dataWords(policy, field.category)],
          ['compartment', 'отсек', 'compartment', dataWords(policy, field.compartment)],
        ] as const)),
    ...(overlay === undefined
      ? []
      : ([
          [
            'overlay',
            'свои правила',
            'rules of its own',
            overlay.effective === null
              ? { ru: 'есть', en: 'there' }
              : { ru: `с ${overlay.effective.day}`, en: `from ${overlay.effective.day}` },
          ],
          [
            'processors',
            'кому передаются данные',
            'handed to',
            joined(overlay.processors.map((one) => named(policy.recipients, one))),
          ],
        ] as const)),
    ...(service === undefined
      ? []
      : ([
          ['entities', 'компании', 'companies', joined(service.entities.map((one) => entityWords(policy, one)))],
          ['traits', 'свойства', 'traits', plain([...service.traits].sort().join(', '))],
          [
            'processors',
            'кому передаются данные',
            'handed to',
            joined(service.processors.map((one) => named(policy.recipients, one))),
          ],
        ] as const)),
    ...(recipient === undefined ? [] : [['kind', 'кто это', 'kind', plain(recipient.kind)] as const]),
    ...(compartment === undefined
      ? []
      : [
          [
            'purposes',
            'цели',
            'purposes',
            joined([...compartment.purposes].sort().map((one) => named(policy.purposes, one))),
          ] as const,
        ]),
  ])
}

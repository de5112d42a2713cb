import { formatPeriod, type LegalProfile, type Localised, type Sourced } from '../../base/index.ts'
import type { Declarations, Recipient, Retention } from '../model.ts'
import type { Place } from '../problem.ts'
import { legalGrounds } from './legal-grounds.ts'

/** One thing that a lawyer must still confirm. */
export interface LegalItem {
  /** Where the bundle says it; null where the law's profile does. */
  readonly at: Place | null
  /** The entry, as `retention accounting` of the bundle or `clocks/access` of the profile. */
  readonly entry: string
  readonly clauses: readonly string[]
  readonly article: Localised
  /** What is to be confirmed. */
  readonly asks: Localised
}

/**
 * What a lawyer must still confirm before the operator relies on it: first what the bundle says itself, in the order of its
 * files, then what the law's profile has from memory or a retelling, then the open questions. Deterministic.
 */
export function legalReport(policy: Declarations, profile: LegalProfile): readonly LegalItem[] {
  const own = [
    ...policy.retention.flatMap((ground) => ofRetention(profile, ground)),
    ...[...policy.recipients.values()].flatMap((recipient) => ofRecipient(profile, recipient)),
    ...[...policy.purposes.values()].flatMap((purpose) =>
      legalGrounds(profile, purpose)
        .filter(({ verified }) => !verified)
        .map(({ id, article }) =>
          item(purpose, `purpose ${purpose.id}`, article, {
            ru: `основание «${id}» для этой цели`,
            en: `the ground '${id}' for this purpose`,
          }),
        ),
    ),
    ...ofSilence(profile, policy),
  ]
  return [...own.sort(byPlace), ...ofProfile(profile), ...ofQuestions(profile)]
}

/** An item as one line: place, clause, entry, article, and what is asked. */
export function legalItemText(
  { at, entry, clauses, article, asks }: LegalItem,
  profile: string,
  language: string,
): string {
  const say = (text: Localised): string => text[language] ?? text['en'] ?? Object.values(text)[0] ?? ''
  const place = at === null ? profile : `${at.file}:${at.line}`
  const clause = clauses.length === 0 ? '' : ` (${language === 'ru' ? 'пункт' : 'clause'} ${clauses.join(', ')})`
  return `${place}: ${entry}: ${say(article)}: ${say(asks)}${clause}`
}

/** Terms of the operator's own, of which the law says nothing. */
function ofSilence(profile: LegalProfile, { doubts, services }: Declarations): readonly LegalItem[] {
  const article = articleOf(profile, 'accuracy')
  const days = (term: number | null): string => (term === null ? '-' : String(Math.round(term / 86_400_000)))
  const lapsing = [...services.values()].filter(
    ({ idle, unconfirmed, verified }) => !verified && (idle !== null || unconfirmed !== null),
  )
  return [
    ...(doubts === null || doubts.verified ? [] : [doubts]).map(({ old, unproved, ...entry }) =>
      item(entry, 'doubts', article, {
        ru: `сроки, о которых закон молчит: без вестей (${days(old)} дней), без подтверждения (${days(unproved)} дней)`,
        en: `terms on which the law is silent: without a word (${days(old)} days), unproved (${days(unproved)} days)`,
      }),
    ),
    ...lapsing.map(({ id, idle, unconfirmed, ...entry }) =>
      item(entry, `service ${id}`, article, {
        ru: `сроки, о которых закон молчит: договор без вестей (${days(idle)} дней), без подтверждения (${days(unconfirmed)} дней)`,
        en: `terms on which the law is silent: a contract without a word (${days(idle)} days), unconfirmed (${days(unconfirmed)} days)`,
      }),
    ),
  ]
}

function ofRetention(profile: LegalProfile, ground: Retention): readonly LegalItem[] {
  const items: LegalItem[] = []
  const ask = (ru: string, en: string): void => {
    items.push(item(ground, `retention ${ground.id}`, ground.article, { ru, en }))
  }
  const term = ground.after === null ? null : formatPeriod(ground.after.term)
  if (!ground.verified) {
    const shown = term ?? '-'
    ask(`норма и срок хранения (${shown})`, `the norm and the term of keeping (${shown})`)
  }
  const known = profile.retention.find(({ id }) => id === ground.basis)
  if (
    known !== undefined &&
    known.term !== null &&
    (known.term !== term || known.from !== (ground.after?.from ?? null))
  ) {
    const ours = `${term ?? '-'} ${ground.after?.from ?? ''}`.trim()
    const theirs = `${known.term} ${known.from ?? ''}`.trim()
    ask(`срок ${ours} вместо ${theirs} профиля`, `the term ${ours} where the profile has ${theirs}`)
  }
  if (ground.verified && known !== undefined && !known.verified) {
    ask(
      'пакет считает норму подтверждённой, профиль нет',
      'the bundle counts the norm as confirmed, the profile does not',
    )
  }
  return items
}

function ofRecipient(profile: LegalProfile, recipient: Recipient): readonly LegalItem[] {
  const items: LegalItem[] = []
  const article = recipient.norm ?? recipient.contract ?? articleOf(profile, 'third-party')
  if (!recipient.verified) {
    items.push(
      item(recipient, `recipient ${recipient.id}`, article, {
        ru: 'норма или договор с получателем',
        en: 'the norm, or the contract with the recipient',
      }),
    )
  }
  // The Union is a jurisdiction, and no country.
  if (
    profile.jurisdiction.length === 2 &&
    profile.jurisdiction !== 'EU' &&
    recipient.country !== null &&
    recipient.country !== profile.jurisdiction
  ) {
    items.push(
      item(recipient, `recipient ${recipient.id}`, articleOf(profile, 'cross-border'), {
        ru: `передача за границу (${recipient.country})`,
        en: `a transfer abroad (${recipient.country})`,
      }),
    )
  }
  return items
}

function articleOf(profile: LegalProfile, rule: string): Localised {
  return profile.rules.find(({ id }) => id === rule)?.article ?? profile.short
}

const ASKED = {
  retelling: { ru: 'известно по пересказу', en: 'known from a retelling' },
  memory: { ru: 'записано по памяти', en: 'written from memory' },
  norm: { ru: 'сверить с текстом', en: 'compare with the text' },
} as const

function ofProfile(profile: LegalProfile): readonly LegalItem[] {
  const lists = [
    'operations',
    'grounds',
    'special',
    'retention',
    'clocks',
    'refusals',
    'answer',
    'writtenConsent',
    'rights',
    'rules',
  ] as const
  return lists.flatMap((list) =>
    profile[list].flatMap((entry): readonly LegalItem[] => {
      const name = `${list}/${'operation' in entry ? entry.operation : entry.id}`
      const extension = 'extension' in entry && entry.extension !== null ? [entry.extension] : []
      const pause = 'pause' in entry && entry.pause !== null ? [entry.pause] : []
      return [
        ...unconfirmed(entry, name, entry.article),
        ...extension.flatMap((more) => unconfirmed(more, `${name}/extension`, entry.article)),
        ...pause.flatMap((more) => unconfirmed(more, `${name}/pause`, entry.article)),
      ]
    }),
  )
}

function unconfirmed({ source, verified }: Sourced, entry: string, article: Localised): readonly LegalItem[] {
  return verified ? [] : [{ at: null, entry, clauses: [], article, asks: ASKED[source] }]
}

function ofQuestions(profile: LegalProfile): readonly LegalItem[] {
  return profile.questions.map(({ id, article, asks }) => ({
    at: null,
    entry: `questions/${id}`,
    clauses: [],
    article,
    asks,
  }))
}

function item(
  { at, clauses }: { readonly at: Place; readonly clauses: readonly string[] },
  entry: string,
  article: Localised,
  asks: Localised,
): LegalItem {
  return { at, entry, clauses, article, asks }
}

function byPlace(a: LegalItem, b: LegalItem): number {
  const [left, right] = [a.at?.file ?? '', b.at?.file ?? '']
  return left === right ? (a.at?.line ?? 0) - (b.at?.line ?? 0) : left < right ? -1 : 1
}

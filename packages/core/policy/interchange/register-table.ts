import type { LegalProfile, Period } from '../../base/index.ts'
import { legalGrounds } from '../legal/legal-grounds.ts'
import type { Declarations, Retention } from '../model.ts'
import { type Activity, activitiesOf } from './activity.ts'
import { sayIn } from './build.ts'
import { REGISTER_WORDS, type RegisterColumn, type RegisterLanguage } from './register-words.ts'

/** One activity as a register tells it: a column's several things, each a text of its own. */
export type RegisterRow = Readonly<Record<RegisterColumn, readonly string[]>>

/** The rows of a register of processing, one per purpose, in the policy's order. */
export function registerRows(
  policy: Declarations,
  profile: LegalProfile,
  language: RegisterLanguage,
): readonly RegisterRow[] {
  return activitiesOf(policy).map((activity) => rowOf(policy, profile, language, activity))
}

function rowOf(
  policy: Declarations,
  profile: LegalProfile,
  language: RegisterLanguage,
  activity: Activity,
): RegisterRow {
  const say = sayIn(policy, language)
  const words = REGISTER_WORDS[language]
  const { purpose, categories, operations, actors, recipients, storage, forms, entities } = activity
  const abroad = recipients.filter(({ country }) => country !== null && country !== profile.jurisdiction)
  return {
    purpose: [say(purpose.label)],
    plain: [say(purpose.plain)],
    people: forms.map(({ label }) => `${words.peopleOf}: ${say(label)}`),
    data: categories.map(({ category, required }) => {
      const marks = [...(category.special === null ? [] : [words.special]), ...(required ? [words.required] : [])]
      return `${say(category.label)}${marks.length === 0 ? '' : ` (${marks.join(', ')})`}`
    }),
    grounds: legalGrounds(profile, purpose).map(({ kind, label, article, verified }) => {
      const norm = kind === 'law' && purpose.norm !== null ? purpose.norm : article
      return `${say(label)}: ${say(norm)}${verified ? '' : ` (${words.unverified})`}`
    }),
    operations: operations.flatMap((operation) => {
      const known = profile.operations.find((entry) => entry.operation === operation)
      return known === undefined ? [] : [say(known.label)]
    }),
    actors: actors.map(({ label }) => say(label)),
    recipients: recipients.map(({ label, kind }) => `${say(label)} (${words.kinds[kind]})`),
    crossBorder: abroad.map(({ label, country }) => `${say(label)} (${country ?? ''})`),
    storage: storage.map(
      (ground) =>
        storageWords(ground, say(ground.article), language) + (ground.verified ? '' : ` (${words.unverified})`),
    ),
    entities: entities.map(({ label }) => say(label)),
    clauses: purpose.clauses,
  }
}

/** How long a retention ground keeps data: its article and its term. */
export function storageWords({ kind, after }: Retention, article: string, language: RegisterLanguage): string {
  const words = REGISTER_WORDS[language]
  const until = { contract: words.contractEnd, consent: words.consentEnd, hold: words.holdEnd }[kind]
  const tail =
    after === null
      ? until
      : `${periodText(after.term, language)} ${after.from === 'end-of-year' ? words.fromYear : words.fromEvent}`
  return `${article}: ${tail}`
}

/** A term in words: `5 лет`, `1 year 6 months`. */
function periodText({ years, months, days }: Period, language: RegisterLanguage): string {
  const { units } = REGISTER_WORDS[language]
  const rules = new Intl.PluralRules(language)
  const parts = [
    [years, units.year],
    [months, units.month],
    [days, units.day],
  ] as const
  const told = parts.filter(([count]) => count > 0)
  return told
    .map(([count, forms]) => {
      const form = rules.select(count)
      return `${count} ${form === 'one' || form === 'few' ? forms[form] : forms.many}`
    })
    .join(' ')
}

import type { LegalProfile } from '../../base/index.ts'
import type { Declarations } from '../model.ts'
import { sayIn } from './build.ts'
import { registerRows } from './register-table.ts'
import { REGISTER_WORDS, type RegisterColumn, type RegisterLanguage } from './register-words.ts'

/** The register of processing as Markdown for people: a section per purpose, and what the rules cannot know. */
export function registerMarkdown(policy: Declarations, profile: LegalProfile, language: RegisterLanguage): string {
  const words = REGISTER_WORDS[language]
  const say = sayIn(policy, language)
  const keys = (Object.keys(words.columns) as RegisterColumn[]).filter((key) => key !== 'purpose')
  const others = [...policy.recipients.values()].filter(({ kind }) => kind !== 'entity')
  const lines = [
    `# ${words.title}`,
    '',
    `${words.made} ${plain(policy.id)}. ${words.under}: ${plain(say(profile.register))}.`,
    '',
    `## ${words.controllers}`,
    '',
    ...[...policy.entities.values()].map(({ label }) => `- ${plain(say(label))}`),
    `- ${words.address}: ${plain(say(policy.operator.address))}`,
    `- ${words.contact}: ${plain(policy.operator.email)}`,
    '',
    `## ${words.activities}`,
    '',
    ...registerRows(policy, profile, language).flatMap((row, i) => [
      `### ${i + 1}. ${plain(row.purpose.join(', '))}`,
      '',
      ...keys.flatMap((key) => item(words.columns[key], row[key].length === 0 ? [words.none] : row[key])),
      '',
    ]),
    `## ${words.recipients}`,
    '',
    ...(others.length === 0
      ? [words.none]
      : others.map(({ label, kind, norm, contract, country, verified }) => {
          const rests = norm ?? contract
          const parts = [
            words.kinds[kind],
            ...(rests === null ? [] : [say(rests)]),
            ...(country === null ? [] : [country]),
          ]
          return `- ${plain(say(label))}: ${plain(parts.join('; '))}${verified ? '' : ` (${words.unverified})`}`
        })),
    '',
    `## ${words.measures}`,
    '',
    ...(policy.measures.length === 0
      ? [words.none]
      : policy.measures.map(({ text, clauses }) => `- ${plain(say(text))} (${plain(clauses.join(', '))})`)),
    '',
    `## ${words.missing}`,
    '',
    words.missingText,
  ]
  return `${lines.join('\n')}\n`
}

function item(label: string, values: readonly string[]): readonly string[] {
  const [only, ...more] = values
  if (only !== undefined && more.length === 0) return [`- ${label}: ${plain(only)}`]
  return [`- ${label}:`, ...values.map((value) => `  - ${plain(value)}`)]
}

/** Text as it is: nothing of a policy's words is markup, a link or a line of its own. */
function plain(text: string): string {
  return text
    .replace(/\s+/gu, ' ')
    .replace(/[\\`*_[\]<>|#~]/gu, '\\$&')
    .replace(/&/gu, '&amp;')
}

import { err, type Localised, ok, type Result } from '@doverie/core/base'
import written from './texts.json' with { type: 'json' }

export type DocumentLanguage = 'ru' | 'en'

/** The words of one kind of document. `{name}` stands for what is filled in. */
export interface DocumentText {
  readonly title: Localised
  readonly text: readonly Localised[]
}

/** Words by kind of document, `refusal`, or by kind of document and request, `answer withdrawal`. */
export type DocumentTexts = Readonly<Record<string, DocumentText>>

/** The words that come with the program; an operator may give its own in place of any. */
const TEXTS: DocumentTexts = written

/** Title and paragraphs of a document, filled in. The words of the very kind come before those of all kinds, the operator's before ours. */
export function worded(
  own: DocumentTexts,
  document: string,
  kind: string,
  language: DocumentLanguage,
  given: Readonly<Record<string, string>>,
): { readonly title: string; readonly paragraphs: readonly string[] } {
  const both = `${document} ${kind}`
  const found = own[both] ?? own[document] ?? TEXTS[both] ?? TEXTS[document]
  const fill = (text: Localised): string =>
    (text[language] ?? text['ru'] ?? '')
      .replace(/\{([a-z]+)\}/g, (_, name: string) => given[name] ?? '—')
      // What is filled in may be nothing, or end with a full stop of its own.
      .replace(/ +([.,;])/g, '$1')
      .replace(/\.\./g, '.')
  return found === undefined
    ? { title: document, paragraphs: [] }
    : { title: fill(found.title), paragraphs: found.text.map(fill) }
}

const NAMES = [
  'letter',
  'received',
  'kind',
  'done',
  'until',
  'before',
  'article',
  'reason',
  'asked',
  'methods',
  'recipient',
  'reference',
  'dated',
  'norm',
  'clauses',
  'today',
]

/**
 * Reads an operator's own words: `{"refusal": {"title": {"ru": "…"}, "text": [{"ru": "… {letter} …"}]}}`, for any of the documents that the
 * program words itself. Gives them, or what is wrong at the first offending place: a slip must show at the start, not in a letter.
 */
export function readTexts(value: unknown): Result<DocumentTexts, string> {
  if (!isObject(value)) return err('an object is wanted')
  for (const [name, written] of Object.entries(value)) {
    if (!Object.hasOwn(TEXTS, name))
      return err(`${name}: there is no such document; there are ${Object.keys(TEXTS).join(', ')}`)
    if (!isObject(written)) return err(`${name}: an object is wanted`)
    const { title, text } = written
    if (!Array.isArray(text) || text.length === 0) return err(`${name}.text: a list of paragraphs is wanted`)
    for (const [at, one] of [title, ...(text as readonly unknown[])].entries()) {
      const wrong = faultOf(one)
      if (wrong !== null) return err(`${name}.${at === 0 ? 'title' : `text[${at - 1}]`}: ${wrong}`)
    }
  }
  return ok(value as DocumentTexts)
}

function faultOf(text: unknown): string | null {
  if (!isObject(text) || !('ru' in text)) return 'a text in Russian, and in English where wanted, is wanted'
  for (const said of Object.values(text)) {
    if (typeof said !== 'string' || said.trim() === '') return 'is empty'
    const unknown = [...said.matchAll(/\{([^}]*)\}/g)].find(([, name = '']) => !NAMES.includes(name))
    if (unknown !== undefined) return `{${unknown[1] ?? ''}} stands for nothing; there are ${NAMES.join(', ')}`
  }
  return null
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

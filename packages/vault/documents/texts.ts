import type { Localised } from '@doverie/core/base'
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
      // What is filled in may end with a full stop of its own.
      .replace(/\.\./g, '.')
  return found === undefined
    ? { title: document, paragraphs: [] }
    : { title: fill(found.title), paragraphs: found.text.map(fill) }
}

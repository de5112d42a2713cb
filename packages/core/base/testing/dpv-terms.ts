import { readFileSync } from 'node:fs'

/** The terms of the Data Privacy Vocabulary 2.3 (`dpv:Purpose`, `pd:Name`), of its GDPR extension and of its countries. */
export function dpvTerms(): ReadonlySet<string> {
  const file = new URL('../../../../vectors/dpv/dpv-2.3-terms.txt', import.meta.url)
  return new Set(readFileSync(file, 'utf8').trim().split('\n'))
}

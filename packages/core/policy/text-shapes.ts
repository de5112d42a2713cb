import { isMap, isScalar, type Node } from 'yaml'
import type { Localised } from '../base/index.ts'
import { BAD, complain, list, placeOf, type Reader, reference, text } from './reader.ts'

/** Clause numbers, at least one. */
export const clauses: Reader<readonly string[]> = list(reference('clause'), 1)

/** A text per language. That exactly the bundle's languages are there is judged with the references. */
export const localised: Reader<Localised> = {
  read: (node, reading) => {
    if (!isMap(node)) return complain(node, reading, 'a text per language is needed here')
    const out: Record<string, string> = {}
    let bad = false
    for (const { key, value } of node.items) {
      const language = isScalar(key) ? String(key.value) : ''
      if (!/^[a-z]{2,3}$/.test(language)) {
        complain(key as Node, reading, 'a language tag is needed here (ru, en)')
        bad = true
        continue
      }
      const read =
        value === null
          ? complain(key as Node, reading, `the text in '${language}' is empty`)
          : text.read(value as Node, reading)
      if (read === BAD) bad = true
      else out[language] = read
    }
    if (bad) return BAD
    const name = Object.keys(out).sort().join(' ')
    reading.references.push({ space: 'language', name, at: placeOf(node, reading), clauses: reading.clauses })
    return out
  },
  schema: {
    type: 'object',
    description: 'a text in each language of the bundle',
    patternProperties: { '^[a-z]{2,3}$': text.schema },
    additionalProperties: false,
  },
}

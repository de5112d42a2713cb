import { isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml'
import { hint } from './nearest-name.ts'
import { type Place, type PolicyProblem, problemAt } from './problem.ts'

export { hint }

/** Where a reader is: the file, its lines, the problems and references found so far, the clauses of the element it is in. */
export interface Reading {
  readonly file: string
  readonly lines: LineCounter
  readonly problems: PolicyProblem[]
  readonly references: Reference[]
  clauses: readonly string[]
}

/** The name spaces of a bundle. */
export type Space =
  | 'clause'
  | 'entity'
  | 'channel'
  | 'purpose'
  | 'category'
  | 'compartment'
  | 'field'
  | 'datum'
  | 'actor'
  | 'recipient'
  | 'recipient or kind'
  | 'trait'
  | 'service'
  | 'service or trait'
  | 'language'
  | 'form'

/** A name that must be declared somewhere in the bundle. */
export interface Reference {
  readonly space: Space
  readonly name: string
  readonly at: Place
  readonly clauses: readonly string[]
}

/** The answer of a reader that has reported a problem instead of a value. */
export const BAD: unique symbol = Symbol('bad')
export type Bad = typeof BAD

/** A schema of JSON Schema 2020-12, as plain data. */
export type Schema = Readonly<Record<string, unknown>>

/**
 * Reads one YAML node strictly; `absent` is what stands for a key that is not there (none: the key is needed).
 * `schema` tells an editor what is taken: at least all that `read` takes, and where JSON Schema can say it nothing more.
 */
export interface Reader<T> {
  readonly read: (node: Node, reading: Reading) => T | Bad
  readonly schema: Schema
  readonly absent?: { readonly value: T }
}

/** The most items of one list: a policy is a text for people, and its checks compare everything with everything. */
const LONGEST_LIST = 1000

export function placeOf(node: Node, reading: Reading): Place {
  if (node.range === null || node.range === undefined) return { file: reading.file, line: 1 }
  const { line, col } = reading.lines.linePos(node.range[0])
  return { file: reading.file, line, column: col }
}

export function complain(node: Node, reading: Reading, message: string): Bad {
  reading.problems.push(problemAt(placeOf(node, reading), message, reading.clauses))
  return BAD
}

/** A text of at least one visible character. */
export const text: Reader<string> = {
  read: (node, reading) => {
    const value = isScalar(node) ? node.value : null
    if (typeof value !== 'string')
      return complain(node, reading, `a text is needed here${typeof value === 'number' ? ' (quote it)' : ''}`)
    return value.trim() === '' ? complain(node, reading, 'an empty text') : value.trim()
  },
  schema: { type: 'string', pattern: '\\S' },
}

/**
 * The engine's one copy of a text, which the names of properties are: equal names are then found equal without being read,
 * and no name holds the file that it was cut from.
 */
function oneCopy(value: string): string {
  return Object.keys({ [value]: null })[0] ?? value
}

/** A text of a certain form, with nothing around it. The pattern has no flags. */
export function textLike(pattern: RegExp, what: string): Reader<string> {
  return {
    read: (node, reading) => {
      const value = text.read(node, reading)
      if (value === BAD) return BAD
      const fits = pattern.test(value) && isScalar(node) && node.value === value
      return fits ? oneCopy(value) : complain(node, reading, `${what} is needed here`)
    },
    schema: { type: 'string', pattern: pattern.source, description: what },
  }
}

/** A name: lower-case words joined by hyphens. */
export const name: Reader<string> = textLike(
  /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/,
  'a name (lower-case words joined by hyphens)',
)

/** A name declared elsewhere in the bundle; whether it is gets judged once all files are read. */
export function reference(space: Space): Reader<string> {
  return {
    read: (node, reading) => {
      const value = text.read(node, reading)
      if (value === BAD) return BAD
      const named = oneCopy(value)
      reading.references.push({ space, name: named, at: placeOf(node, reading), clauses: reading.clauses })
      return named
    },
    schema: { ...text.schema, description: `the name of a declared ${space}` },
  }
}

export function oneOf<const T extends string>(...values: readonly T[]): Reader<T> {
  return {
    read: (node, reading) => {
      const value = isScalar(node) ? node.value : null
      const found = values.find((candidate) => candidate === value)
      if (found !== undefined) return found
      const near = typeof value === 'string' ? hint(value, values) : ''
      return complain(node, reading, `one of ${values.join(', ')} is needed here${near}`)
    },
    schema: { enum: values },
  }
}

export const bool: Reader<boolean> = {
  read: (node, reading) =>
    isScalar(node) && typeof node.value === 'boolean'
      ? node.value
      : complain(node, reading, 'true or false is needed here'),
  schema: { type: 'boolean' },
}

export const count: Reader<number> = {
  read: (node, reading) =>
    isScalar(node) && typeof node.value === 'number' && Number.isSafeInteger(node.value) && node.value > 0
      ? node.value
      : complain(node, reading, 'a whole number above 0 is needed here'),
  schema: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
}

/** This number and no other. */
export function exactly(number: number): Reader<number> {
  return {
    read: (node, reading) =>
      isScalar(node) && node.value === number ? number : complain(node, reading, `${number} is needed here`),
    schema: { const: number },
  }
}

/** A list; `least` items at least. Faulty items are reported and left out, and make the list bad. */
export function list<T>(item: Reader<T>, least = 0): Reader<readonly T[]> {
  return {
    read: (node, reading) => {
      if (!isSeq(node)) return complain(node, reading, 'a list is needed here')
      if (node.items.length > LONGEST_LIST)
        return complain(node, reading, `a list of more than ${LONGEST_LIST} is not taken`)
      const values = node.items.map((child) => item.read(child as Node, reading))
      if (values.length < least) return complain(node, reading, `a list of at least ${least} is needed here`)
      return values.includes(BAD) ? BAD : (values as T[])
    },
    schema: { type: 'array', items: item.schema, maxItems: LONGEST_LIST, ...(least > 0 ? { minItems: least } : {}) },
  }
}

/** What another reader reads, as something else; `into` may complain of the node and answer `BAD`. */
export function mapped<T, U>(
  reader: Reader<T>,
  into: (value: T, node: Node, reading: Reading) => U | Bad,
  schema: Schema = reader.schema,
): Reader<U> {
  return {
    read: (node, reading) => {
      const value = reader.read(node, reading)
      return value === BAD ? BAD : into(value, node, reading)
    },
    schema,
  }
}

/** The same reader for a key that may be left out. */
export function optional<T, const F>(reader: Reader<T>, absent: F): Reader<T | F> {
  return { ...reader, absent: { value: absent } }
}

export type Read<S> = { readonly [K in keyof S]: S[K] extends Reader<infer T> ? T : never } & { readonly at: Place }

/**
 * A mapping with exactly these keys: unknown and missing ones are reported. Inside an element that has `clauses` (or
 * `clause`) every problem names the first of them.
 */
export function object<S extends Readonly<Record<string, Reader<unknown>>>>(shape: S): Reader<Read<S>> {
  const entries = Object.entries(shape)
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(entries.map(([key, reader]) => [key, reader.schema])),
      required: entries.flatMap(([key, reader]) => (reader.absent === undefined ? [key] : [])),
      additionalProperties: false,
    },
    read: (node, reading) => {
      if (!isMap(node)) return complain(node, reading, 'a mapping is needed here')
      const outer = reading.clauses
      const own = clausesOf(node.items as Pair<Node, Node | null>[])
      if (own.length > 0) reading.clauses = own
      const result = readMembers(shape, node as unknown as Node & { items: Pair<Node, Node | null>[] }, reading)
      reading.clauses = outer
      return result as Read<S> | Bad
    },
  }
}

function readMembers(
  shape: Readonly<Record<string, Reader<unknown>>>,
  node: Node & { items: Pair<Node, Node | null>[] },
  reading: Reading,
): object | Bad {
  const out: Record<string, unknown> = { at: placeOf(node, reading) }
  const seen = new Set<string>()
  let bad = false
  for (const { key, value } of node.items) {
    const label = isScalar(key) ? String(key.value) : ''
    const reader = Object.hasOwn(shape, label) ? shape[label] : undefined
    if (reader === undefined) {
      complain(key, reading, `unknown key ${unknownKey(label, Object.keys(shape))}`)
      bad = true
      continue
    }
    seen.add(label)
    const read = value === null ? complain(key, reading, `'${label}' is empty`) : reader.read(value, reading)
    if (read === BAD) bad = true
    out[label] = read
  }
  for (const [label, reader] of Object.entries(shape)) {
    if (seen.has(label)) continue
    if (reader.absent !== undefined) out[label] = reader.absent.value
    else {
      complain(node, reading, `the key '${label}' is missing`)
      bad = true
    }
  }
  return bad ? BAD : out
}

function unknownKey(label: string, known: readonly string[]): string {
  if (label === '') return '(not a text)'
  if (/^(includes?|imports?|extends|<<)$/.test(label)) return `'${label}': a file takes nothing from another by name`
  return `'${label}'${hint(label, known)}`
}

function clausesOf(items: readonly Pair<Node, Node | null>[]): readonly string[] {
  for (const { key, value } of items) {
    if (!isScalar(key)) continue
    if (key.value === 'clauses' && isSeq(value)) {
      return value.items.flatMap((item) => (isScalar(item) && typeof item.value === 'string' ? [item.value] : []))
    }
    if (key.value === 'clause' && isScalar(value) && typeof value.value === 'string') return [value.value]
  }
  return []
}

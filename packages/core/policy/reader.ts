import { isMap, isScalar, isSeq, type LineCounter, type Node, type Pair } from 'yaml'
import { type Place, type PolicyProblem, problemAt } from './problem.ts'

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
  | 'trait'
  | 'service'
  | 'service or trait'
  | 'language'

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

/** Reads one YAML node strictly; `absent` is what stands for a key that is not there (none: the key is needed). */
export interface Reader<T> {
  readonly read: (node: Node, reading: Reading) => T | Bad
  readonly absent?: { readonly value: T }
}

export function placeOf(node: Node, reading: Reading): Place {
  return {
    file: reading.file,
    line: node.range === null || node.range === undefined ? 1 : reading.lines.linePos(node.range[0]).line,
  }
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
}

/** A text of a certain form. */
export function textLike(pattern: RegExp, what: string): Reader<string> {
  return {
    read: (node, reading) => {
      const value = text.read(node, reading)
      return value === BAD || pattern.test(value) ? value : complain(node, reading, `${what} is needed here`)
    },
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
      if (value !== BAD)
        reading.references.push({ space, name: value, at: placeOf(node, reading), clauses: reading.clauses })
      return value
    },
  }
}

export function oneOf<const T extends string>(...values: readonly T[]): Reader<T> {
  return {
    read: (node, reading) => {
      const value = isScalar(node) ? node.value : null
      const found = values.find((candidate) => candidate === value)
      return found ?? complain(node, reading, `one of ${values.join(', ')} is needed here`)
    },
  }
}

export const bool: Reader<boolean> = {
  read: (node, reading) =>
    isScalar(node) && typeof node.value === 'boolean'
      ? node.value
      : complain(node, reading, 'true or false is needed here'),
}

export const count: Reader<number> = {
  read: (node, reading) =>
    isScalar(node) && typeof node.value === 'number' && Number.isSafeInteger(node.value) && node.value > 0
      ? node.value
      : complain(node, reading, 'a whole number above 0 is needed here'),
}

/** A list; `least` items at least. Faulty items are reported and left out, and make the list bad. */
export function list<T>(item: Reader<T>, least = 0): Reader<readonly T[]> {
  return {
    read: (node, reading) => {
      if (!isSeq(node)) return complain(node, reading, 'a list is needed here')
      const values = node.items.map((child) => item.read(child as Node, reading))
      if (values.length < least) return complain(node, reading, `a list of at least ${least} is needed here`)
      return values.includes(BAD) ? BAD : (values as T[])
    },
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
  return {
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
      complain(
        key,
        reading,
        `unknown key ${label === '' ? '(not a text)' : `'${label}'`}${hint(label, Object.keys(shape))}`,
      )
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

/** ` (did you mean 'x'?)` where a known name is one or two letters away, else nothing. */
export function hint(wrong: string, known: readonly string[]): string {
  const near = known.find((candidate) => distance(wrong, candidate) <= 2)
  return near === undefined || wrong.length < 3 ? '' : ` (did you mean '${near}'?)`
}

function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2 || a.length > 60) return 3
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}

import { isMap, isScalar, type Node } from 'yaml'
import { BLOCK_REASONS, GROUND_KINDS, OPERATIONS, parseExactDuration, parsePeriod } from '../base/index.ts'
import { REASONS, type Reason } from './decision.ts'
import type { Predicate, Retention, Rule, Selector } from './model.ts'
import {
  BAD,
  bool,
  complain,
  hint,
  list,
  mapped,
  name,
  object,
  oneOf,
  optional,
  type Reader,
  reference,
  text,
} from './reader.ts'
import { clauses, localised } from './text-shapes.ts'

/** `any`, a list of names, or `{ except: [names] }`. */
export function selector(item: Reader<string>): Reader<Selector> {
  const except = object({ except: list(item, 1) })
  const only = list(item, 1)
  return {
    read: (node, reading) => {
      if (isScalar(node) && node.value === 'any') return { except: [] }
      if (isMap(node)) {
        const read = except.read(node, reading)
        return read === BAD ? BAD : { except: read.except }
      }
      const read = only.read(node, reading)
      return read === BAD ? BAD : { only: read }
    },
    schema: { anyOf: [{ const: 'any' }, only.schema, except.schema] },
  }
}

const PLAIN = [
  'confirmed',
  'unconfirmed',
  'blocked',
  'ticket',
  'closed-by-subject',
  'not-retained',
  'minor',
  'represented',
  'unrepresented',
  'on-hold',
] as const

export const exactDuration: Reader<number> = mapped(
  text,
  (value, node, reading) =>
    parseExactDuration(value) ?? complain(node, reading, 'a duration in days and hours is needed here (P30D, PT72H)'),
  { type: 'string', pattern: '^\\s*P', description: 'a duration in days and hours (P30D, PT72H)' },
)

const period = mapped(
  text,
  (value, node, reading) =>
    parsePeriod(value) ?? complain(node, reading, 'a term in years, months and days is needed here (P5Y)'),
  { type: 'string', pattern: '^\\s*P', description: 'a term in years, months and days (P5Y, P1Y6M)' },
)

const PARAMETRIC: Readonly<Record<string, Reader<Predicate>>> = {
  ground: mapped(oneOf(...GROUND_KINDS), (kind) => ({ is: 'ground', kind })),
  'without-ground': mapped(oneOf(...GROUND_KINDS), (kind) => ({ is: 'without-ground', kind })),
  'contract-for': mapped(reference('service or trait'), (service) => ({ is: 'contract-for', service })),
  'unconfirmed-longer-than': mapped(exactDuration, (milliseconds) => ({ is: 'unconfirmed-longer-than', milliseconds })),
  'blocked-for': mapped(list(oneOf(...BLOCK_REASONS), 1), (reasons) => ({ is: 'blocked-for', reasons })),
  proved: mapped(oneOf('email', 'phone'), (identifier) => ({ is: 'proved', identifier })),
  recipient: mapped(list(reference('recipient or kind'), 1), (names) => ({ is: 'recipient', names })),
  'not-recipient': mapped(list(reference('recipient or kind'), 1), (names) => ({ is: 'not-recipient', names })),
}

/** A predicate: a bare name, or a mapping of one name to its parameter. */
export const predicate: Reader<Predicate> = {
  read: (node, reading) => {
    const bare = isScalar(node) ? PLAIN.find((known) => known === node.value) : undefined
    if (bare !== undefined) return { is: bare }
    const pair = isMap(node) && node.items.length === 1 ? node.items[0] : undefined
    const key = pair !== undefined && isScalar(pair.key) ? String(pair.key.value) : ''
    const reader = Object.hasOwn(PARAMETRIC, key) ? PARAMETRIC[key] : undefined
    if (reader === undefined || pair === undefined || pair.value === null) {
      const known = [...PLAIN, ...Object.keys(PARAMETRIC)]
      const near = hint(isScalar(node) ? String(node.value) : key, known)
      return complain(node, reading, `no such predicate; known are ${known.join(', ')}${near}`)
    }
    return reader.read(pair.value as Node, reading)
  },
  schema: {
    anyOf: [
      { enum: PLAIN },
      ...Object.entries(PARAMETRIC).map(([key, reader]) => ({
        type: 'object',
        properties: { [key]: reader.schema },
        required: [key],
        additionalProperties: false,
      })),
    ],
  },
}

const keysOfRule = {
  id: name,
  effect: oneOf('permit', 'refuse'),
  reason: optional(oneOf(...(Object.keys(REASONS) as Reason[])), 'rule'),
  clauses,
  actors: selector(reference('actor')),
  operations: selector(oneOf(...OPERATIONS)),
  purposes: selector(reference('purpose')),
  data: selector(reference('datum')),
  when: optional(list(predicate), [] as readonly Predicate[]),
}
const EVERY: Selector = { except: [] }
const rule = object({ ...keysOfRule, entities: optional(selector(reference('entity')), EVERY) })
/** A rule of one entity's own file: it names none, and holds for no other. */
const ruleOfEntity = mapped(object(keysOfRule), (read): Rule => ({ ...read, entities: EVERY }))

const retention = object({
  id: name,
  kind: oneOf('contract', 'consent', 'hold'),
  clauses,
  basis: optional(name, null),
  article: localised,
  verified: bool,
  services: optional(list(reference('service or trait')), [] as readonly string[]),
  data: list(reference('datum'), 1),
  purposes: list(reference('purpose'), 1),
  after: optional(object({ term: period, from: oneOf('event', 'end-of-year') }), null),
})

export const rules: Reader<readonly Rule[]> = optional(list(rule), [])
/** The rules of a file of `entities/`; whose they are, the file says. */
export const rulesOfEntity: Reader<readonly Rule[]> = optional(list(ruleOfEntity), [])
export const retentions: Reader<readonly Retention[]> = optional(list(retention), [])

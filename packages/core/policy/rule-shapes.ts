import { isMap, isScalar, type Node } from 'yaml'
import { BLOCK_REASONS, OPERATIONS } from '../base/index.ts'
import { REASONS, type Reason } from './decision.ts'
import { GROUND_KINDS, type Period, type Predicate, type Retention, type Rule, type Selector } from './model.ts'
import { parseExactDuration, parsePeriod } from './period.ts'
import {
  BAD,
  bool,
  complain,
  list,
  name,
  object,
  oneOf,
  optional,
  type Reader,
  type Reading,
  reference,
  text,
} from './reader.ts'
import { clauses, localised } from './text-shapes.ts'

/** `any`, a list of names, or `{ except: [names] }`. */
function selector(item: Reader<string>): Reader<Selector> {
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
  }
}

const PLAIN = ['confirmed', 'unconfirmed', 'blocked', 'ticket', 'closed-by-subject', 'not-retained'] as const

const exactDuration: Reader<number> = {
  read: (node, reading) => {
    const value = text.read(node, reading)
    if (value === BAD) return BAD
    return (
      parseExactDuration(value) ?? complain(node, reading, 'a duration in days and hours is needed here (P30D, PT72H)')
    )
  },
}

const period: Reader<Period> = {
  read: (node, reading) => {
    const value = text.read(node, reading)
    if (value === BAD) return BAD
    return parsePeriod(value) ?? complain(node, reading, 'a term in years, months and days is needed here (P5Y)')
  },
}

const PARAMETRIC: Readonly<Record<string, (node: Node, reading: Reading) => Predicate | typeof BAD>> = {
  ground: (node, reading) => {
    const kind = oneOf(...GROUND_KINDS).read(node, reading)
    return kind === BAD ? BAD : { is: 'ground', kind }
  },
  'contract-for': (node, reading) => {
    const service = reference('service or trait').read(node, reading)
    return service === BAD ? BAD : { is: 'contract-for', service }
  },
  'unconfirmed-longer-than': (node, reading) => {
    const milliseconds = exactDuration.read(node, reading)
    return milliseconds === BAD ? BAD : { is: 'unconfirmed-longer-than', milliseconds }
  },
  'blocked-for': (node, reading) => {
    const reasons = list(oneOf(...BLOCK_REASONS), 1).read(node, reading)
    return reasons === BAD ? BAD : { is: 'blocked-for', reasons }
  },
  proved: (node, reading) => {
    const identifier = oneOf('email', 'phone').read(node, reading)
    return identifier === BAD ? BAD : { is: 'proved', identifier }
  },
}

/** A predicate: a bare name, or a mapping of one name to its parameter. */
const predicate: Reader<Predicate> = {
  read: (node, reading) => {
    const bare = isScalar(node) ? PLAIN.find((known) => known === node.value) : undefined
    if (bare !== undefined) return { is: bare }
    const pair = isMap(node) && node.items.length === 1 ? node.items[0] : undefined
    const key = pair !== undefined && isScalar(pair.key) ? String(pair.key.value) : ''
    const read = Object.hasOwn(PARAMETRIC, key) ? PARAMETRIC[key] : undefined
    if (read === undefined || pair === undefined || pair.value === null) {
      return complain(
        node,
        reading,
        `no such predicate; known are ${[...PLAIN, ...Object.keys(PARAMETRIC)].join(', ')}`,
      )
    }
    return read(pair.value as Node, reading)
  },
}

const rule = object({
  id: name,
  effect: oneOf('permit', 'refuse'),
  reason: optional(oneOf(...(Object.keys(REASONS) as Reason[])), 'rule'),
  clauses,
  actors: selector(reference('actor')),
  operations: selector(oneOf(...OPERATIONS)),
  purposes: selector(reference('purpose')),
  entities: optional(selector(reference('entity')), { except: [] }),
  data: selector(reference('datum')),
  when: optional(list(predicate), [] as readonly Predicate[]),
})

const retention = object({
  id: name,
  kind: oneOf('contract', 'consent'),
  clauses,
  article: localised,
  verified: bool,
  services: optional(list(reference('service or trait')), [] as readonly string[]),
  data: list(reference('datum'), 1),
  purposes: list(reference('purpose'), 1),
  after: optional(object({ term: period, from: oneOf('event', 'end-of-year') }), null),
})

export const rules: Reader<readonly Rule[]> = optional(list(rule), [])
export const retentions: Reader<readonly Retention[]> = optional(list(retention), [])

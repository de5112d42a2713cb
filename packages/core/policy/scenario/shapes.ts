import { isMap, isScalar, type Node } from 'yaml'
import { AGE_BANDS, BLOCK_REASONS, type BlockReason, OPERATIONS, REPRESENTATIVE_KINDS } from '../../base/index.ts'
import { REASONS, type Reason } from '../decision.ts'
import {
  BAD,
  bool,
  complain,
  list,
  mapped,
  name,
  object,
  oneOf,
  optional,
  placeOf,
  type Reader,
  reference,
  text,
} from '../reader.ts'
import { clauses } from '../text-shapes.ts'
import { moment, momentOrNever, wallMoment } from './moments.ts'
import type {
  CaseFile,
  TestFile,
  WrittenAct,
  WrittenAnswer,
  WrittenFacts,
  WrittenPerson,
  WrittenSubmission,
  WrittenTest,
  WrittenWhen,
} from './written.ts'

/** `all`, or a list. */
function allOr<T>(item: Reader<T>): Reader<'all' | readonly T[]> {
  const items = list(item)
  return {
    read: (node, reading) => (isScalar(node) && node.value === 'all' ? 'all' : items.read(node, reading)),
    schema: { anyOf: [{ const: 'all' }, items.schema] },
  }
}

function maybe<T>(reader: Reader<T>): Reader<T | undefined> {
  return optional(reader, undefined)
}

const blocked: Reader<BlockReason | null> = mapped(oneOf('never', ...BLOCK_REASONS), (reason) =>
  reason === 'never' ? null : reason,
)

const contract = object({
  with: reference('entity'),
  for: reference('service'),
  since: maybe(moment),
  ended: optional(momentOrNever, null),
})

const consent = object({
  for: reference('purpose'),
  to: reference('entity'),
  since: maybe(moment),
  until: optional(momentOrNever, null),
})

const representative = object({
  kind: oneOf(...REPRESENTATIVE_KINDS),
  since: maybe(moment),
  until: optional(momentOrNever, null),
})

const closing = object({ data: list(reference('datum'), 1), for: allOr(reference('purpose')) })

const facts = {
  like: maybe(text),
  state: maybe(oneOf('live', 'destroying', 'destroyed')),
  data: maybe(allOr(reference('compartment'))),
  destroying: maybe(list(reference('compartment'))),
  collected: maybe(moment),
  confirmed: maybe(momentOrNever),
  proved: maybe(list(oneOf('email', 'phone'))),
  blocked: maybe(blocked),
  contracts: maybe(list(contract)),
  consents: maybe(list(consent)),
  'consent-ended': maybe(momentOrNever),
  closed: maybe(list(closing)),
  opened: maybe(list(reference('field'))),
  age: maybe(oneOf(...AGE_BANDS)),
  representatives: maybe(list(representative)),
  hold: maybe(momentOrNever),
} as const

const person: Reader<WrittenPerson> = object({ id: name, ...facts })
const written: Reader<WrittenFacts> = object(facts)

/** The name of one of `people`, or what is known of a person. */
const given: Reader<WrittenFacts> = {
  read: (node, reading) => {
    if (!isScalar(node)) return written.read(node, reading)
    const like = text.read(node, reading)
    return like === BAD ? BAD : { at: placeOf(node, reading), like }
  },
  schema: { anyOf: [text.schema, written.schema] },
}

const act: Reader<WrittenAct> = object({
  actor: reference('actor'),
  operation: oneOf(...OPERATIONS),
  purpose: reference('purpose'),
  entity: maybe(reference('entity')),
  data: list(reference('datum'), 1),
  ticket: optional(bool, false),
  recipient: maybe(reference('recipient')),
  channel: maybe(reference('channel')),
})

/** Field -> text. The names are not looked up: a test may well send what no form asks. */
const values: Reader<Readonly<Record<string, string>>> = {
  read: (node, reading) => {
    if (!isMap(node)) return complain(node, reading, 'a value per field is needed here')
    const out: Record<string, string> = {}
    for (const { key, value } of node.items) {
      const label = isScalar(key) ? String(key.value) : ''
      const read = value === null ? complain(node, reading, `'${label}' is empty`) : text.read(value as Node, reading)
      if (read === BAD) return BAD
      out[label] = read
    }
    return out
  },
  schema: { type: 'object', additionalProperties: text.schema },
}

const submission: Reader<WrittenSubmission> = object({
  form: text,
  entity: maybe(reference('entity')),
  values,
  consents: optional(list(reference('purpose')), [] as readonly string[]),
  age: optional(oneOf(...AGE_BANDS, 'untold'), 'adult'),
})

/** An act, or (where there is a `form`) a form sent in. */
const when: Reader<WrittenWhen> = {
  read: (node, reading) => {
    if (isMap(node) && node.has('form')) {
      const read = submission.read(node, reading)
      return read === BAD ? BAD : { kind: 'form', submission: read }
    }
    const read = act.read(node, reading)
    return read === BAD ? BAD : { kind: 'act', act: read }
  },
  schema: { anyOf: [act.schema, submission.schema] },
}

const answer: Reader<WrittenAnswer> = object({
  permit: optional(clauses, null),
  refuse: optional(clauses, null),
  reason: optional(oneOf(...(Object.keys(REASONS) as Reason[])), null),
  until: maybe(momentOrNever),
})

const then: Reader<WrittenAnswer> = mapped(answer, (read, node, reading) => {
  if ((read.permit === null) === (read.refuse === null))
    return complain(node, reading, 'either permit or refuse is needed here, with the clauses that the answer names')
  if (read.permit !== null && read.reason !== null) return complain(node, reading, 'a permit tells no reason')
  return read
})

const test: Reader<WrittenTest> = object({ name: text, given: optional(given, null), when, then })

const setting = {
  now: wallMoment,
  entity: maybe(reference('entity')),
  people: optional(list(person), [] as readonly WrittenPerson[]),
} as const

/** A file of `tests/`. */
export const testFile: Reader<TestFile> = object({
  ...setting,
  tests: optional(list(test), [] as readonly WrittenTest[]),
})

/** A file with a single case, to be explained. */
export const caseFile: Reader<CaseFile> = object({ ...setting, given: optional(given, null), when: act })

import { isMap, isScalar } from 'yaml'
import { GROUND_KINDS, OPERATIONS } from '../../base/index.ts'
import type { Predicate, Selector } from '../model.ts'
import { complain, list, mapped, name, object, oneOf, optional, type Reader, reference } from '../reader.ts'
import { predicate, selector } from '../rule-shapes.ts'
import { clauses, localised } from '../text-shapes.ts'
import { type Claim, FLAWS, type Invariant, type PurposeSelector, type Region } from './invariant.ts'

const EVERY: Selector = { except: [] }
const NONE: readonly Predicate[] = []

const purposesByName = selector(reference('purpose'))
const purposesByGround = mapped(
  object({ 'only-ground': oneOf(...GROUND_KINDS) }),
  (read): PurposeSelector => ({ onlyGround: read['only-ground'] }),
)

/** As in rules, or `{ only-ground: consent }`. */
const purposes: Reader<PurposeSelector> = {
  read: (node, reading) => {
    const first = isMap(node) ? node.items[0]?.key : undefined
    return isScalar(first) && first.value === 'only-ground'
      ? purposesByGround.read(node, reading)
      : purposesByName.read(node, reading)
  },
  schema: { anyOf: [purposesByName.schema, purposesByGround.schema] },
}

const keysOfRegion = {
  actors: optional(selector(reference('actor')), EVERY),
  operations: optional(selector(oneOf(...OPERATIONS)), EVERY),
  purposes: optional(purposes, EVERY),
  data: optional(selector(reference('datum')), EVERY),
  when: optional(list(predicate), NONE),
  unless: optional(list(predicate), NONE),
}
const entities = optional(selector(reference('entity')), EVERY)
const facts = list(predicate, 1)

const collects = object({
  forms: optional(selector(reference('form')), EVERY),
  channels: optional(selector(reference('channel')), EVERY),
  purposes: optional(purposes, EVERY),
  when: list(oneOf(...FLAWS), 1),
})

const region: Reader<Region> = object({ ...keysOfRegion, entities })
const regionOfEntity: Reader<Region> = mapped(object(keysOfRegion), (read) => ({ ...read, entities: EVERY }))
const opening: Reader<Opening> = object({ ...keysOfRegion, entities, facts })
const openingOfEntity: Reader<Opening> = mapped(object({ ...keysOfRegion, facts }), (read) => ({
  ...read,
  entities: EVERY,
}))

type Opening = Region & { readonly facts: readonly Predicate[] }

function invariantOf(own: Reader<Region>, ownOpening: Reader<Opening>): Reader<Invariant> {
  const written = object({
    id: name,
    clauses,
    says: localised,
    never: optional(own, null),
    always: optional(own, null),
    'never-opens': optional(ownOpening, null),
    'never-collects': optional(collects, null),
  })
  return mapped(written, (read, node, reading) => {
    const { id, at, clauses: named, says, never, always, 'never-opens': opens, 'never-collects': collected } = read
    const claims: Claim[] = []
    if (never !== null) claims.push({ kind: 'never', region: never })
    if (always !== null) claims.push({ kind: 'always', region: always })
    if (opens !== null) claims.push({ kind: 'never-opens', region: opens, facts: opens.facts })
    if (collected !== null) claims.push({ kind: 'never-collects', region: collected })
    const [claim, ...others] = claims
    if (claim === undefined || others.length > 0) {
      const message = `the invariant '${id}' claims one thing: never, always, never-opens or never-collects`
      return complain(node, { ...reading, clauses: named }, message)
    }
    return { id, at, clauses: named, says, claim }
  })
}

/** The invariants of a file of a bundle. */
export const invariants: Reader<readonly Invariant[]> = optional(list(invariantOf(region, opening)), [])

/** The same of a file of `entities/`: they name no entity, and claim something of that one alone. */
export const invariantsOfEntity: Reader<readonly Invariant[]> = optional(
  list(invariantOf(regionOfEntity, openingOfEntity)),
  [],
)

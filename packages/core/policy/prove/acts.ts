import { OPERATIONS, type Operation } from '../../base/index.ts'
import { type FieldPlan, plansOf, touches } from '../compile.ts'
import { type Declarations, PERSON, type Predicate, selects } from '../model.ts'
import type { Policy } from '../policy.ts'
import type { PurposeSelector, Region } from './invariant.ts'
import type { Point } from './witness.ts'

/** Points that the same rules judge alike: what is proved of one is proved of all. */
export interface ActClass {
  /** The first of them stands for all. */
  readonly points: readonly [Point, ...Point[]]
  /** The ids of the rules that judge it. */
  readonly rules: readonly string[]
  /** The predicates that its rules ask of its datum. */
  readonly asks: readonly Predicate[]
}

/** The space of acts on one datum, parted: classes with a rule that permits, and points that no rule permits. */
export interface Acts {
  readonly classes: readonly ActClass[]
  readonly barred: readonly Barred[]
}

/** The data that no rule opens to acts of one actor, operation, purpose and entity. */
export interface Barred {
  readonly act: Omit<Point, 'datum'>
  /** At least one, with the rules that refuse it whoever the person is. */
  readonly data: readonly { readonly datum: string; readonly rules: string }[]
}

/**
 * Parts every act of a bundle by the rules that judge it, and by what beside rules tells acts apart. An act on several
 * fields is permitted exactly where each of them is, so acts on one datum are all there is to prove.
 */
export function partActs(policy: Policy): Acts {
  const classes = new Map<string, ActClass & { readonly points: [Point, ...Point[]] }>()
  const barred: Barred[] = []
  const data = [PERSON, ...policy.fields.keys()]
  const asked = askedOf()
  const keeping = keepingOf(policy)
  for (const actor of policy.actors.values()) {
    const plans = plansOf(policy.index, actor.kind, actor.id)
    for (const operation of OPERATIONS) {
      for (const purpose of policy.purposes.keys()) {
        for (const entity of policy.entities.keys()) {
          const plan = plans?.get(operation)?.get(purpose)?.get(entity)
          const closed: { datum: string; rules: string }[] = []
          for (const datum of data) {
            const own = plan?.fields.get(datum)
            if (own === undefined || own.permits.length === 0) {
              closed.push({ datum, rules: own === undefined ? '' : rulesOf(own) })
              continue
            }
            const point: Point = { actor, operation, purpose, entity, datum }
            const asks = asked(own)
            const key = [rulesOf(own), ...apart(policy, point, keeping, asks)].join('|')
            const known = classes.get(key)
            if (known === undefined) classes.set(key, { points: [point], rules: rulesOf(own).split(' '), asks })
            else known.points.push(point)
          }
          if (closed.length > 0) barred.push({ act: { actor, operation, purpose, entity }, data: closed })
        }
      }
    }
  }
  return { classes: [...classes.values()], barred }
}

function rulesOf({ permits, refuses }: FieldPlan): string {
  return [...permits, ...refuses].map(({ rule }) => rule.id).join(' ')
}

/** The predicates a datum's rules ask, once each. */
function askedOf(): (own: FieldPlan) => readonly Predicate[] {
  const known = new Map<string, readonly Predicate[]>()
  return (own) => {
    const rules = rulesOf(own)
    const when = [...own.permits, ...own.refuses].flatMap(({ rule }) => rule.when)
    const asks = known.get(rules) ?? [...new Map(when.map((one) => [JSON.stringify(one), one])).values()]
    known.set(rules, asks)
    return asks
  }
}

/** What beside rules may make two acts differ: whose data must be there, whose contracts count, who stands for whom. */
function apart(
  policy: Declarations,
  point: Point,
  keeping: ReadonlyMap<string, string>,
  asks: readonly Predicate[],
): readonly string[] {
  const { operation, entity, datum, actor } = point
  return [
    BEGINNING.get(operation) ?? '',
    operation.startsWith('transfer:') ? entity : '',
    actor.kind === 'representative' ? 'representative' : '',
    datum === PERSON ? PERSON : asks.some(({ is }) => is === 'not-retained') ? (keeping.get(datum) ?? '') : '',
    [...policy.services.values()]
      .filter(({ entities }) => entities.includes(entity))
      .map(({ id }) => id)
      .join(' '),
  ]
}

/** Field -> the retention grounds that may keep it: to retention, fields with the same grounds are alike. */
export function keepingOf(policy: Declarations): ReadonlyMap<string, string> {
  const grounds = (compartment: string): string =>
    policy.retention
      .filter(({ data }) =>
        [...policy.fields.values()].some(
          (field) =>
            field.compartment === compartment &&
            [field.id, field.compartment, field.category].some((name) => data.includes(name)),
        ),
      )
      .map(({ id }) => id)
      .join(' ')
  const ofCompartments = new Map([...policy.compartments.keys()].map((id) => [id, grounds(id)]))
  return new Map([...policy.fields.values()].map(({ id, compartment }) => [id, ofCompartments.get(compartment) ?? '']))
}

/** How `decide` asks whether data are there: not at all, of a live person, or of what is held. */
const BEGINNING: ReadonlyMap<Operation, string> = new Map([
  ['collect', 'begins'],
  ['record', 'begins'],
  ['clarify:update', 'adds'],
  ['clarify:change', 'adds'],
])

/** Every barred act on one datum that lies in a region. */
export function* barredWithin(policy: Declarations, region: Region, barred: readonly Barred[]): Generator<Point> {
  for (const { act, data } of barred) {
    if (!namesTake(policy, region, act)) continue
    for (const { datum } of data) if (touches(policy, region.data, datum)) yield { ...act, datum }
  }
}

/** True where a region's names take a point. */
export function within(policy: Declarations, region: Region, point: Point): boolean {
  return namesTake(policy, region, point) && touches(policy, region.data, point.datum)
}

function namesTake(policy: Declarations, region: Region, act: Omit<Point, 'datum'>): boolean {
  return (
    selects(region.actors, act.actor.id) &&
    selects(region.operations, act.operation) &&
    takesPurpose(policy, region.purposes, act.purpose) &&
    selects(region.entities, act.entity)
  )
}

export function takesPurpose(policy: Declarations, selector: PurposeSelector, purpose: string): boolean {
  if (!('onlyGround' in selector)) return selects(selector, purpose)
  const grounds = policy.purposes.get(purpose)?.grounds ?? []
  return grounds.length > 0 && grounds.every((ground) => ground === selector.onlyGround)
}

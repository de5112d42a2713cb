import type { Decision } from '../decision.ts'
import { PERSON, type Predicate } from '../model.ts'
import { type ActClass, barredWithin, within } from './acts.ts'
import { axesOf } from './conditions.ts'
import type { Claim, Region } from './invariant.ts'
import { presences } from './presence.ts'
import { byWeight, decideOn, extended, meets, type Situation, situationOf, type Kin, type Table } from './situations.ts'
import { kinOf, type Space } from './space.ts'
import { axesAsked, valuesOf } from './values.ts'
import type { Frame, Point } from './witness.ts'

/** A point of the space at which a claim is false, and what `decide` says there. */
export interface Breach {
  readonly point: Point
  readonly situation: Situation
  readonly decision: Decision
  /** For `never-opens`: the same situation without the fact, where the answer is a refusal. */
  readonly without?: { readonly situation: Situation; readonly decision: Decision }
}

type DecisionClaim = Exclude<Claim, { readonly kind: 'never-collects' }>

/** The breach of a claim with the fewest facts, or null where it holds everywhere. */
export function lightestBreach(claim: DecisionClaim, space: Space): Breach | null {
  const asked = predicatesOf(claim)
  const breaches = space.acts.classes.flatMap((act) =>
    pointsOf(claim.region, asked, act, space).flatMap((point) => {
      const table = space.table(act)
      const kin = kinOf(table, point, asked)
      const frame = { ...table.frame, point, asks: [...table.frame.asks, ...asked] }
      if (claim.kind !== 'never-opens') {
        return breachIn(claim.region, claim.kind === 'never' ? table.permitted : table.refused(), frame, kin)
      }
      return claim.facts.flatMap((fact) => opening(claim.region, fact, table, frame, kin))
    }),
  )
  if (claim.kind === 'always') breaches.push(barredBreach(claim.region, space))
  return breaches.reduce((best, one) => {
    return one !== null && (best === null || one.situation.weight < best.situation.weight) ? one : best
  }, null)
}

export function predicatesOf(claim: Claim): readonly Predicate[] {
  if (claim.kind === 'never-collects') return []
  return [...claim.region.when, ...claim.region.unless, ...('facts' in claim ? claim.facts : [])]
}

/** One point of the class for all that lie in the region; where the claim asks what is kept, one for each way to be kept. */
function pointsOf(region: Region, asked: readonly Predicate[], act: ActClass, space: Space): readonly Point[] {
  const { policy, keeping } = space
  if (!asked.some(({ is }) => is === 'not-retained')) {
    const first = act.points.find((point) => within(policy, region, point))
    return first === undefined ? [] : [first]
  }
  const kinds = new Map<string, Point>()
  for (const point of act.points) {
    const kind = point.datum === PERSON ? PERSON : (keeping.get(point.datum) ?? '')
    if (!kinds.has(kind) && within(policy, region, point)) kinds.set(kind, point)
  }
  return [...kinds.values()]
}

/** The first situation, of the lightest first, that lies in the region. */
function breachIn(region: Region, situations: readonly Situation[], frame: Frame, kin: Kin): Breach | null {
  const axes = axesAsked([...region.when, ...region.unless])
  let best: Situation | null = null
  for (const situation of situations) {
    if (best !== null && situation.weight >= best.weight) break
    const found = extended(frame, situation, axes, kin).find((one) => meets(frame, one, region))
    if (found !== undefined && (best === null || found.weight < best.weight)) best = found
  }
  return best === null ? null : { point: frame.point, situation: best, decision: decideOn(frame, best) }
}

/** A point of the region that no rule permits at all. */
function barredBreach(region: Region, { policy, acts }: Space): Breach | null {
  for (const point of barredWithin(policy, region, acts.barred)) {
    const frame: Frame = { policy, point, asks: [...region.when, ...region.unless] }
    const situation = someSituation(region, frame)
    if (situation !== null) return { point, situation, decision: decideOn(frame, situation) }
  }
  return null
}

/** The lightest situation with data there that meets a region's conditions, or null where none can. */
export function someSituation(region: Region, frame: Frame): Situation | null {
  const [there] = presences(frame.policy, frame.point)
  const axes = axesAsked([...region.when, ...region.unless])
  const all = extended(frame, situationOf(there, []), axes)
  return all.find((one) => meets(frame, one, region)) ?? null
}

/** A permit with the fact that is a refusal without it. */
function opening(region: Region, fact: Predicate, table: Table, frame: Frame, kin: Kin): Breach | null {
  const own = axesOf(fact)
  // Where no rule asks anything that the fact touches, it changes nothing.
  if (!own.some((axis) => table.axes.includes(axis))) return null
  const axes = axesAsked([fact, ...region.when, ...region.unless])
  const withFact = { when: [...region.when, fact], unless: region.unless }
  const without = { when: region.when, unless: [...region.unless, fact] }
  let best: Breach | null = null
  for (const situation of table.permitted) {
    if (best !== null && situation.weight >= best.situation.weight) break
    for (const one of extended(frame, situation, axes, kin)) {
      if (!meets(frame, one, withFact)) continue
      const refused = changed(frame, one, own)
        .filter((other) => meets(frame, other, without))
        .map((other) => ({ situation: other, decision: decideOn(frame, other) }))
        .find(({ decision }) => decision.effect === 'refuse')
      if (refused === undefined || (best !== null && one.weight >= best.situation.weight)) continue
      best = { point: frame.point, situation: one, decision: decideOn(frame, one), without: refused }
    }
  }
  return best
}

/** The situation with every other value on one of these axes. */
function changed(frame: Frame, situation: Situation, axes: readonly string[]): readonly Situation[] {
  return situation.values
    .flatMap((value, i) => {
      if (!axes.includes(value.axis)) return []
      const others = valuesOf(frame, value.axis).filter((other) => other.says.en !== value.says.en)
      return others.map((other) => situationOf(situation.presence, situation.values.with(i, other)))
    })
    .sort(byWeight)
}

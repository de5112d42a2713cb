import { decide } from '../decide.ts'
import type { Decision } from '../decision.ts'
import type { Predicate } from '../model.ts'
import type { Policy } from '../policy.ts'
import type { ActClass } from './acts.ts'
import { ACT_AXES, AXES, type Axis, holds } from './conditions.ts'
import { type Presence, presences } from './presence.ts'
import type { Value } from './value.ts'
import { axesAsked, valuesOf } from './values.ts'
import { actOf, blank, type Draft, factsOf, type Frame } from './witness.ts'

/** One consistent combination of values: what a class of persons and acts is like. */
export interface Situation {
  readonly presence: Presence
  readonly values: readonly Value[]
  /** How many facts it adds to a blank person. */
  readonly weight: number
}

/** What `decide` says of every situation of a class of acts. */
export interface Table {
  readonly act: ActClass
  readonly frame: Frame
  readonly axes: readonly Axis[]
  /** The values of each of them that the class's rules tell apart. */
  readonly values: readonly (readonly Value[])[]
  /** The lightest first. */
  readonly permitted: readonly Situation[]
  /** Those in which the data are there, the lightest first. They are many, so they are laid out only when asked for. */
  readonly refused: () => readonly Situation[]
  /** How many witnesses `decide` was asked about. */
  readonly decisions: number
}

/**
 * Puts a witness of every situation of a class to `decide`. Where data are not there, one witness settles all that is not
 * asked then: `decide` says so before it looks at any other fact.
 */
export function tabulate(policy: Policy, act: ActClass): Table {
  const frame: Frame = { policy, point: act.points[0], asks: act.asks }
  const axes = axesAsked(act.asks)
  const values = axes.map((axis) => valuesOf(frame, axis))
  const permitted: Situation[] = []
  let decisions = 0
  const ask = (presence: Presence, chosen: readonly Value[]): Decision => {
    const decision = decideOn(frame, { presence, values: chosen })
    decisions++
    if (decision.effect === 'permit') permitted.push(situationOf(presence, [...chosen]))
    return decision
  }
  const ofActOnly = values.map((own, i) => (ofAct(axes[i]) ? own : own.slice(0, 1)))
  const [there, ...others] = presences(policy, frame.point)
  eachOf(values, (chosen) => ask(there, chosen))
  for (const presence of others) {
    const absent: boolean[] = []
    eachOf(ofActOnly, (chosen) => {
      absent.push(ask(presence, chosen).causes.some(({ reason }) => reason === 'no-live-data'))
    })
    if (presence.id === 'unknown' || absent.includes(true)) continue
    eachOf(values, (chosen) => {
      if (chosen.some(({ weight, axis }) => weight > 0 && !ofAct(axis))) ask(presence, chosen)
    })
  }
  const refused = (): readonly Situation[] => {
    const out: Situation[] = []
    eachOf(values, (chosen) => {
      const situation = situationOf(there, [...chosen])
      if (decideOn(frame, situation).effect === 'refuse') out.push(situation)
    })
    return out.sort(byWeight)
  }
  return { act, frame, axes, values, permitted: permitted.sort(byWeight), refused, decisions }
}

function ofAct(axis: Axis | undefined): boolean {
  return axis !== undefined && ACT_AXES.has(axis)
}

export function byWeight(a: Situation, b: Situation): number {
  return a.weight - b.weight
}

export function situationOf(presence: Presence, values: readonly Value[]): Situation {
  let weight = presence.id === 'there' ? 0 : 1
  for (const value of values) weight += value.weight
  return { presence, values, weight }
}

/** The witness of a situation at the frame's point. */
export function draftOf(frame: Frame, { presence, values }: Pick<Situation, 'presence' | 'values'>): Draft {
  const draft = blank(frame.policy)
  for (const value of values) value.set(draft)
  presence.set(draft)
  return draft
}

/** What `decide` itself says of the witness. */
export function decideOn(frame: Frame, situation: Pick<Situation, 'presence' | 'values'>): Decision {
  const draft = draftOf(frame, situation)
  return decide(frame.policy, actOf(frame.point, draft), factsOf(draft))
}

/** True where all of `when` holds of the witness and none of `unless`. */
export function meets(
  frame: Frame,
  situation: Situation,
  { when, unless }: { readonly when: readonly Predicate[]; readonly unless: readonly Predicate[] },
): boolean {
  if (when.length + unless.length === 0) return true
  const draft = draftOf(frame, situation)
  return when.every((one) => holds(frame, one, draft)) && !unless.some((one) => holds(frame, one, draft))
}

/** Values that a class's rules do not tell from a value, and something else does; the value itself where nothing does. */
export type Kin = (value: Value) => readonly Value[]

/**
 * All situations that this one stands for, as far as `axes` and `kin` tell them apart: with every combination of values on
 * axes it does not name, and of values its own stand for. Of an unknown person nothing but the act can differ.
 */
export function extended(
  frame: Frame,
  situation: Situation,
  axes: readonly Axis[],
  kin: Kin = (value) => [value],
): readonly Situation[] {
  const { presence, values } = situation
  const differs = (axis: Axis): boolean => presence.id !== 'unknown' || ofAct(axis)
  const named = new Set(values.map(({ axis }) => axis))
  const own = values.map((value) => (differs(value.axis) ? kin(value) : [value]))
  const free = axes.filter((axis) => !named.has(axis) && differs(axis)).map((axis) => valuesOf(frame, axis))
  if (free.length === 0 && own.every(({ length }) => length === 1)) return [situation]
  const out: Situation[] = []
  eachOf([...own, ...free], (chosen) => out.push(situationOf(presence, [...chosen].sort(byAxis))))
  return out.sort(byWeight)
}

/** Witnesses are made axis by axis in their order: the moment of the act comes first. */
function byAxis(a: Value, b: Value): number {
  return AXES.indexOf(a.axis) - AXES.indexOf(b.axis)
}

/** Calls with each way to take one value of every list. What is passed is overwritten by the next call. */
function eachOf(values: readonly (readonly Value[])[], call: (chosen: readonly Value[]) => void): void {
  const chosen: Value[] = []
  const down = (depth: number): void => {
    const own = values[depth]
    if (own === undefined) {
      call(chosen)
      return
    }
    for (const value of own) {
      chosen[depth] = value
      down(depth + 1)
    }
  }
  down(0)
}

import type { Facts } from '../../base/index.ts'
import { decide } from '../decide.ts'
import type { Act, Decision } from '../decision.ts'
import type { Case } from '../explain/case.ts'
import type { Policy } from '../policy.ts'
import type { Words } from '../prove/words.ts'
import { type Axis, axesOf, type Frame, type Option, presentFacts } from './axes.ts'

/** How something of the person or the act must stand. */
export interface Need {
  readonly axis: string
  readonly options: readonly string[]
  readonly says: Words
  /** True where the policy that permits asks just this of all whom it permits, so that it is no news to them. */
  readonly always: boolean
}

/** One way to meet a condition: all of these. Empty where nothing is needed. */
export type Box = readonly Need[]

/** When an answer turns. */
export interface Condition {
  /** Where it does although something is out of the ordinary; empty where nothing need be. */
  readonly unusual: readonly Words[]
  /** Any of these will do. */
  readonly needs: readonly Box[]
}

/** Where one policy permits what another refuses. */
export interface Turn {
  readonly conditions: readonly Condition[]
  /** A person and an act of whom it is so, by `decide` itself. */
  readonly witness: { readonly act: Act; readonly facts: Facts }
}

/** A pick of one option for every axis. */
type World = readonly Option[]

/**
 * Where `to` permits an act that `from` refuses, over everything that either asks; null where nowhere. What is ordinary
 * (not blocked, of age …) is looked at first, then one thing out of the ordinary at a time, then two.
 */
export function turnsTo(from: Policy, to: Policy, frame: Frame): Turn | null {
  const axes = axesOf(frame)
  const start: Case = { act: frame.act, facts: presentFacts(frame.policies, frame.act.now) }
  const witnesses: Turn['witness'][] = []
  const opens = (world: World): boolean => {
    const { act, facts } = world.reduce((one, { apply }) => apply(one), start)
    if (facts === null || effect(to, act, facts) === 'refuse' || effect(from, act, facts) === 'permit') return false
    if (witnesses.length === 0) witnesses.push({ act, facts })
    return true
  }
  const permits = (world: World): boolean => {
    const { act, facts } = world.reduce((one, { apply }) => apply(one), start)
    return facts !== null && effect(to, act, facts) === 'permit'
  }
  const slice = (unusual: readonly Unusual[]): readonly Condition[] => {
    const cut = axes.map((axis) => cutTo(axis, unusual))
    const boxes = boxesOf(cut, opens)
    if (boxes.length === 0) return []
    const before = boxesOf(cut, permits)
    const needs = boxes.map((box) => needsOf(cut, box, before))
    return [{ unusual: unusual.map(({ option }) => option.says), needs }]
  }
  const oddities = axes.flatMap((axis) =>
    axis.ordinary === null
      ? []
      : axis.options.filter(({ key }) => key !== axis.ordinary).map((option): Unusual => ({ axis: axis.key, option })),
  )
  const conditions = [...slice([]), ...oddities.flatMap((one) => slice([one]))]
  const found = conditions.length > 0 ? conditions : pairs(oddities).flatMap(slice)
  const [witness] = witnesses
  return witness === undefined ? null : { conditions: found, witness }
}

interface Unusual {
  readonly axis: string
  readonly option: Option
}

function effect(policy: Policy, act: Act, facts: Facts): Decision['effect'] {
  return decide(policy, act, facts).effect
}

/** An axis with an ordinary option stands there, unless it is the unusual one. */
function cutTo(axis: Axis, unusual: readonly Unusual[]): Axis {
  if (axis.ordinary === null) return axis
  const odd = unusual.find((one) => one.axis === axis.key)
  return {
    ...axis,
    options: odd === undefined ? axis.options.filter(({ key }) => key === axis.ordinary) : [odd.option],
  }
}

function pairs(oddities: readonly Unusual[]): readonly (readonly Unusual[])[] {
  return oddities.flatMap((a, i) => oddities.slice(i + 1).flatMap((b) => (a.axis === b.axis ? [] : [[a, b]])))
}

/** Of every axis the options that will do. */
type Cut = readonly (readonly Option[])[]

/** Boxes that together are all worlds of which `is` is true, each as large as can be. */
function boxesOf(axes: readonly Axis[], is: (world: World) => boolean): readonly Cut[] {
  const all = worlds(axes)
  const open = new Set(all.filter(is).map(keyOf))
  const covered = new Set<string>()
  const boxes: Cut[] = []
  for (const world of all) {
    if (!open.has(keyOf(world)) || covered.has(keyOf(world))) continue
    let box: Cut = world.map((option) => [option])
    for (const [i, axis] of axes.entries()) {
      const fits = axis.options.filter((option) => spread(box.with(i, [option])).every((one) => open.has(keyOf(one))))
      box = box.with(i, fits)
    }
    for (const one of spread(box)) covered.add(keyOf(one))
    boxes.push(box)
  }
  return boxes
}

/** A box in words; axes on which it does not depend are left out. */
function needsOf(axes: readonly Axis[], box: Cut, before: readonly Cut[]): Box {
  return axes.flatMap((axis, i): readonly Need[] => {
    const mine = box[i] ?? []
    if (mine.length === axis.options.length) return []
    const keys = mine.map(({ key }) => key)
    const always = before.every((other) => keyOf(other[i] ?? []) === keyOf(mine))
    return [{ axis: axis.key, options: keys, says: axis.tell(mine, axis.options), always }]
  })
}

function worlds(axes: readonly Axis[]): readonly World[] {
  return spread(axes.map(({ options }) => options))
}

function spread(box: readonly (readonly Option[])[]): readonly World[] {
  return box.reduce<readonly World[]>(
    (all, options) => all.flatMap((world) => options.map((one) => [...world, one])),
    [[]],
  )
}

function keyOf(world: World): string {
  return world.map(({ key }) => key).join('\n')
}

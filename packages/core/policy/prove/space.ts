import type { Predicate } from '../model.ts'
import type { Policy } from '../policy.ts'
import { type ActClass, type Acts, keepingOf, partActs } from './acts.ts'
import { axesOf } from './conditions.ts'
import { type Kin, type Table, tabulate } from './situations.ts'
import type { Value } from './value.ts'
import { kindsOn, valuesOf } from './values.ts'
import type { Point } from './witness.ts'

/** The decision space of a bundle, parted, and what `decide` says in it. */
export interface Space {
  readonly policy: Policy
  readonly acts: Acts
  /** Field -> the retention grounds that may keep it. */
  readonly keeping: ReadonlyMap<string, string>
  /** What `decide` says of every situation of a class. */
  readonly table: (act: ActClass) => Table
  /** How many witnesses `decide` was asked about so far. */
  readonly decisions: () => number
}

/** The space of a bundle, or the part of it that `acts` are. Tables are made when asked for. */
export function spaceOf(policy: Policy, acts: Acts = partActs(policy)): Space {
  const tables = new Map<ActClass, Table>()
  let decisions = 0
  const table = (act: ActClass): Table => {
    const known = tables.get(act)
    if (known !== undefined) return known
    const made = tabulate(policy, act)
    decisions += made.decisions
    tables.set(act, made)
    return made
  }
  return { policy, acts, keeping: keepingOf(policy), table, decisions: () => decisions }
}

/**
 * For each value of a class's table, the values that only `asked` tells from it: the class's rules answer all of them
 * alike, but a claim that asks more may speak of some of them only.
 */
export function kinOf({ frame, axes, values }: Table, point: Point, asked: readonly Predicate[]): Kin {
  const own = new Set(frame.asks.map((one) => JSON.stringify(one)))
  const finer = asked.filter((one) => !own.has(JSON.stringify(one)))
  const kin = new Map<Value, readonly Value[]>()
  for (const [i, axis] of axes.entries()) {
    if (!finer.some((one) => axesOf(one).includes(axis))) continue
    const kindOf = kindsOn({ ...frame, point }, axis)
    const told = valuesOf({ ...frame, point, asks: [...frame.asks, ...finer] }, axis)
    for (const value of values[i] ?? []) {
      kin.set(
        value,
        told.filter((other) => kindOf(other) === kindOf(value)),
      )
    }
  }
  return (value) => kin.get(value) ?? [value]
}

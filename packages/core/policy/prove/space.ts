import type { Predicate } from '../model.ts'
import type { Policy } from '../policy.ts'
import { type ActClass, type Acts, keepingOf, partActs } from './acts.ts'
import { axesOf } from './conditions.ts'
import { type Table, tabulate } from './situations.ts'

/** The decision space of a bundle, parted, and what `decide` says in it. */
export interface Space {
  readonly policy: Policy
  readonly acts: Acts
  /** Field -> the retention grounds that may keep it. */
  readonly keeping: ReadonlyMap<string, string>
  /** What `decide` says of every situation of a class, in which `asked` are told apart, too. */
  readonly table: (act: ActClass, asked: readonly Predicate[]) => Table
  /** How many witnesses `decide` was asked about so far. */
  readonly decisions: () => number
}

export function spaceOf(policy: Policy): Space {
  const acts = partActs(policy)
  const tables = new Map<ActClass, Map<string, Table>>()
  let decisions = 0
  const table = (act: ActClass, asked: readonly Predicate[]): Table => {
    // Only what the rules of the class ask makes situations differ; an invariant may need them told apart more finely.
    const own = new Set(act.asks.map((one) => JSON.stringify(one)))
    const axes = new Set(act.asks.flatMap(axesOf))
    const finer = asked.filter((one) => axesOf(one).some((axis) => axes.has(axis)) && !own.has(JSON.stringify(one)))
    const key = JSON.stringify(finer)
    const known = tables.get(act)?.get(key)
    if (known !== undefined) return known
    const made = tabulate(policy, act, finer)
    decisions += made.decisions
    tables.set(act, (tables.get(act) ?? new Map<string, Table>()).set(key, made))
    return made
  }
  for (const act of acts.classes) table(act, [])
  return { policy, acts, keeping: keepingOf(policy), table, decisions: () => decisions }
}

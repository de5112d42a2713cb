import { indexForm } from '@doverie/core/policy'
import type { Changing } from '../guard/change.ts'
import { currentValues, differing, type Values } from '../guard/values.ts'

/** What of a submission goes over to a person, and the fields that staff must settle. */
export interface Reconciled {
  readonly taken: ReadonlyMap<string, Values>
  readonly conflicts: readonly string[]
}

/**
 * What of the given values may be written over a person's own: whatever is new, and whatever differs from values that nobody
 * has confirmed yet. What differs from confirmed values is a conflict for staff. An identifier written anew, or for
 * the first time, is not proved, unless it is the same one in another spelling.
 */
export async function reconcile(changing: Changing, given: ReadonlyMap<string, Values>): Promise<Reconciled> {
  const before = await currentValues(changing)
  const confirmed = changing.facts().confirmedAt !== null
  const conflicts: string[] = []
  const taken = new Map<string, Values>()
  for (const [compartment, values] of given) {
    const own = before.get(compartment) ?? {}
    const disputed = confirmed ? differing(own, values).filter((field) => Object.hasOwn(own, field)) : []
    conflicts.push(...disputed)
    const rest = Object.fromEntries(Object.entries(values).filter(([field]) => !disputed.includes(field)))
    for (const field of differing(own, rest)) {
      const identifier = changing.policy.fields.get(field)?.identifies
      if (!identifier) continue
      const [old, next] = [own[field], rest[field]].map((value) =>
        typeof value === 'string' ? indexForm(identifier, value) : null,
      )
      if (old === null || old !== next) changing.apply({ kind: 'identifier-changed', identifier, at: changing.at })
    }
    if (Object.keys(rest).length > 0) taken.set(compartment, rest)
  }
  return { taken, conflicts }
}

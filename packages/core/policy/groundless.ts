import type { Facts, Instant } from '../base/index.ts'
import type { Declarations } from './model.ts'
import type { Policy } from './policy.ts'
import { retained } from './retained.ts'

/** A purpose that a compartment still serves, and what it rests on. */
export interface LiveGround {
  readonly purpose: string
  readonly kind: 'consent' | 'contract'
  readonly entity: string
  /** When it lapses of itself; null where it holds until it is ended. */
  readonly until: Instant | null
}

/**
 * The live consents and contracts for which a compartment is held at `now`, in the policy's order. Purposes that rest on law keep
 * nothing by themselves: what law keeps, `retained` tells with its article and term.
 */
export function liveGrounds(
  { purposes, compartments }: Pick<Declarations, 'purposes' | 'compartments'>,
  facts: Facts,
  compartment: string,
  now: Instant,
): readonly LiveGround[] {
  const found: LiveGround[] = []
  for (const id of compartments.get(compartment)?.purposes ?? []) {
    const grounds = purposes.get(id)?.grounds ?? []
    if (grounds.includes('consent')) {
      for (const { purpose, entity, until } of facts.consents)
        if (purpose === id && (until === null || until > now))
          found.push({ purpose: id, kind: 'consent', entity, until })
    }
    if (grounds.includes('contract')) {
      for (const { entity, endedAt } of facts.contracts)
        if (endedAt === null || endedAt > now) found.push({ purpose: id, kind: 'contract', entity, until: endedAt })
    }
  }
  return found
}

/**
 * Compartments that nothing keeps any more at `now`: no law, no contract and no consent for any of their purposes. Their destruction is
 * due (152-FZ art. 5(7), 21(4), 21(5)). Sorted.
 */
export function groundless(policy: Policy, facts: Facts, now: Instant): readonly string[] {
  if (facts.state !== 'live') return []
  const kept = new Set(retained(policy, facts, now).map(({ compartment }) => compartment))
  return facts.held.filter(
    (name) => !kept.has(name) && !facts.dying.includes(name) && liveGrounds(policy, facts, name, now).length === 0,
  )
}

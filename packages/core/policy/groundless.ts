import type { Facts, Instant } from '../base/index.ts'
import type { Declarations } from './model.ts'
import type { Policy } from './policy.ts'
import { retained } from './retained.ts'

/** Why a contract that nobody ended keeps data no longer by itself. */
export type Lapse = 'idle' | 'unconfirmed'

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
 * nothing by themselves: what law keeps, `retained` tells with its article and term. Nor does the contract of a service whose person
 * was too long away, or never confirmed their data, as far as the policy gives the service such a term.
 */
export function liveGrounds(
  { purposes, compartments, services }: Pick<Declarations, 'purposes' | 'compartments' | 'services'>,
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
      for (const { entity, endedAt, service } of facts.contracts)
        if ((endedAt === null || endedAt > now) && lapseOf(services, facts, service, now) === null)
          found.push({ purpose: id, kind: 'contract', entity, until: endedAt })
    }
  }
  return found
}

/** By what a person's contracts in force keep nothing any more; null where they do, or there is none. */
export function lapsed({ services }: Pick<Declarations, 'services'>, facts: Facts, now: Instant): Lapse | null {
  const inForce = facts.contracts.filter(({ endedAt }) => endedAt === null || endedAt > now)
  const lapses = inForce.map(({ service }) => lapseOf(services, facts, service, now))
  return lapses.includes(null) ? null : (lapses[0] ?? null)
}

function lapseOf(services: Declarations['services'], facts: Facts, service: string, now: Instant): Lapse | null {
  const { idle = null, unconfirmed = null } = services.get(service) ?? {}
  if (idle !== null && now - lastWord(facts) >= idle) return 'idle'
  if (unconfirmed !== null && facts.confirmedAt === null && now - facts.collectedAt >= unconfirmed) return 'unconfirmed'
  return null
}

/** When the person was last heard of. */
function lastWord({ collectedAt, confirmedAt, reviewedAt, seenAt, contracts, consents }: Facts): Instant {
  const given = [...contracts, ...consents].map(({ since }) => since)
  return Math.max(collectedAt, confirmedAt ?? 0, reviewedAt ?? 0, seenAt ?? 0, ...given)
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

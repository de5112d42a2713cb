import {
  addPeriod,
  dayAt,
  type Facts,
  formatDay,
  type Instant,
  type Localised,
  nextDay,
  startOfDay,
} from '../base/index.ts'
import { isOnHold } from './predicates.ts'
import type { Declarations, Retention } from './model.ts'
import type { Policy } from './policy.ts'

/** One legal ground that keeps one compartment of a person. */
export interface Retained {
  readonly compartment: string
  /** The fields of that compartment. */
  readonly fields: readonly string[]
  /** The retention ground's id. */
  readonly ground: string
  readonly article: Localised
  readonly clauses: readonly string[]
  /** False where a lawyer must still confirm the norm and the term. */
  readonly verified: boolean
  /** True while a contract in force keeps it (as against a term that runs after its end). */
  readonly inForce: boolean
  /** What the data may still be used for once nothing else holds them. */
  readonly purposes: readonly string[]
  /** The first instant at which this ground keeps them no more; null while its contract, consent or hold is live. */
  readonly until: Instant | null
  /** The last day it keeps them, in the operator's zone (`2031-12-31`); null as above. */
  readonly lastDay: string | null
}

type Held = { readonly until: Instant | null; readonly lastDay: string | null; readonly inForce: boolean }

/**
 * What the law, or a contract, keeps of a person at `now`: one row per held compartment and ground, in the policy's order.
 * What is not in it may be destroyed. A person who is not live keeps nothing.
 */
export function retained(policy: Policy, facts: Facts, now: Instant): readonly Retained[] {
  if (facts.state !== 'live') return []
  const rows: Retained[] = []
  for (const ground of policy.retention) {
    const held = heldBy(policy, ground, facts, now)
    if (held === null) continue
    for (const compartment of compartmentsOf(policy, ground.data)) {
      if (!facts.held.includes(compartment) || facts.dying.includes(compartment)) continue
      rows.push({
        compartment,
        fields: fieldsOf(policy, compartment),
        ground: ground.id,
        article: ground.article,
        clauses: ground.clauses,
        verified: ground.verified,
        purposes: ground.purposes,
        ...held,
      })
    }
  }
  return rows
}

/** The fields of a compartment, in the policy's order. */
export function fieldsOf(policy: Declarations, compartment: string): readonly string[] {
  return [...policy.fields.values()].filter((field) => field.compartment === compartment).map((field) => field.id)
}

function heldBy(policy: Policy, ground: Retention, facts: Facts, now: Instant): Held | null {
  switch (ground.kind) {
    case 'contract':
      return byContracts(policy, ground, facts, now)
    case 'consent':
      return byConsents(policy, ground, facts, now)
    case 'hold':
      return isOnHold(facts) ? { until: null, lastDay: null, inForce: false } : null
  }
}

function byContracts(policy: Policy, ground: Retention, facts: Facts, now: Instant): Held | null {
  let best: Held | null = null
  for (const contract of facts.contracts) {
    if (contract.since > now || !serves(policy, ground, contract.service)) continue
    if (contract.endedAt === null || contract.endedAt > now) return { until: null, lastDay: null, inForce: true }
    best = longer(best, afterEnd(policy.zone, ground, contract.endedAt, now))
  }
  return best
}

/** Evidence is kept while a consent is live; after the last one has ended, for the term from that end. */
function byConsents(policy: Policy, ground: Retention, facts: Facts, now: Instant): Held | null {
  let ended = facts.consentEndedAt ?? null
  for (const { until } of facts.consents) {
    if (until === null || until > now) return { until: null, lastDay: null, inForce: false }
    ended = ended === null ? until : Math.max(ended, until)
  }
  // Evidence is held, no consent lives, and its end is not known: kept rather than lost.
  return ended === null ? { until: null, lastDay: null, inForce: false } : afterEnd(policy.zone, ground, ended, now)
}

function afterEnd(zone: string, ground: Retention, ended: Instant, now: Instant): Held | null {
  if (ground.after === null) return null
  const day = dayAt(zone, ended)
  const from = ground.after.from === 'end-of-year' ? { year: day.year, month: 12, day: 31 } : day
  const last = addPeriod(from, ground.after.term)
  const until = startOfDay(zone, nextDay(last))
  return until > now ? { until, lastDay: formatDay(last), inForce: false } : null
}

function longer(a: Held | null, b: Held | null): Held | null {
  if (a === null || b === null) return a ?? b
  return (a.until ?? 0) >= (b.until ?? 0) ? a : b
}

function serves({ index }: Policy, ground: Retention, service: string): boolean {
  return ground.services.some((name) => index.serving.get(name)?.includes(service) === true)
}

/** The compartments that names of categories, compartments and fields reach. */
function compartmentsOf(policy: Declarations, names: readonly string[]): readonly string[] {
  const reached = new Set<string>()
  for (const field of policy.fields.values()) {
    if (names.includes(field.id) || names.includes(field.compartment) || names.includes(field.category))
      reached.add(field.compartment)
  }
  return [...reached]
}

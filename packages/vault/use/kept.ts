import type { Facts, Instant, Localised } from '@doverie/core/base'
import { type Policy, type Retained, retained } from '@doverie/core/policy'

/** What stays of a person although a purpose has ended: the ground, its article and until when. */
export interface Kept {
  readonly compartment: string
  readonly fields: readonly string[]
  readonly ground: string
  readonly article: Localised
  /** False where a lawyer must still confirm the norm and the term. */
  readonly verified: boolean
  /** What it may still be used for, once nothing else holds it. */
  readonly purposes: readonly string[]
  /** True while a contract in force keeps it. */
  readonly inForce: boolean
  /** The last day it is kept (operator's zone); null while the contract or consent lives. */
  readonly lastDay: string | null
}

export function keptOf(policy: Policy, facts: Facts, at: Instant): readonly Kept[] {
  return retained(policy, facts, at).map((row: Retained) => ({
    compartment: row.compartment,
    fields: row.fields,
    ground: row.ground,
    article: row.article,
    verified: row.verified,
    purposes: row.purposes,
    inForce: row.inForce,
    lastDay: row.lastDay,
  }))
}

/** Compartments held that nothing keeps: their destruction is due within the law's term. */
export function unkeptOf(policy: Policy, facts: Facts, at: Instant): readonly string[] {
  const kept = new Set(retained(policy, facts, at).map((row) => row.compartment))
  return facts.held.filter((name) => !kept.has(name))
}

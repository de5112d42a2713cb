import type { GroundKind, Localised } from '../../base/index.ts'
import type { Predicate, Selector } from '../model.ts'
import type { Place } from '../problem.ts'

/** Purposes by name, or those that rest on this ground and on no other. */
export type PurposeSelector = Selector | { readonly onlyGround: GroundKind }

/** A part of the decision space: these acts, where all of `when` holds and none of `unless` does. */
export interface Region {
  readonly at: Place
  readonly actors: Selector
  readonly operations: Selector
  readonly purposes: PurposeSelector
  readonly entities: Selector
  /** As in rules: categories, compartments, fields, `person`. */
  readonly data: Selector
  readonly when: readonly Predicate[]
  readonly unless: readonly Predicate[]
}

/** What may be wrong with what comes back from a form. */
export const FLAWS = ['ended', 'without-its-consent', 'undeclared-field', 'missing-field', 'other-entity'] as const
export type Flaw = (typeof FLAWS)[number]

/** A part of the space of submissions: these forms, with these flaws (any other flaws may be there, too). */
export interface FormRegion {
  readonly at: Place
  readonly forms: Selector
  readonly channels: Selector
  readonly purposes: PurposeSelector
  readonly when: readonly Flaw[]
}

/**
 * What an invariant claims of every point of its region:
 * - `never`: no decision is a permit;
 * - `always`: every decision about data that are there is a permit;
 * - `never-opens`: what is permitted where one of `facts` holds is permitted where it does not, too;
 * - `never-collects`: no submission is taken.
 */
export type Claim =
  | { readonly kind: 'never' | 'always'; readonly region: Region }
  | { readonly kind: 'never-opens'; readonly region: Region; readonly facts: readonly Predicate[] }
  | { readonly kind: 'never-collects'; readonly region: FormRegion }

/** What a bundle promises of all its decisions, and the clauses that promise it. */
export interface Invariant {
  readonly id: string
  readonly at: Place
  readonly clauses: readonly string[]
  readonly says: Localised
  readonly claim: Claim
}

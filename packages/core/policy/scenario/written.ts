import type { AgeBand, BlockReason, Facts, Operation, RepresentativeKind } from '../../base/index.ts'
import type { Reason } from '../decision.ts'
import type { Place } from '../problem.ts'
import type { Moment } from './moments.ts'

/** What is known of a person as it is written, in words of the policy; what is left out is undefined. */
export interface WrittenFacts {
  readonly at: Place
  /** The person this one is like, but for what is written here. */
  readonly like?: string | undefined
  readonly state?: Facts['state'] | undefined
  readonly data?: 'all' | readonly string[] | undefined
  readonly destroying?: readonly string[] | undefined
  readonly collected?: Moment | undefined
  readonly confirmed?: Moment | null | undefined
  readonly proved?: readonly string[] | undefined
  readonly blocked?: BlockReason | null | undefined
  readonly contracts?: readonly WrittenContract[] | undefined
  readonly consents?: readonly WrittenConsent[] | undefined
  readonly 'consent-ended'?: Moment | null | undefined
  readonly closed?: readonly WrittenClosing[] | undefined
  readonly opened?: readonly string[] | undefined
  readonly age?: AgeBand | undefined
  readonly representatives?: readonly WrittenRepresentative[] | undefined
  readonly hold?: Moment | null | undefined
}

export interface WrittenContract {
  readonly with: string
  readonly for: string
  readonly since: Moment | undefined
  readonly ended: Moment | null
}

export interface WrittenConsent {
  readonly for: string
  readonly to: string
  readonly since: Moment | undefined
  readonly until: Moment | null
}

export interface WrittenRepresentative {
  readonly kind: RepresentativeKind
  readonly since: Moment | undefined
  readonly until: Moment | null
}

export interface WrittenClosing {
  readonly data: readonly string[]
  readonly for: 'all' | readonly string[]
}

export interface WrittenPerson extends WrittenFacts {
  readonly id: string
}

export interface WrittenAct {
  readonly at: Place
  readonly actor: string
  readonly operation: Operation
  readonly purpose: string
  readonly entity: string | undefined
  readonly data: readonly string[]
  readonly ticket: boolean
  readonly recipient: string | undefined
  readonly channel: string | undefined
}

/** A form sent in. */
export interface WrittenSubmission {
  readonly at: Place
  readonly form: string
  readonly entity: string | undefined
  readonly values: Readonly<Record<string, string>>
  readonly consents: readonly string[]
  /** What is told of the age where the form asks it. */
  readonly age: AgeBand | 'untold'
}

export type WrittenWhen =
  | { readonly kind: 'act'; readonly act: WrittenAct }
  | { readonly kind: 'form'; readonly submission: WrittenSubmission }

/** Exactly one of `permit` and `refuse` is there: the clauses that the answer names. */
export interface WrittenAnswer {
  readonly at: Place
  readonly permit: readonly string[] | null
  readonly refuse: readonly string[] | null
  readonly reason: Reason | null
  readonly until: Moment | null | undefined
}

export interface WrittenTest {
  readonly at: Place
  readonly name: string
  readonly given: WrittenFacts | null
  readonly when: WrittenWhen
  readonly then: WrittenAnswer
}

/** When, for which entity and with whom a file plays. */
export interface Setting {
  readonly now: Moment
  readonly entity: string | undefined
  readonly people: readonly WrittenPerson[]
}

export interface TestFile extends Setting {
  readonly tests: readonly WrittenTest[]
}

export interface CaseFile extends Setting {
  readonly given: WrittenFacts | null
  readonly when: WrittenAct
}

import type { Breaks } from './breaks.ts'
import type { PeopleAffected } from './people.ts'
import type { Replayed } from './replay.ts'

/** A version that recorded decisions name. */
export interface RecordedVersion {
  readonly version: string
  readonly decisions: number
  /** False where the version cannot be read any more, and the one in force answered in its place. */
  readonly kept: boolean
}

/** What a policy would have changed in a period, and what it would change for people. No value was opened for it. */
export interface SimulationReport {
  /** The policy in force, and the one tried: `bundle@version`. */
  readonly before: string
  readonly after: string
  /** The IANA zone in which days are told. */
  readonly zone: string
  /** Milliseconds since 1970; `to` is not part of the period. */
  readonly from: number
  readonly to: number
  /** Entries of the ledger in the period. */
  readonly entries: number
  /** Of those: entries that are no decision of a policy on a person's data, or that a credential's own limits decided. */
  readonly otherEntries: number
  /** Of those: decisions on nobody that is here: the person is destroyed, was unknown, or nobody in particular was asked for. */
  readonly untied: number
  readonly versions: readonly RecordedVersion[]
  readonly replayed: Replayed
  readonly breaks: Breaks
  readonly people: PeopleAffected
}

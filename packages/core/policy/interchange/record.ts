import type { Instant, Operation, Uuid } from '../../base/index.ts'

/** A party to processing: an entity of the operator, or somebody data may go to. Never a natural person's data. */
export interface Party {
  readonly id: string
  readonly role: 'entity' | 'processor' | 'third-party' | 'authority'
  readonly name: string
  /** Postal address and contact; null where the bundle names none. */
  readonly address: string | null
  readonly contact: string | null
  /** ISO 3166-1 alpha-2. */
  readonly country: string
}

/** A ground of the law, in its own words and in those of the Data Privacy Vocabulary. */
export interface GroundEntry {
  /** The name in the law's profile (`consent`). */
  readonly id: string
  readonly term: string
  readonly article: string
}

export interface DataEntry {
  readonly category: string
  readonly term: string
  readonly label: string
  /** The law's special category it is of; null for ordinary data. */
  readonly special: string | null
  /** True where some form cannot do without it. */
  readonly required: boolean
}

export interface OperationEntry {
  readonly operation: Operation
  readonly terms: readonly string[]
}

/** How long something is kept, and why. */
export interface StorageEntry {
  /** The retention ground's name in the bundle. */
  readonly ground: string
  /** ISO 8601 (`P5Y`) from the end of the contract or consent; null where it ends with it. */
  readonly duration: string | null
  readonly from: 'event' | 'end-of-year' | null
  readonly article: string
}

/** One purpose: what is done with which data, on which grounds, who gets them, how long they are kept. */
export interface ProcessEntry {
  readonly purpose: string
  readonly term: string
  readonly label: string
  readonly grounds: readonly GroundEntry[]
  readonly data: readonly DataEntry[]
  readonly operations: readonly OperationEntry[]
  /** Ids of parties. */
  readonly recipients: readonly string[]
  /** Countries of storage. */
  readonly locations: readonly string[]
  readonly storage: readonly StorageEntry[]
}

/** The law a record is made under. */
export interface LawEntry {
  readonly profile: string
  /** Of DPV's `loc:`. */
  readonly jurisdiction: string
  readonly term: string
}

/** What the person was shown. */
export interface NoticeEntry {
  /** `bundle@version`. */
  readonly policy: string
  readonly form: string
  readonly language: string
  /** SHA-256 of what was shown, lower-case hex. */
  readonly sha256: string
}

export const CONSENT_STATES = ['given', 'renewed', 'refused', 'withdrawn', 'revoked', 'expired', 'invalidated'] as const
export type ConsentState = (typeof CONSENT_STATES)[number]

export interface ConsentEvent {
  readonly state: ConsentState
  readonly at: Instant
  readonly by: 'subject' | 'representative' | 'operator'
  /** The policy's channel (`site`). */
  readonly channel: string
  /** When it lapses of itself; null where it holds until withdrawn. */
  readonly until: Instant | null
}

/**
 * A consent as it is handed to the person, an auditor or another system (ISO/IEC TS 27560).
 * INVARIANT: the person is there as an opaque id only; no value of theirs is in it.
 */
export interface ConsentRecord {
  readonly id: Uuid
  readonly subject: string
  readonly law: LawEntry
  readonly schema: string
  readonly notice: NoticeEntry
  readonly controller: Party
  readonly recipients: readonly Party[]
  readonly process: ProcessEntry
  /** Where the consent is given and withdrawn. */
  readonly control: string
  readonly rights: readonly { readonly id: string; readonly term: string; readonly label: string }[]
  /** In the order they happened, at least one. */
  readonly events: readonly ConsentEvent[]
}

/** A receipt: a copy of records, for somebody. */
export interface ConsentReceipt {
  readonly id: Uuid
  readonly created: Instant
  /** The id of the entity that gives it. */
  readonly publisher: string
  readonly schema: string
  readonly records: readonly ConsentRecord[]
}

/** What a policy has done with personal data, purpose by purpose; it speaks of nobody in particular. */
export interface ProcessingRegister {
  /** `bundle@version`. */
  readonly policy: string
  readonly language: string
  readonly law: LawEntry
  readonly controllers: readonly Party[]
  readonly recipients: readonly Party[]
  readonly processes: readonly ProcessEntry[]
}

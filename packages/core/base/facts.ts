import type { Uuid } from './ids.ts'

/** Milliseconds since 1970-01-01T00:00Z. */
export type Instant = number

/**
 * What is known of one person that a decision may depend on: the fold of the person's events. No personal value is in
 * it, so it is stored in clear, cached under its version, and safe in a decision's trace.
 */
export interface Facts {
  /** `destroying` refuses everything like `destroyed`; it is the durable first half of a destruction. */
  readonly state: 'live' | 'destroying' | 'destroyed'
  /** Compartments that hold a sealed record. Sorted. */
  readonly held: readonly string[]
  /**
   * The fields that hold something, of each held compartment, as of its last writing: names, never values. A compartment that is not
   * in it was written before this was noted: unknown.
   */
  readonly fields?: Readonly<Record<string, readonly string[]>>
  /** Compartments whose destruction has begun: nothing of theirs may be read or written. Sorted. */
  readonly dying: readonly string[]
  /** When the first data was collected: the start of the term in which it must be confirmed (clause 1.2). */
  readonly collectedAt: Instant
  /** When the data were confirmed by a consent in a form other than the site's (clause 1.2); null while they are not. */
  readonly confirmedAt: Instant | null
  /** When the person last said that the data are still right; null or absent where never. */
  readonly reviewedAt?: Instant | null
  /** When the person was last asked by letter whether the data are still right; absent where never. */
  readonly reviewAskedAt?: Instant | null
  /** The UTC day, once a month at most, on which the person was last here; absent while within a month of the beginning. */
  readonly seenAt?: Instant | null
  /** Kinds of identifiers at which a letter found nobody, since they were proved or changed last; absent where none. */
  readonly bounced?: readonly string[]
  /** Kinds of identifiers that came back from their owner (a code from that mailbox). Not a confirmation of the data. */
  readonly proved: readonly string[]
  /** A temporary stop of processing (152-FZ art. 21); null while there is none. */
  readonly blocked: Block | null
  /** Every stop that stands, of which `blocked` is the one that goes furthest; absent where there was never a second. */
  readonly blocks?: readonly HeldBlock[]
  readonly contracts: readonly Contract[]
  /** Consents given and not withdrawn, one per purpose and entity. */
  readonly consents: readonly LiveConsent[]
  /** When the latest consent that is no longer live ended (withdrawn or lapsed): the evidence of consents is kept for a term from it. */
  readonly consentEndedAt?: Instant | null
  /** Purposes for which the person has closed a field (clauses 3.1, 5.2): field -> purposes, `*` closes it to all but law. */
  readonly closed: Readonly<Record<string, readonly string[]>>
  /** Fields the person has made public, whatever for (clause 3.1; 152-FZ art. 10.1). Sorted. */
  readonly opened: readonly string[]
  /** What the person has made public, one for each purpose and entity; absent where nothing ever was. Whether it is shown, the policy decides each time. */
  readonly publications?: readonly Publication[]
  /** What the person declared of their age; null or absent where it is not known, which counts as of age. */
  readonly age?: AgeBand | null
  /** Those who may act for the person, their authority verified (152-FZ art. 9(1), 9(6); clause 1.2). */
  readonly representatives?: readonly Representative[]
  /** Since when a legal hold keeps the person's data from destruction; null or absent while none does. */
  readonly hold?: Instant | null
  /** What the person has asked to be destroyed and can still cancel; absent or null where nothing waits. */
  readonly erasure?: AskedErasure | null
  /** Every hold that stands, of which `hold` is the beginning of the first; each is lifted by itself. */
  readonly holds?: readonly LegalHold[]
}

/**
 * What the person forbids everybody to do with what they made public (152-FZ art. 10.1(9)): to pass it on; to do anything with it but look at it;
 * to use it for promotion or trade; to have it found by search engines.
 */
export const PUBLIC_BANS = ['transfer', 'processing', 'promotion', 'indexing'] as const
export type PublicBan = (typeof PUBLIC_BANS)[number]

/** Data that the person opened to everybody, under their consent to this purpose and no other. */
export interface Publication {
  readonly purpose: string
  readonly entity: string
  readonly since: Instant
  /** Each field with its bans, sorted. */
  readonly fields: Readonly<Record<string, readonly PublicBan[]>>
}

/** A person's own request to be destroyed that waits for its day. */
export interface AskedErasure {
  readonly id: Uuid
  readonly entity: string
  /** Null for all that no ground keeps. */
  readonly compartments: readonly string[] | null
  readonly askedAt: Instant
  /** When it is carried out. */
  readonly due: Instant
  /** Of named compartments: to what their fields were closed before, to be so again if it is cancelled. */
  readonly closed?: Readonly<Record<string, readonly string[]>>
}

/** One case for which data are kept from destruction. */
export interface LegalHold {
  readonly id: Uuid
  readonly since: Instant
  /** The retention ground of the policy (of kind `hold`) whose article it rests on. */
  readonly ground: string
  readonly reason: HoldReason
  /** Pseudonyms of staff: who set it (absent of one from before that was noted), */
  readonly setBy?: string
  /** another who confirmed it: from then on two lift it, */
  readonly confirmedBy?: string
  /** and who wants it lifted, while another has not said so. */
  readonly liftAskedBy?: string
}

/** Why data are kept from destruction: a dispute, an inspection, a demand of an authority, an incident that is looked into. */
export const HOLD_REASONS = ['dispute', 'inspection', 'demand', 'incident'] as const
export type HoldReason = (typeof HOLD_REASONS)[number]

export const AGE_BANDS = ['adult', 'minor'] as const
export type AgeBand = (typeof AGE_BANDS)[number]

/** Parents, adopters and guardians act by law; an attorney by a power of attorney, which does not make up for them. */
export const REPRESENTATIVE_KINDS = ['parent', 'adopter', 'guardian', 'attorney'] as const
export type RepresentativeKind = (typeof REPRESENTATIVE_KINDS)[number]

/**
 * What a representative may be given to do: see the data and their history; correct them; close, block and open them; give and
 * withdraw consents; send in forms; have data destroyed.
 */
export const REPRESENTATIVE_ACTS = ['read', 'correct', 'close', 'consent', 'submit', 'destroy'] as const
export type RepresentativeAct = (typeof REPRESENTATIVE_ACTS)[number]

/** One whose authority was checked. No name and no document is in it. */
export interface Representative {
  readonly id: Uuid
  readonly kind: RepresentativeKind
  readonly since: Instant
  /** When the authority lapses of itself; null where it holds until it is ended. */
  readonly until: Instant | null
  /** What it covers; absent where it covers all that the person may do. */
  readonly scope?: readonly RepresentativeAct[]
}

export interface Block {
  readonly since: Instant
  readonly reason: BlockReason
}

/** A stop, and the request that holds it; null where the operator or the person does. */
export interface HeldBlock extends Block {
  readonly by: Uuid | null
}

/** `claimed`: a letter says that the data are wrong or unlawfully had, and who wrote it is not proved yet. What that spares the policy says. */
export const BLOCK_REASONS = ['unconfirmed', 'inaccuracy', 'unlawful', 'subject', 'operator', 'claimed'] as const
export type BlockReason = (typeof BLOCK_REASONS)[number]

/** A contract with one of the entities for one service. Its number is personal data and lies sealed; this id is not. */
export interface Contract {
  readonly id: Uuid
  readonly entity: string
  readonly service: string
  readonly since: Instant
  /** When it ended; null while it is in force. */
  readonly endedAt: Instant | null
}

export interface LiveConsent {
  readonly purpose: string
  readonly entity: string
  readonly since: Instant
  /** When it lapses of itself; null where it holds until withdrawn. */
  readonly until: Instant | null
}

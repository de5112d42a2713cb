import type { HarmLevel } from '../duty-names.ts'
import type { Localised } from '../localised.ts'
import type { Operation } from '../operations.ts'

/** What processing may rest on. */
export const GROUND_KINDS = ['consent', 'contract', 'law'] as const
export type GroundKind = (typeof GROUND_KINDS)[number]

/**
 * How an entry came to be known: the norm's own text was seen, a retelling was, or it is from memory. `verified` is false
 * for the last two: a lawyer must still confirm it before anybody relies on it.
 */
export interface Sourced {
  readonly source: 'norm' | 'retelling' | 'memory'
  readonly verified: boolean
}

/** An entry of a profile: what the law says, and where. */
interface Entry extends Sourced {
  readonly id: string
  readonly article: Localised
}

export interface LabelledEntry extends Entry {
  readonly label: Localised
}

/** An operation of the law's list. `dpv` are the terms of the Data Privacy Vocabulary nearest to it. */
export interface LegalOperation extends Sourced {
  readonly operation: Operation
  readonly label: Localised
  readonly article: Localised
  readonly dpv: readonly string[]
}

/** A ground of processing, as a purpose may name it under `basis`. */
export interface LegalGround extends LabelledEntry {
  readonly kind: GroundKind
  readonly dpv: string
  /** True where it suffices for special categories too. */
  readonly special: boolean
}

/** A special category of data (health, beliefs): only grounds with `special` suffice for it. */
export interface SpecialCategory extends LabelledEntry {
  readonly dpv: string
}

/** What keeps data although the consent is gone. `term` is null where the law names none: a lawyer must. */
export interface LegalRetention extends LabelledEntry {
  /** ISO 8601 (`P5Y`). */
  readonly term: string | null
  readonly from: 'event' | 'end-of-year' | null
}

export const CLOCK_UNITS = [
  'instant',
  'hours',
  'working-days',
  'calendar-days',
  'calendar-months',
  'day-of-next-month',
] as const
export type ClockUnit = (typeof CLOCK_UNITS)[number]

/** What a clock waits for: the act by which its duty is done. */
export const CLOCK_ENDS = [
  'decided',
  'answered',
  'blocked',
  'corrected',
  'stopped',
  'published',
  'destroyed',
  'reported',
] as const
export type ClockEnd = (typeof CLOCK_ENDS)[number]

/** A term of the law as data: what starts it, what is to be done, within what. `core/request` counts it. */
export interface Clock extends Entry {
  readonly trigger: Localised
  readonly duty: Localised
  /** Null of a term before which something may not be done again. */
  readonly met: ClockEnd | null
  readonly from: 'receipt' | 'finding' | 'event' | 'previous-request'
  readonly unit: ClockUnit
  readonly count: number
  readonly extension: ClockExtension | null
  /** When it may stand still; null where the law lets it run on, whatever is waited for. */
  readonly pause: ClockPause | null
}

interface ClockExtension extends Sourced {
  readonly unit: ClockUnit
  readonly count: number
  readonly condition: Localised
}

interface ClockPause extends Sourced {
  readonly condition: Localised
}

/** What people ask of an operator. */
export const REQUEST_KINDS = [
  'information',
  'copy',
  'correction',
  'supplement',
  'confidentiality',
  'withdrawal',
  'stop-processing',
  'erasure',
  'objection',
  'inaccuracy',
  'unlawful',
  'publication',
  'publication-stop',
  'marketing-stop',
  'feedback',
] as const
export type RequestKind = (typeof REQUEST_KINDS)[number]

/** The clocks that a request of some kind starts: when it is received, and when it comes to a later event. */
export interface RequestClocks {
  readonly received: readonly string[]
  readonly accepted?: readonly string[]
  readonly shown?: readonly string[]
  readonly deferred?: readonly string[]
}

/** A ground of refusing a request. */
export interface RefusalGround extends LabelledEntry {
  /** Of what is asked for again: for so many days after the receipt, and for which kinds; absent where the law counts none. */
  readonly again?: { readonly days: number; readonly kinds: readonly RequestKind[] }
}

/** A circumstance by which the harm that people may come to is assessed. */
export interface HarmCriterion extends LabelledEntry {
  readonly level: HarmLevel
}

/** Notices to the authority whose contents the law lists. */
export type LegalNotice = 'incident-first' | 'incident-result'

/** A law as data, `ru-152fz` or `eu-gdpr`. Not legal advice: it says of itself what is not confirmed. */
export interface LegalProfile {
  readonly id: string
  readonly title: Localised
  /** The law's short name. */
  readonly short: Localised
  /** A code of DPV's `loc:` vocabulary. */
  readonly jurisdiction: string
  /** The production calendar by which working days are counted; null where the program has none for it. */
  readonly calendar: string | null
  /** Where days are counted unless the operator's policy says otherwise (IANA). */
  readonly zone: string
  /** The day of the edition it was written after. */
  readonly edition: string
  /** The law's own term for `dpv:hasApplicableLaw`. */
  readonly law: string
  /** The schema that consent records under it conform to. */
  readonly conformsTo: string
  /** What asks for a register of processing activities. */
  readonly register: Localised
  readonly operations: readonly LegalOperation[]
  readonly grounds: readonly LegalGround[]
  readonly special: readonly SpecialCategory[]
  readonly retention: readonly LegalRetention[]
  readonly clocks: readonly Clock[]
  readonly requests: Readonly<Record<RequestKind, RequestClocks>>
  /** What a notice to the authority must say, item by item. */
  readonly notices: Readonly<Record<LegalNotice, readonly LabelledEntry[]>>
  /** What the notice of processing to the authority must say, item by item; empty where the law knows none. */
  readonly processing: readonly LabelledEntry[]
  /** By what the harm that people may come to is assessed; empty where the law leaves that to the operator. */
  readonly harm: readonly HarmCriterion[]
  /** What an agreement with a processor must contain. */
  readonly agreement: readonly LabelledEntry[]
  /** On what grounds a request may be refused; a refusal names one. */
  readonly refusals: readonly RefusalGround[]
  /** What an answer to a request for information must say, item by item. */
  readonly answer: readonly LabelledEntry[]
  /** What a written (explicit) consent must contain. */
  readonly writtenConsent: readonly LabelledEntry[]
  readonly rights: readonly (LabelledEntry & { readonly dpv: string })[]
  /** What else holds, in words. */
  readonly rules: readonly (Entry & { readonly says: Localised })[]
  /** Open questions to a lawyer. */
  readonly questions: readonly { readonly id: string; readonly asks: Localised; readonly article: Localised }[]
}

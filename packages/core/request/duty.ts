import { type DutyKind, type DutyState, err, type Instant, ok, type Result, type VoidReason } from '../base/index.ts'
import { clockOf, type Law } from './law.ts'
import { countTerm } from './term.ts'
import { endTrack, type Escalation, startTrack, type Track, type TrackEnd, trackTo } from './track.ts'

/** A step is named by the state that it leads to. */
export type DutyStep = Exclude<DutyState, 'open'>

/** The operator's own clocks, by which no duty stays open unseen where the law names no term. */
export const DUTY_CLOCKS = {
  /** Something is to be put in writing. */
  settle: 'settle',
  /** A notice that was sent is to be found in the authority's register. */
  confirm: 'confirm',
  /** What is in force ends on a day: renew it or stop. */
  renew: 'renew',
  /** What is in force names no end: look at it again. */
  review: 'review',
} as const

const DAY = 86_400_000
const CONFIRM_IN = 30 * DAY
const REVIEW_IN = 365 * DAY
const SETTLE_IN: Readonly<Record<DutyKind, number>> = {
  ...{ 'notice-intent': 10 * DAY, 'notice-change': 10 * DAY, 'notice-end': 10 * DAY },
  ...{ harm: 30 * DAY, agreement: 10 * DAY, 'cross-border': 10 * DAY, localisation: 10 * DAY },
}

/** A duty as its events have made it. No word of anybody is in it. */
export interface Duty {
  readonly kind: DutyKind
  readonly state: DutyState
  readonly tracks: readonly Track[]
}

export type DutyEvent =
  | {
      readonly kind: 'opened'
      readonly duty: DutyKind
      readonly at: Instant
      /** When that took place, or will, of which a notice is owed. */
      readonly start: Instant
    }
  | {
      readonly kind: 'step'
      readonly step: DutyStep
      /** When it took place: a notice counts from its sending, a document from its day. */
      readonly at: Instant
      /** Of a document: its last moment; absent where it names none. */
      readonly until?: Instant
      readonly reason?: VoidReason
    }
  /** The policy has changed since: what was in force is to be made anew. */
  | { readonly kind: 'outdated'; readonly at: Instant }
  | { readonly kind: 'escalated'; readonly rule: string; readonly share: Escalation; readonly at: Instant }
  /** What changes no state: more was said of it, a draft was made. */
  | { readonly kind: 'said' | 'drafted'; readonly at: Instant }

export type LaterDutyEvent = Exclude<DutyEvent, { readonly kind: 'opened' }>

/** Why an event cannot follow. */
export type DutyFault = 'not-now' | 'no-reason' | 'ends-before'

/** True of what is told to the authority; the rest is put in writing and kept. */
export function isNotice(kind: DutyKind): boolean {
  return kind.startsWith('notice-')
}

/** True where this law knows such a duty. */
export function isOwed({ profile }: Law, kind: DutyKind): boolean {
  if (isNotice(kind)) return profile.clocks.some(({ id }) => id === kind)
  if (kind === 'harm') return profile.harm.length > 0
  return kind === 'localisation' ? profile.rules.some(({ id }) => id === kind) : true
}

/** A duty from the moment it is known. `start` is when that takes place of which a notice is owed: the law counts from there. */
export function openDuty(law: Law, kind: DutyKind, at: Instant, start: Instant): Duty {
  return { kind, state: 'open', tracks: [openTrack(law, kind, at, start)] }
}

function openTrack(law: Law, kind: DutyKind, at: Instant, start: Instant): Track {
  // Due before the processing begins. Where it has begun, that is at once: the operator's own days say by when to see to it.
  if (kind === 'notice-intent') return trackTo(kind, at, start > at ? start : at + SETTLE_IN[kind])
  if (isNotice(kind)) return startTrack(law, kind, start)
  return trackTo(DUTY_CLOCKS.settle, at, at + SETTLE_IN[kind])
}

/** The clock of the authority's review of a transfer abroad that it was told of, where the law has one. */
const TRANSFER_REVIEW = 'transfer-review'

function isReviewed({ profile }: Law, kind: DutyKind): boolean {
  return kind === 'cross-border' && profile.clocks.some(({ id }) => id === TRANSFER_REVIEW)
}

/**
 * The first moment at which a transfer to a country that does not protect people adequately may begin, of which the authority was told then;
 * null where the law has no review. Throws `calendar-unknown`: a wait is never taken for shorter than it is.
 */
export function reviewEnds(law: Law, told: Instant): Instant | null {
  return isReviewed(law, 'cross-border') ? countTerm(law, clockOf(law.profile, TRANSFER_REVIEW), told).outer.at : null
}

/** The steps that can follow. What is in force can be renewed; a transfer abroad may wait for the authority's review first. */
export function dutySteps(law: Law, { kind, state }: Pick<Duty, 'kind' | 'state'>): readonly DutyStep[] {
  if (state === 'open')
    return [...(isReviewed(law, kind) ? ['sent' as const] : []), isNotice(kind) ? 'sent' : 'in-force', 'void']
  if (state === 'sent') return isNotice(kind) ? ['confirmed'] : ['in-force', 'void']
  return state === 'in-force' ? ['in-force', 'ended'] : []
}

/** True of a state that nothing follows on. */
export function isDutyEnd(state: DutyState): boolean {
  return state === 'confirmed' || state === 'ended' || state === 'void'
}

/** The duty after an event, or why that cannot follow. Nothing is late that was done in time, whenever it is entered. */
export function advanceDuty(law: Law, duty: Duty, event: LaterDutyEvent): Result<Duty, DutyFault> {
  switch (event.kind) {
    case 'step':
      return step(law, duty, event)
    case 'outdated': {
      if (duty.state !== 'in-force') return err('not-now')
      const anew = openTrack(law, duty.kind, event.at, event.at)
      return ok({ ...duty, state: 'open', tracks: [...ended(duty, 'void', event.at), anew] })
    }
    case 'escalated': {
      const tracks = duty.tracks.map((track) =>
        track.rule === event.rule && track.end === null ? { ...track, told: event.share } : track,
      )
      return ok({ ...duty, tracks })
    }
    case 'said':
    case 'drafted':
      return isDutyEnd(duty.state) ? err('not-now') : ok(duty)
  }
}

function step(
  law: Law,
  duty: Duty,
  { step: to, at, until, reason }: Extract<DutyEvent, { kind: 'step' }>,
): Result<Duty, DutyFault> {
  if (!dutySteps(law, duty).includes(to)) return err('not-now')
  const after = (how: TrackEnd, ...more: readonly Track[]): Result<Duty, DutyFault> =>
    ok({ ...duty, state: to, tracks: [...ended(duty, how, at), ...more] })
  switch (to) {
    case 'sent':
      return after(
        'done',
        isNotice(duty.kind) ? trackTo(DUTY_CLOCKS.confirm, at, at + CONFIRM_IN) : reviewTrack(law, at),
      )
    case 'in-force':
      if (until !== undefined && until <= at) return err('ends-before')
      return after(
        'done',
        until === undefined ? trackTo(DUTY_CLOCKS.review, at, at + REVIEW_IN) : trackTo(DUTY_CLOCKS.renew, at, until),
      )
    case 'confirmed':
    case 'ended':
      return after('done')
    case 'void':
      return reason === undefined ? err('no-reason') : after('void')
  }
}

/** The authority's time, not the operator's: nobody is urged in it, and told of it only when it is over. */
function reviewTrack(law: Law, at: Instant): Track {
  return { ...startTrack(law, TRANSFER_REVIEW, at), told: 80 }
}

/** A document whose day lies before the duty was known does not end a clock before it began. */
function ended({ tracks }: Duty, how: TrackEnd, at: Instant): readonly Track[] {
  return tracks.map((track) => {
    if (track.end !== null) return track
    const over = endTrack(track, how, Math.max(at, track.start))
    // What waits for the authority ends after its last moment, and is not late by that.
    return track.rule === TRANSFER_REVIEW && over.end !== null ? { ...over, end: { ...over.end, late: false } } : over
  })
}

import { type Clock, type ClockEnd, err, type Instant, isDoverieError, ok, type Result } from '../base/index.ts'
import { clockOf, type Law } from './law.ts'
import { countTerm, soonestTerm, type Term } from './term.ts'

/** Why an extension was needed; the notice says it in words. */
export const EXTENSION_REASONS = ['volume', 'archive', 'recipients', 'check', 'complexity'] as const
export type ExtensionReason = (typeof EXTENSION_REASONS)[number]

/** How a clock came to its end: its duty done; the request refused; longer terms in its place; nothing due any more. */
export type TrackEnd = 'done' | 'refused' | 'deferred' | 'void'

/** Shares of a term at which the data-protection officer is told, in percent of the planned time. */
export const ESCALATIONS = [50, 80, 100] as const
export type Escalation = (typeof ESCALATIONS)[number]

/** The clock that every request has beside those of the law: the person is answered by the day the last duty is due. */
export const ANSWER = 'answer'

/** One clock that runs, or ran, for a request. */
export interface Track {
  /** A clock of the law, or `answer`. */
  readonly rule: string
  readonly start: Instant
  /** The first instant that the plan counts as too late, and the first that the law does. */
  readonly planned: Instant
  readonly outer: Instant
  /** False while a production calendar is missing: both are then sooner than the law asks. */
  readonly counted: boolean
  readonly extended: { readonly at: Instant; readonly reason: ExtensionReason } | null
  /** Since when it stands still; null while it runs. */
  readonly pausedAt: Instant | null
  /** Milliseconds it has stood still before. */
  readonly paused: number
  /** How much of the term the officer has been told has passed; 0 while nothing. */
  readonly told: 0 | Escalation
  readonly end: { readonly how: TrackEnd; readonly at: Instant; readonly late: boolean } | null
}

/** Why a clock cannot be changed as asked. */
export type TrackFault =
  | 'no-such-clock'
  | 'not-extendable'
  | 'extended-before'
  | 'too-late'
  | 'not-pausable'
  | 'not-paused'
  | 'paused'

/** A clock that no term of the law counts: it comes due at `due`. */
export function trackTo(rule: string, start: Instant, due: Instant): Track {
  return {
    ...{ rule, start, planned: due, outer: due, counted: true },
    ...{ extended: null, pausedAt: null, paused: 0, told: 0, end: null },
  }
}

/** Starts a clock of the law. Where the calendar is missing it is counted as if every day were worked, and marked. */
export function startTrack(law: Law, rule: string, start: Instant): Track {
  return counted(law, trackTo(rule, start, start))
}

/** The clock counted anew, by what is known now. */
export function counted(law: Law, track: Track): Track {
  const clock = clockOf(law.profile, track.rule)
  const longer = { extended: track.extended !== null, paused: track.paused }
  try {
    return { ...track, ...endsOf(countTerm(law, clock, track.start, longer)), counted: true }
  } catch (error) {
    if (!isDoverieError(error, 'calendar-unknown')) throw error
    return { ...track, ...endsOf(soonestTerm(law, clock, track.start, longer)), counted: false }
  }
}

function endsOf({ planned, outer }: Term): Pick<Track, 'planned' | 'outer'> {
  return { planned: planned.at, outer: outer.at }
}

/** The law's clock of a track; null of the answer's, which only follows the others. */
function ruleOf(law: Law, { rule }: Track): Clock | null {
  return rule === ANSWER ? null : clockOf(law.profile, rule)
}

/** Extends a clock as its law allows: once, by a reasoned notice that was sent before the term ran out. */
export function extendTrack(law: Law, track: Track, at: Instant, reason: ExtensionReason): Result<Track, TrackFault> {
  if (track.extended !== null) return err('extended-before')
  if (ruleOf(law, track)?.extension == null) return err('not-extendable')
  if (at >= track.outer) return err('too-late')
  return ok(counted(law, { ...track, extended: { at, reason } }))
}

/** Lets a clock stand still where its law allows that. */
export function pauseTrack(law: Law, track: Track, at: Instant): Result<Track, TrackFault> {
  if (ruleOf(law, track)?.pause == null) return err('not-pausable')
  if (track.pausedAt !== null) return err('paused')
  if (at >= track.outer) return err('too-late')
  return ok({ ...track, pausedAt: at })
}

/** Lets it run on; its ends move by the whole days that it stood still. */
export function resumeTrack(law: Law, track: Track, at: Instant): Result<Track, TrackFault> {
  if (track.pausedAt === null) return err('not-paused')
  const paused = track.paused + Math.max(0, at - track.pausedAt)
  return ok(counted(law, { ...track, paused, pausedAt: null }))
}

/** A clock at its end; late where that came after the last moment the law allows. What is due at once is late after that moment. */
export function endTrack(track: Track, how: TrackEnd, at: Instant): Track {
  return {
    ...track,
    pausedAt: null,
    end: { how, at, late: track.outer === track.start ? at > track.outer : at >= track.outer },
  }
}

/** True of a clock of the law that waits for such an act. */
export function waitsFor(law: Law, track: Track, end: ClockEnd): boolean {
  return track.end === null && ruleOf(law, track)?.met === end
}

/** What the officer must be told of a running clock at `now` and has not been; null where nothing. One that stands still passes no time. */
export function escalationDue(track: Track, now: Instant): Escalation | null {
  if (track.end !== null || track.pausedAt !== null) return null
  const whole = track.planned - track.start
  const passed = whole <= 0 ? 100 : ((now - track.start) / whole) * 100
  const reached = ESCALATIONS.filter((step) => passed >= step).at(-1)
  return reached === undefined || reached <= track.told ? null : reached
}

/** The moment of the next escalation; null where there is none. */
export function nextEscalation(track: Track): Instant | null {
  if (track.end !== null || track.pausedAt !== null) return null
  const next = ESCALATIONS.find((step) => step > track.told)
  return next === undefined ? null : track.start + Math.ceil(((track.planned - track.start) * next) / 100)
}

/** The running clock that comes to its planned end first: the operator's plan goes by it. */
export function earliest(tracks: readonly Track[]): Track | null {
  const running = tracks.filter(({ end, pausedAt }) => end === null && pausedAt === null)
  return running.reduce<Track | null>(
    (first, one) => (first === null || one.planned < first.planned ? one : first),
    null,
  )
}

/** The clock by which the person is answered: it ends with the last of the others, and starts with the first. */
export function answerTrack(tracks: readonly Track[], before: Track | null): Track | null {
  const first = tracks[0]
  if (first === undefined) return before
  const start = Math.min(...tracks.map((track) => track.start))
  return {
    rule: ANSWER,
    start,
    planned: Math.max(...tracks.map((track) => track.planned)),
    outer: Math.max(...tracks.map((track) => track.outer)),
    counted: tracks.every((track) => track.counted),
    extended: null,
    pausedAt: null,
    paused: 0,
    told: before?.told ?? 0,
    end: before?.end ?? null,
  }
}

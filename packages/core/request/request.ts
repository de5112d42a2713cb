import {
  type ClockEnd,
  err,
  type Instant,
  ok,
  type ProfileId,
  type RequestKind,
  type Result,
  type Uuid,
} from '../base/index.ts'
import type { Law } from './law.ts'
import { after, beginningOf, isEnd, ownerOf, type State, type Step } from './machine.ts'
import {
  ANSWER,
  answerTrack,
  counted,
  endTrack,
  type Escalation,
  extendTrack,
  type ExtensionReason,
  pauseTrack,
  resumeTrack,
  startTrack,
  type Track,
  type TrackEnd,
  type TrackFault,
  waitsFor,
} from './track.ts'

/** A request as it stands: the fold of its events. It names no person and holds no value. */
export interface Request {
  readonly kind: RequestKind
  readonly profile: ProfileId
  readonly state: State
  /** When it was received: the clocks count from here, whenever it was registered. */
  readonly receivedAt: Instant
  readonly tracks: readonly Track[]
  /** When what it waits for comes of itself (the day of a destruction); null where it waits for somebody. */
  readonly until: Instant | null
  /** The request that it goes on as. */
  readonly replacedBy: Uuid | null
  /** Why it is refused, by the law's own list; null where it is not. */
  readonly refusal: string | null
  /** What is to be destroyed where that was decided by name; null where the grounds decide. */
  readonly doomed: readonly string[] | null
}

/** A step that says all by its name. */
export type PlainStep = Exclude<Step, 'replaced' | 'stopped' | 'rejected' | 'unmendable'>

/** What happens to a request. Append-only; `at` is when it happened. */
export type RequestEvent =
  | { readonly kind: 'received'; readonly request: RequestKind; readonly at: Instant }
  | { readonly kind: 'step'; readonly step: PlainStep; readonly at: Instant }
  /** `reason` is one of the law's own grounds of refusal. */
  | { readonly kind: 'step'; readonly step: 'rejected'; readonly reason: string; readonly at: Instant }
  /** What cannot be made lawful: these compartments go. */
  | {
      readonly kind: 'step'
      readonly step: 'unmendable'
      readonly compartments: readonly string[]
      readonly at: Instant
    }
  /** `until` is the day of the destruction that follows, where one does after a delay. */
  | { readonly kind: 'step'; readonly step: 'stopped'; readonly until?: Instant; readonly at: Instant }
  | { readonly kind: 'step'; readonly step: 'replaced'; readonly by: Uuid; readonly at: Instant }
  | { readonly kind: 'extended'; readonly rule: string; readonly reason: ExtensionReason; readonly at: Instant }
  | { readonly kind: 'paused'; readonly rule: string; readonly at: Instant }
  | { readonly kind: 'resumed'; readonly rule: string; readonly at: Instant }
  | { readonly kind: 'escalated'; readonly rule: string; readonly share: Escalation; readonly at: Instant }
  /** The production calendar is known now. */
  | { readonly kind: 'recounted'; readonly at: Instant }
  /** Nobody knows what was taken back since: whoever decided on a destruction decides again. */
  | { readonly kind: 'reopened'; readonly at: Instant }

/** Why an event cannot happen now: `not-now` where the state has no such step, `before-due` where its day has not come. */
export type RequestFault = TrackFault | 'not-now' | 'before-due'

/** The law's ground of refusing somebody who is not shown to be who they say. */
export const UNPROVED = 'identity'

/** What a step does of what clocks wait for. */
const DOES: Readonly<Partial<Record<Step, { readonly acts: readonly ClockEnd[]; readonly how: TrackEnd }>>> = {
  blocked: { acts: ['blocked'], how: 'done' },
  spared: { acts: ['blocked'], how: 'void' },
  accepted: { acts: ['decided'], how: 'done' },
  // What is stopped at once needed no other decision.
  stopped: { acts: ['stopped', 'decided'], how: 'done' },
  corrected: { acts: ['corrected'], how: 'done' },
  published: { acts: ['published'], how: 'done' },
  // A setting is both: what it bans is stopped, and whoever publishes is bound by it.
  settled: { acts: ['published', 'stopped'], how: 'done' },
  destroyed: { acts: ['destroyed'], how: 'done' },
  kept: { acts: ['destroyed'], how: 'void' },
  mended: { acts: ['destroyed'], how: 'void' },
  deferred: { acts: ['destroyed'], how: 'deferred' },
}

/** The request that a receipt begins. Its clocks count from the receipt. */
export function receive(law: Law, kind: RequestKind, at: Instant): Request {
  const tracks = law.profile.requests[kind].received.map((rule) => startTrack(law, rule, at))
  return {
    kind,
    profile: law.profile.id as ProfileId,
    state: beginningOf(kind),
    receivedAt: at,
    tracks: answered(tracks),
    until: null,
    replacedBy: null,
    refusal: null,
    doomed: null,
  }
}

/** The request after one more event, or why that event cannot happen. Pure: the same events give the same request. */
export function advance(
  law: Law,
  request: Request,
  event: Exclude<RequestEvent, { kind: 'received' }>,
): Result<Request, RequestFault> {
  switch (event.kind) {
    case 'step':
      return stepped(law, request, event)
    case 'recounted':
      return ok(
        withTracks(
          request,
          request.tracks.map((track) => (isOpen(track) && track.rule !== ANSWER ? counted(law, track) : track)),
        ),
      )
    case 'reopened':
      return isDestroying(request) ? ok({ ...request, state: 'deciding', until: null, doomed: null }) : err('not-now')
    case 'escalated':
      return onTrack(request, event.rule, (track) => ok({ ...track, told: event.share }))
    case 'extended':
      return onTrack(request, event.rule, (track) => extendTrack(law, track, event.at, event.reason))
    case 'paused':
      return onTrack(request, event.rule, (track) => pauseTrack(law, track, event.at))
    case 'resumed':
      return onTrack(request, event.rule, (track) => resumeTrack(law, track, event.at))
  }
}

/** The clock of a refusal: it stands beside that of what is asked for. */
const REFUSAL = 'refusal'

/**
 * The running clocks that a notice may extend now: those that the law lets be extended, each once. That of a refusal goes with what is asked
 * for: where that has a term which the law lets nobody extend (152-FZ art. 21(5)), to extend the refusal alone would promise an earlier day
 * than the one it is about, under an article that is about other requests.
 */
export function extendable({ profile }: Pick<Law, 'profile'>, { tracks }: Pick<Request, 'tracks'>): readonly string[] {
  const may = (rule: string): boolean => profile.clocks.some(({ id, extension }) => id === rule && extension !== null)
  const own = tracks.filter(({ rule }) => rule !== REFUSAL && rule !== ANSWER)
  const withRefusal = own.length === 0 || own.some(({ rule }) => may(rule))
  return tracks.flatMap(({ rule, end, extended }) =>
    end === null && extended === null && may(rule) && (rule !== REFUSAL || withRefusal) ? [rule] : [],
  )
}

/** States in which the software goes on by itself to a destruction, in the kinds that lead to one. */
export const DESTROYING: readonly State[] = ['stopping', 'waiting', 'destroying']

/** True where nobody need do anything more for the request to destroy something. */
export function isDestroying({ kind, state }: Pick<Request, 'kind' | 'state'>): boolean {
  return DESTROYING.includes(state) && ownerOf(kind, state) === 'system' && ownerOf(kind, 'destroying') !== null
}

/** The fold of a request's events, of which the first is its receipt. Throws where they are not a request's: they were stored by `advance`. */
export function requestOf(law: Law, events: readonly RequestEvent[]): Request {
  const [first, ...rest] = events
  if (first?.kind !== 'received') throw new TypeError('requestOf: the first event is no receipt')
  return rest.reduce(
    (request, event) => {
      const next = event.kind === 'received' ? err('not-now' as const) : advance(law, request, event)
      if (!next.ok) throw new TypeError(`requestOf: ${event.kind} cannot follow here (${next.error})`)
      return next.value
    },
    receive(law, first.request, first.at),
  )
}

type StepEvent = Extract<RequestEvent, { kind: 'step' }>

function stepped(law: Law, request: Request, event: StepEvent): Result<Request, RequestFault> {
  const { step, at } = event
  const state = after(request.kind, request.state, step)
  if (state === null) return err('not-now')
  if (step === 'due' && request.until !== null && at < request.until) return err('before-due')
  const begun = startedBy(law, request, step)
  // A destruction is put off once, and only where the law has a longer term for it.
  if (step === 'deferred' && begun.length === 0) return err('not-now')
  const done = DOES[step]
  const open = request.tracks.map((track) =>
    done?.acts.some((act) => waitsFor(law, track, act)) === true ? endTrack(track, done.how, at) : track,
  )
  const all = withTracks(request, [...open, ...begun.map((rule) => startTrack(law, rule, at))])
  return ok({
    ...all,
    state,
    tracks: isEnd(state)
      ? all.tracks.map((track) => (track.end === null ? endTrack(track, howEnded(state, track), at) : track))
      : all.tracks,
    until: event.step === 'stopped' ? (event.until ?? null) : null,
    replacedBy: event.step === 'replaced' ? event.by : request.replacedBy,
    refusal: refusalOf(request, event),
    doomed: event.step === 'unmendable' ? event.compartments : request.doomed,
  })
}

/** Whoever is not proved is refused for that. */
function refusalOf({ refusal }: Request, event: StepEvent): string | null {
  if (event.step === 'rejected') return event.reason
  return event.step === 'identity-failed' ? UNPROVED : refusal
}

/** Clocks that a step starts and that have not been started before. */
function startedBy(law: Law, { kind, tracks }: Request, step: Step): readonly string[] {
  if (step !== 'accepted' && step !== 'shown' && step !== 'deferred') return []
  const rules = law.profile.requests[kind][step] ?? []
  return rules.filter((rule) => !tracks.some((track) => track.rule === rule))
}

/** What is left running at an end. An answer is the duty of the last clock itself; of the others nothing is due any more. */
function howEnded(state: State, track: Track): TrackEnd {
  if (state === 'refused') return 'refused'
  if (state === 'replaced') return 'void'
  return state === 'answered' || track.rule === ANSWER ? 'done' : 'void'
}

function onTrack(
  request: Request,
  rule: string,
  change: (track: Track) => Result<Track, RequestFault>,
): Result<Request, RequestFault> {
  const found = request.tracks.find((track) => track.rule === rule && isOpen(track))
  if (found === undefined) return err('no-such-clock')
  const changed = change(found)
  return changed.ok
    ? ok(
        withTracks(
          request,
          request.tracks.map((track) => (track === found ? changed.value : track)),
        ),
      )
    : changed
}

function withTracks(request: Request, tracks: readonly Track[]): Request {
  return { ...request, tracks: answered(tracks) }
}

/** The clocks with that of the answer, which goes by the last of the others. */
function answered(tracks: readonly Track[]): readonly Track[] {
  const others = tracks.filter(({ rule }) => rule !== ANSWER)
  const answer = answerTrack(others, tracks.find(({ rule }) => rule === ANSWER) ?? null)
  return answer === null ? others : [...others, answer]
}

function isOpen(track: Track): boolean {
  return track.end === null
}

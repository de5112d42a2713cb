import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import {
  advance,
  earliest,
  isEnd,
  type Law,
  nextEscalation,
  ownerOf,
  type Request,
  type RequestEvent,
  type RequestFault,
  unprovedAt,
} from '@doverie/core/request'
import type { Queryable } from '../../store/database.ts'
import { insertRequestEvents, type RequestRow, saveRequest } from '../../store/requests.ts'

/** An event that follows on the receipt. */
export type LaterEvent = Exclude<RequestEvent, { readonly kind: 'received' }>

const FAULTS: Readonly<Record<RequestFault, string>> = {
  'not-now': 'This cannot follow where the request stands.',
  'before-due': 'Its day has not come.',
  'no-such-clock': 'The request has no such clock running.',
  'not-extendable': 'The law does not extend this term.',
  'extended-before': 'This term was extended already.',
  'too-late': 'The term has run out; a notice after it extends nothing.',
  'not-pausable': 'The law lets this term run on.',
  'not-paused': 'This term runs.',
  paused: 'This term stands still already.',
}

/** What of a request's fold is searched and sorted by. */
export function standing(
  law: Law,
  fold: Request,
  at: Instant,
): Pick<RequestRow, 'state' | 'owner' | 'fold' | 'dueAt' | 'outerAt' | 'wakeAt' | 'endedAt' | 'late'> {
  const ended = isEnd(fold.state)
  const running = fold.tracks.filter(({ end }) => end === null)
  const due = earliest(fold.tracks)?.planned ?? least(running.map(({ outer }) => outer))
  const owner = ownerOf(fold.kind, fold.state)
  // What is the software's own move is due at once, save where it waits for its day.
  const own = owner === 'system' && fold.until === null ? at : null
  const wakes = [...running.map(nextEscalation), fold.until, own, unprovedAt(law, fold)].filter((one) => one !== null)
  return {
    state: fold.state,
    owner,
    fold,
    dueAt: ended ? null : due,
    outerAt: ended ? null : least(running.map(({ outer }) => outer)),
    wakeAt: ended ? null : least(wakes),
    endedAt: ended ? at : null,
    late: fold.tracks.some(({ end }) => end?.late === true),
  }
}

/** A request after further events, or the fault `conflict` with what keeps the first of them from happening. Changes nothing yet. */
export function moved(law: Law, row: RequestRow, events: readonly LaterEvent[]): RequestRow {
  const fold = events.reduce((request, event) => {
    const next = advance(law, request, event)
    if (next.ok) return next.value
    throw new DoverieError('conflict', `${FAULTS[next.error]} (${request.state})`, {
      field: event.kind === 'step' ? event.step : event.kind,
    })
  }, row.fold)
  return {
    ...row,
    ...standing(law, fold, events.at(-1)?.at ?? row.registeredAt),
    places: row.places + events.length,
    // What kept it where it stood keeps it no more once it stands elsewhere.
    hindered: fold.state === row.state ? row.hindered : null,
  }
}

/** Moves a request on, in the transaction that holds its lock, with who did it and the ledger entry of the act. */
export async function moveRequest(
  tx: Queryable,
  law: Law,
  row: RequestRow,
  events: readonly LaterEvent[],
  by: string | null,
  entry: Uuid,
): Promise<RequestRow> {
  const after = moved(law, row, events)
  await saveRequest(tx, after)
  await insertRequestEvents(
    tx,
    row.id,
    row.places,
    events.map((event) => ({ event, by, entry })),
  )
  return after
}

function least(instants: readonly Instant[]): Instant | null {
  return instants.length === 0 ? null : Math.min(...instants)
}

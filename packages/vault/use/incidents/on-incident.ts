import { type Canonical, DoverieError, type Instant, isUuid, type Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import {
  advanceIncident,
  earliest,
  type IncidentFault,
  isIncidentEnd,
  type LaterIncidentEvent,
  type Law,
  nextEscalation,
  type Track,
} from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import {
  findIncident,
  type IncidentRow,
  insertIncidentEvents,
  lockIncident,
  saveIncident,
} from '../../store/incidents.ts'
import { lawFor, policyOf, registrarOf } from '../requests/law.ts'

const FAULTS: Readonly<Record<IncidentFault, string>> = {
  'not-now': 'This cannot follow where the incident stands.',
  'no-risk': 'An assessment says how great the risk is.',
  'no-reason': 'What is no breach needs a reason.',
  'people-wait': 'A duty of the law still waits: the people affected are to be told, or not for a reason.',
  'before-detection': 'That was before the incident was found.',
}

/** An incident with the law it is counted by. */
export interface IncidentCase {
  readonly policy: Policy
  readonly law: Law
  readonly row: IncidentRow
}

/** Throws `not-found`. */
export async function incidentOf(vault: Vault, id: string): Promise<IncidentCase> {
  const policy = policyOf(vault)
  const row = isUuid(id) ? await findIncident(vault.data, id) : null
  if (row === null) throw new DoverieError('not-found', undefined, { field: 'incident' })
  return { policy, law: lawFor(vault, policy), row }
}

/** The clauses that acts of the operator's own duties name: those of what it must do under law. */
export function dutyClauses({ purposes, system }: Policy): readonly string[] {
  return purposes.get(system.law)?.clauses ?? []
}

/** The fold of an incident or of a duty of the operator. */
interface Folded {
  readonly state: string
  readonly tracks: readonly Track[]
}

/** What of such a fold its register searches and sorts by. `ended`: nothing follows on it. */
export function standingOf<F extends Folded>(
  fold: F,
  ended: boolean,
  at: Instant,
): Pick<IncidentRow, 'dueAt' | 'wakeAt' | 'endedAt' | 'late'> & { readonly state: F['state']; readonly fold: F } {
  const wakes = fold.tracks.map(nextEscalation).filter((one) => one !== null)
  return {
    state: fold.state,
    fold,
    dueAt: ended ? null : (earliest(fold.tracks)?.planned ?? null),
    wakeAt: ended || wakes.length === 0 ? null : Math.min(...wakes),
    endedAt: ended ? at : null,
    late: fold.tracks.some(({ end }) => end?.late === true),
  }
}

/** What an act on an incident brings about in its transaction. */
export interface IncidentAct {
  readonly name: string
  readonly caller: Caller | null
  readonly events: (row: IncidentRow, at: Instant) => readonly LaterIncidentEvent[]
  readonly detail?: Readonly<Record<string, Canonical>>
  /** What else of the row it changes, by the row as it is under its lock: what was said meanwhile is not written over. */
  readonly change?: (row: IncidentRow) => Partial<IncidentRow>
  readonly also?: (tx: Queryable, moved: IncidentRow, entry: Uuid) => Promise<void>
}

/**
 * Moves an incident on, with its ledger entry, in one transaction under its lock. Throws `conflict`, changing nothing, where an event
 * cannot follow where it stands by then.
 */
export async function actOnIncident(
  vault: Vault,
  { policy, law, row }: IncidentCase,
  act: IncidentAct,
): Promise<IncidentRow> {
  return transaction(vault.data, async (tx) => {
    const locked = await lockIncident(tx, row.id)
    if (locked === null) throw new DoverieError('not-found', undefined, { field: 'incident' })
    const at = vault.now()
    const events = act.events(locked, at)
    const fold = events.reduce((incident, event) => {
      const next = advanceIncident(law, incident, event)
      if (next.ok) return next.value
      throw new DoverieError('conflict', `${FAULTS[next.error]} (${incident.state})`, {
        field: event.kind === 'step' ? 'step' : event.kind,
      })
    }, locked.fold)
    const changed = act.change?.(locked) ?? {}
    const detail = { incident: locked.number, ...act.detail }
    const entry = await recordAct(vault, tx, act.name, act.caller, dutyClauses(policy), detail)
    const moved = {
      ...locked,
      ...changed,
      ...(events.length === 0 ? {} : standingOf(fold, isIncidentEnd(fold.state), at)),
      places: locked.places + events.length,
    }
    await saveIncident(tx, moved)
    const by = registrarOf(act.caller)
    await insertIncidentEvents(
      tx,
      row.id,
      locked.places,
      events.map((event) => ({ event, by, entry })),
    )
    await act.also?.(tx, moved, entry)
    return moved
  })
}

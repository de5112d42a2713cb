import { type Canonical, DoverieError, type DutyKind, type Instant, isUuid, type Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import { advanceDuty, type DutyFault, isDutyEnd, type LaterDutyEvent, type Law, openDuty } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import {
  type DutyFacts,
  type DutyRow,
  findDuty,
  insertDuty,
  insertDutyEvents,
  lockDuty,
  reserveDuty,
  saveDuty,
} from '../../store/duties.ts'
import { nextNumber } from '../../store/letters.ts'
import { dutyClauses, standingOf } from '../incidents/on-incident.ts'
import { lawFor, numberOf, policyOf, registrarOf, yearOf } from '../requests/law.ts'

const FAULTS: Readonly<Record<DutyFault, string>> = {
  'not-now': 'This cannot follow where the duty stands.',
  'no-reason': 'Why nothing is owed needs a reason.',
  'ends-before': 'It ends before it begins.',
}

/** A duty with the law it is counted by. */
export interface DutyCase {
  readonly policy: Policy
  readonly law: Law
  readonly row: DutyRow
}

/** Throws `not-found`. */
export async function dutyOf(vault: Vault, id: string): Promise<DutyCase> {
  const policy = policyOf(vault)
  const row = isUuid(id) ? await findDuty(vault.data, id) : null
  if (row === null) throw new DoverieError('not-found', undefined, { field: 'duty' })
  return { policy, law: lawFor(vault, policy), row }
}

export interface NewDuty {
  readonly kind: DutyKind
  readonly about: string
  /** When that takes place of which a notice is owed. */
  readonly start: Instant
  readonly facts: DutyFacts
  /** Where something is said of it already: its id, and the words under the key of that id. */
  readonly said?: Pick<DutyRow, 'id' | 'sealed'>
}

/** Enters a duty in its register, in the transaction that finds it owed; null where one of its kind about the same runs already. */
export async function enterDuty(
  vault: Vault,
  tx: Queryable,
  caller: Caller | null,
  { policy, law }: Omit<DutyCase, 'row'>,
  { kind, about, start, facts, said }: NewDuty,
): Promise<DutyRow | null> {
  if (!(await reserveDuty(tx, kind, about))) return null
  const at = vault.now()
  const year = yearOf(law.zone, at)
  const number = numberOf(year, await nextNumber(tx, vault.keys, 'duty', year))
  const openedBy = registrarOf(caller)
  const row: DutyRow = {
    ...{
      id: said?.id ?? vault.newId(),
      number,
      kind,
      about,
      profile: law.profile.id,
      policy: policy.id,
      openedAt: at,
      openedBy,
    },
    ...{ facts, places: 1, sealed: said?.sealed ?? null },
    ...standingOf(openDuty(law, kind, at, start), false, at),
  }
  await insertDuty(tx, row)
  const entry = await recordAct(vault, tx, 'open-duty', caller, dutyClauses(policy), { duty: number, kind, about })
  const event = { kind: 'opened' as const, duty: kind, at, start }
  await insertDutyEvents(tx, row.id, 0, [{ event, by: openedBy, entry, facts }])
  return row
}

/** What an act on a duty brings about in its transaction. */
export interface DutyAct {
  readonly name: string
  readonly caller: Caller | null
  readonly events: (row: DutyRow, at: Instant) => readonly LaterDutyEvent[]
  readonly detail?: Readonly<Record<string, Canonical>>
  /** What else of the row it changes, by the row as it is under its lock. */
  readonly change?: (row: DutyRow) => Partial<Pick<DutyRow, 'facts' | 'sealed' | 'policy'>>
  readonly also?: (tx: Queryable, moved: DutyRow) => Promise<void>
}

/**
 * Moves a duty on, with its ledger entry, in one transaction under its lock. Throws `conflict`, changing nothing, where an event cannot
 * follow where it stands by then.
 */
export async function actOnDuty(vault: Vault, { policy, law, row }: DutyCase, act: DutyAct): Promise<DutyRow> {
  return transaction(vault.data, async (tx) => {
    const locked = await lockDuty(tx, row.id)
    if (locked === null) throw new DoverieError('not-found', undefined, { field: 'duty' })
    const at = vault.now()
    const events = act.events(locked, at)
    const fold = events.reduce((duty, event) => {
      const next = advanceDuty(law, duty, event)
      if (next.ok) return next.value
      throw new DoverieError('conflict', `${FAULTS[next.error]} (${duty.state})`, {
        field: next.error === 'ends-before' ? 'until' : 'step',
      })
    }, locked.fold)
    const detail = { duty: locked.number, kind: locked.kind, about: locked.about, ...act.detail }
    const entry = await recordAct(vault, tx, act.name, act.caller, dutyClauses(policy), detail)
    const moved: DutyRow = {
      ...locked,
      ...act.change?.(locked),
      ...(events.length === 0 ? {} : standingOf(fold, isDutyEnd(fold.state), at)),
      places: locked.places + events.length,
    }
    await saveDuty(tx, moved)
    const by = registrarOf(act.caller)
    const stored = events.map((event): { event: LaterDutyEvent; by: string | null; entry: Uuid; facts: DutyFacts } => ({
      ...{ event, by, entry, facts: moved.facts },
    }))
    await insertDutyEvents(tx, row.id, locked.places, stored)
    await act.also?.(tx, moved)
    return moved
  })
}

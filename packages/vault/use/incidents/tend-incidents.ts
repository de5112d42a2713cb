import { dayAt, DoverieError, formatDay, formatInstant, isDoverieError } from '@doverie/core/base'
import { CLOSE, earliest, escalationDue, type LaterIncidentEvent } from '@doverie/core/request'
import { tellOfficer } from '../deputies/tell-officer.ts'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import { type IncidentRow, listTended } from '../../store/incidents.ts'
import { countAffected } from './count-affected.ts'
import { actOnIncident, type IncidentCase, incidentOf } from './on-incident.ts'
import { tellNext } from './tell-affected.ts'

const MOST = 20

/**
 * Sees to what is due of itself: reminds the officer at 50, 80 and 100 % of a term, looks for the people affected, tells them. Gives how
 * many incidents it looked at. Safe in several processes.
 */
export async function tendIncidents(vault: Vault): Promise<number> {
  if (vault.policy() === null) return 0
  const tended = await listTended(vault.data, vault.now(), MOST)
  const faults: Error[] = []
  for (const { id } of tended) {
    await tendIncident(vault, id).catch((error: unknown) => {
      // Another process was first. One that fails keeps no other waiting.
      if (!isDoverieError(error, 'conflict')) faults.push(error instanceof Error ? error : new DoverieError('internal'))
    })
  }
  const [fault] = faults
  // A damaged entry ends the search that met it and no reminder: verifying the ledger names it.
  if (isDoverieError(fault, 'ledger-inconsistent')) throw new DoverieError('internal', fault.message)
  if (fault !== undefined) throw fault
  return tended.length
}

async function tendIncident(vault: Vault, id: string): Promise<void> {
  const found = await incidentOf(vault, id)
  await remind(vault, found)
  if (found.row.scope !== null && found.row.affected === null) await countAffected(vault, await incidentOf(vault, id))
  if (found.row.tellingAt !== null) await tellNext(vault, await incidentOf(vault, id))
}

async function remind(vault: Vault, found: IncidentCase): Promise<void> {
  const now = vault.now()
  if (found.row.fold.tracks.every((track) => escalationDue(track, now) === null)) return
  await actOnIncident(vault, found, {
    name: 'escalate-incident',
    caller: null,
    events: ({ fold }, at) =>
      fold.tracks.flatMap((track): readonly LaterIncidentEvent[] => {
        const share = escalationDue(track, at)
        return share === null ? [] : [{ kind: 'escalated', rule: track.rule, share, at }]
      }),
    also: (tx, row) => queueReminder(vault, tx, found, row),
  })
}

/** Number, moments and duty only: no word of what happened. */
async function queueReminder(
  vault: Vault,
  tx: Queryable,
  { policy, law }: IncidentCase,
  row: IncidentRow,
): Promise<void> {
  const first = earliest(row.fold.tracks)
  if (first === null) return
  const share = Math.max(...row.fold.tracks.filter(({ end }) => end === null).map(({ told }) => told))
  const duty =
    first.rule === CLOSE ? { ru: 'закрыть', en: 'close' } : law.profile.clocks.find(({ id }) => id === first.rule)?.duty
  const detected = formatDay(dayAt(law.zone, row.detectedAt))
  const due = formatInstant(law.zone, first.planned)
  await tellOfficer(vault, tx, policy, {
    subject: `Инцидент ${row.number}: прошло ${share} % срока / incident ${row.number}: ${share} % of its term`,
    text: [
      `Инцидент ${row.number}, выявлен ${detected}.`,
      `Ближайший срок: ${duty?.['ru'] ?? first.rule}, до ${due}.`,
      '',
      `Incident ${row.number}, found on ${detected}.`,
      `Next: ${duty?.['en'] ?? first.rule}, by ${due}.`,
    ].join('\n'),
  })
}

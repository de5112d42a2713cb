import { DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import { type IncidentStep, incidentSteps } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { type AffectedPerson, countTold, listAffected } from '../../store/incident-people.ts'
import {
  type IncidentDocument,
  type IncidentRow,
  listIncidentDocuments,
  listIncidentEvents,
  listIncidents as list,
  type StoredIncidentEvent,
} from '../../store/incidents.ts'
import { assertOfficer } from '../duties.ts'
import { type IncidentContent, openIncidentWords } from './content.ts'
import { dutyClauses, incidentOf } from './on-incident.ts'

const MOST = 1_000
const PAGE = 1_000
const NOBODY: Uuid = '00000000-0000-0000-0000-000000000000'

/** The register of incidents, the open ones first: numbers, states and clocks. */
export function listIncidents(vault: Vault, caller: Caller): Promise<readonly IncidentRow[]> {
  assertOfficer(vault, caller)
  return list(vault.data, MOST)
}

export interface DescribedIncident {
  readonly row: IncidentRow
  readonly steps: readonly IncidentStep[]
  readonly content: IncidentContent
  readonly events: readonly StoredIncidentEvent[]
  readonly documents: readonly IncidentDocument[]
  /** How many of those affected were told how; the untold under the empty name. */
  readonly told: Readonly<Record<string, number>>
}

/** All that the register has of an incident, what was said of it included; the reading is entered. */
export async function describeIncident(vault: Vault, caller: Caller, id: string): Promise<DescribedIncident> {
  const officer = assertOfficer(vault, caller)
  const { policy, law, row } = await incidentOf(vault, id)
  await recordAct(vault, vault.data, 'read-incident', officer, dutyClauses(policy), { incident: row.number })
  const { content } = await openIncidentWords(vault, row)
  const [events, documents, told] = await Promise.all([
    listIncidentEvents(vault.data, row.id),
    listIncidentDocuments(vault.data, row.id),
    countTold(vault.data, row.id),
  ])
  return { row, steps: incidentSteps(law, row.fold), content, events, documents, told }
}

/** Whom an incident affected, by opaque id, a page at a time; each look is entered before anything of it is given. */
export async function showAffected(
  vault: Vault,
  caller: Caller,
  { incident, after = NOBODY }: { readonly incident: string; readonly after?: string | undefined },
): Promise<{ readonly people: readonly AffectedPerson[]; readonly next: Uuid | null }> {
  const officer = assertOfficer(vault, caller)
  if (!isUuid(after)) throw new DoverieError('invalid-request', undefined, { field: 'after' })
  const { policy, row } = await incidentOf(vault, incident)
  if (row.affected === null) throw new DoverieError('conflict', 'It is not known yet who was affected.')
  const people = await listAffected(vault.data, row.id, after, PAGE)
  const detail = { incident: row.number, people: people.length }
  await recordAct(vault, vault.data, 'list-affected', officer, dutyClauses(policy), detail)
  return { people, next: people.length < PAGE ? null : (people.at(-1)?.subject ?? null) }
}

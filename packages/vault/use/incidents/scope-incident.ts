import { DoverieError, isUuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import { listCredentials, listPseudonyms } from '../../store/access.ts'
import type { IncidentRow, IncidentScope } from '../../store/incidents.ts'
import { assertOfficer } from '../duties.ts'
import { actOnIncident, incidentOf } from './on-incident.ts'

export type ScopeRequest = Partial<IncidentScope> & Pick<IncidentScope, 'from' | 'to'>

/**
 * Says which entries of the ledger an incident is about; who was affected is then looked for, by the server, anew. What the scope names
 * must be there: a slip would find nobody and look like good news. Throws `invalid-request`, `unknown-purpose`, `unknown-field`.
 */
export async function scopeIncident(
  vault: Vault,
  caller: Caller,
  { incident, ...given }: ScopeRequest & { readonly incident: string },
): Promise<IncidentRow> {
  const officer = assertOfficer(vault, caller)
  const found = await incidentOf(vault, incident)
  const scope = await checkedScope(vault, found.policy, given)
  return actOnIncident(vault, found, {
    name: 'scope-incident',
    caller: officer,
    events: (_, at) => [{ kind: 'scoped', at }],
    detail: { ...scope },
    // Whoever is searching now does so for an older question.
    change: ({ scan }) => ({ scope, scan: scan + 1, affected: null }),
  })
}

async function checkedScope(vault: Vault, policy: Policy, given: ScopeRequest): Promise<IncidentScope> {
  const { from, to, credentials = [], actors = [], staff = [], purposes = [], fields = [] } = given
  const wrong = (field: string, message: string): never => {
    throw new DoverieError('invalid-request', message, { field })
  }
  if (to <= from) wrong('to', 'The period ends before it begins.')
  if (to > vault.now()) wrong('to', 'That moment is still to come.')
  const known = new Set((await listCredentials(vault.data)).map((row) => row.credential_id))
  const pseudonyms = await listPseudonyms(vault.data)
  const lists = [
    ['credentials', credentials, (id: string) => isUuid(id) && known.has(id)],
    ['actors', actors, (id: string) => ['service', 'staff'].includes(policy.actors.get(id)?.kind ?? '')],
    ['staff', staff, (id: string) => pseudonyms.has(id)],
  ] as const
  for (const [field, names, has] of lists) {
    const at = names.findIndex((name) => !has(name))
    if (at >= 0) wrong(`${field}[${at}]`, 'There is no such name here.')
  }
  purposes.forEach((name, at) => {
    if (!policy.purposes.has(name)) throw new DoverieError('unknown-purpose', undefined, { field: `purposes[${at}]` })
  })
  fields.forEach((name, at) => {
    if (!policy.fields.has(name)) throw new DoverieError('unknown-field', undefined, { field: `fields[${at}]` })
  })
  return { from, to, credentials, actors, staff, purposes, fields }
}

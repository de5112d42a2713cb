import { DoverieError, type Instant } from '@doverie/core/base'
import { openIncident as begin } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { createLetterKey } from '../../guard/letter-keys.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import { type IncidentRow, insertIncident, insertIncidentEvents } from '../../store/incidents.ts'
import { nextNumber } from '../../store/letters.ts'
import { assertOfficer } from '../duties.ts'
import { lawFor, numberOf, policyOf, yearOf } from '../requests/law.ts'
import { type IncidentWords, sealIncident } from './content.ts'
import { dutyClauses, standingOf } from './on-incident.ts'

export interface NewIncident extends IncidentWords {
  /** When it was found, by whomever: the hours of the law run from here (152-FZ art. 21(3.1)). */
  readonly detectedAt: Instant
  readonly what: string
}

/**
 * Enters an incident in the register, with its clocks. What is said of it lies sealed. Throws `invalid-request` for a moment that is
 * still to come or for an incident of which nothing is said.
 */
export async function openIncident(vault: Vault, caller: Caller, given: NewIncident): Promise<IncidentRow> {
  const officer = assertOfficer(vault, caller)
  const at = vault.now()
  const { detectedAt, ...words } = given
  if (detectedAt > at)
    throw new DoverieError('invalid-request', 'That moment is still to come.', { field: 'detectedAt' })
  if (words.what.trim() === '') throw new DoverieError('invalid-request', 'It says nothing.', { field: 'what' })
  const policy = policyOf(vault)
  const law = lawFor(vault, policy)
  const id = vault.newId()
  const key = await createLetterKey(vault, id, at)
  const fold = begin(law, detectedAt)
  return transaction(vault.data, async (tx) => {
    const year = yearOf(law.zone, at)
    const number = numberOf(year, await nextNumber(tx, vault.keys, 'incident', year))
    const row: IncidentRow = {
      ...{ id, number, profile: law.profile.id, policy: policy.id, detectedAt, openedAt: at },
      openedBy: officer.pseudonym,
      places: 1,
      sealed: sealIncident(key, words),
      ...{ scope: null, scan: 0, affected: null, tellingAt: null },
      ...standingOf(fold, false, at),
    }
    await insertIncident(tx, row)
    const detail = { incident: number, detectedAt }
    const entry = await recordAct(vault, tx, 'open-incident', officer, dutyClauses(policy), detail)
    const event = { kind: 'opened' as const, detectedAt, at }
    await insertIncidentEvents(tx, id, 0, [{ event, by: officer.pseudonym, entry }])
    return row
  })
}

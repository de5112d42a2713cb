import { type HarmFinding, harmFindings } from '@doverie/core/policy'
import { dutySteps, type DutyStep } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import {
  type DutyDocument,
  type DutyRow,
  listDuties as list,
  listDutyDocuments,
  listDutyEvents,
  type StoredDutyEvent,
} from '../../store/duties.ts'
import { assertOfficer } from '../duties.ts'
import { dutyClauses } from '../incidents/on-incident.ts'
import { type DutyContent, wordsOf } from './content.ts'
import { dutyOf } from './on-duty.ts'

const MOST = 1_000

/** The registers of the operator's duties: what is due first before the rest. No word that staff wrote is in them. */
export function listDuties(vault: Vault, caller: Caller): Promise<readonly DutyRow[]> {
  assertOfficer(vault, caller)
  return list(vault.data, MOST)
}

export interface DescribedDuty {
  readonly row: DutyRow
  readonly steps: readonly DutyStep[]
  readonly content: DutyContent
  readonly events: readonly StoredDutyEvent[]
  readonly documents: readonly DutyDocument[]
  /** Of an assessment: what the policy in force tells of each circumstance. */
  readonly findings: readonly HarmFinding[]
}

/** All that the register has of a duty, what was said of it included; the reading is entered. */
export async function describeDuty(vault: Vault, caller: Caller, id: string): Promise<DescribedDuty> {
  const officer = assertOfficer(vault, caller)
  const { policy, law, row } = await dutyOf(vault, id)
  await recordAct(vault, vault.data, 'read-duty', officer, dutyClauses(policy), { duty: row.number })
  const [content, events, documents] = await Promise.all([
    wordsOf(vault, row),
    listDutyEvents(vault.data, row.id),
    listDutyDocuments(vault.data, row.id),
  ])
  const findings = row.kind === 'harm' ? harmFindings(policy, law.profile) : []
  return { row, steps: dutySteps(law, row), content, events, documents, findings }
}

import { dayAt, formatDay, type Uuid } from '@doverie/core/base'
import { demandEscalation, nextDemandEscalation } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import { tellOfficer } from '../deputies/tell-officer.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import { type DemandRow, listDemands as list, lockDemand, saveDemand, takeWakingDemands } from '../../store/demands.ts'
import { listRecipientLetters, type RecipientLetterRow } from '../../store/recipient-letters.ts'
import { assertDuty } from '../duties.ts'
import { lawFor, policyOf } from '../requests/law.ts'
import { type DemandCase, demandOf } from './answer-demand.ts'

const PAGE = 200

/** Demands of authorities, the open ones by what is due first. For staff with the duty; nothing personal is in it. */
export async function listDemands(vault: Vault, caller: Caller): Promise<readonly DemandRow[]> {
  await assertDuty(vault, caller, 'requests')
  return list(vault.data, PAGE)
}

/** A demand with whom it is about and what went out. Throws `not-found`. */
export async function describeDemand(
  vault: Vault,
  caller: Caller,
  id: string,
): Promise<DemandCase & { readonly letters: readonly RecipientLetterRow[] }> {
  await assertDuty(vault, caller, 'requests')
  const found = await demandOf(vault, id)
  return { ...found, letters: await listRecipientLetters(vault.data, { demand: found.demand.id, limit: PAGE }) }
}

/** Tells the officer at 50, 80 and 100 % of the terms of demands. Gives how many it looked at. Safe in several processes. */
export async function tendDemands(vault: Vault, limit = 50): Promise<number> {
  if (vault.policy() === null) return 0
  const waking = await takeWakingDemands(vault.data, vault.now(), limit)
  for (const id of waking) await tell(vault, id)
  return waking.length
}

async function tell(vault: Vault, id: Uuid): Promise<void> {
  const policy = policyOf(vault)
  const { zone } = lawFor(vault, policy)
  const day = (end: number): string => formatDay(dayAt(zone, end - 1))
  await transaction(vault.data, async (tx) => {
    const row = await lockDemand(tx, id)
    if (row === null || row.endedAt !== null) return
    const share = demandEscalation(row.receivedAt, row.dueAt, row.told, vault.now())
    const told = share ?? row.told
    await saveDemand(tx, { ...row, told, wakeAt: nextDemandEscalation(row.receivedAt, row.dueAt, told) })
    if (share === null) return
    await tellOfficer(vault, tx, policy, {
      subject: `Требование ${row.number}: прошло ${share} % срока / demand ${row.number}: ${share} % of its term`,
      text: [
        `Требование ${row.number} (${row.recipient}, № ${row.reference}): ответить до ${day(row.dueAt)} включительно, крайний день ${day(row.outerAt)}.`,
        '',
        `Demand ${row.number} (${row.recipient}, No. ${row.reference}): answer by ${day(row.dueAt)}, at the latest ${day(row.outerAt)}.`,
      ].join('\n'),
    })
  })
}

import { DoverieError } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { checkTicket } from '../guard/vocabulary.ts'
import { transaction } from '../store/database.ts'
import { countPlan } from '../store/plans.ts'
import { findPause, lockForReplay, type Pause, savePauseWord } from '../store/restored.ts'
import { assertOfficer, assertSecond, linkOf } from './duties.ts'

/** The pause after a restore, and what it holds back. */
export interface ShownPause extends Pause {
  /** Compartments whose planned moment has come: they go as soon as it is over, unless a ground keeps them by then. */
  readonly due: number
  /** Compartments whose term by law ends before it does. */
  readonly late: number
}

/** The pause that is on, for the data-protection officer; null where none is. */
export async function showPause(vault: Vault, caller: Caller): Promise<ShownPause | null> {
  assertOfficer(vault, caller)
  const now = vault.now()
  const pause = await findPause(vault.data, now)
  return pause === null ? null : { ...pause, ...(await countPlan(vault.data, now, pause.until)) }
}

/**
 * Ends the pause after a restore before its time, for officers who have compared the plan with what was agreed since the backup: a new
 * contract or consent no journal tells. INVARIANT: no single member of staff lets data go by it: who asks first is noted, and
 * another ends it. What is planned is then carried out by the next look, on grounds as they are by then. `ended` false where another's
 * word is awaited. Throws `not-found` where no pause is on, `forbidden`.
 */
export async function endPause(
  vault: Vault,
  caller: Caller,
  request: { readonly ticket: string },
): Promise<{ readonly ended: boolean }> {
  const officer = assertOfficer(vault, caller)
  checkTicket(request.ticket)
  return transaction(vault.data, async (tx) => {
    await lockForReplay(tx)
    const at = vault.now()
    const pause = await findPause(tx, at)
    if (pause === null) throw new DoverieError('not-found', 'Nothing was restored lately, or what is planned goes on.')
    const { restore, endAskedBy } = pause
    const by = officer.pseudonym
    const ended = endAskedBy !== null && endAskedBy !== by
    if (ended) assertSecond(officer, endAskedBy)
    if (ended || endAskedBy === null) await savePauseWord(tx, restore, { by, at, ended })
    const clauses = vault.policy()?.defaults.acts.destroy ?? []
    const { due, late } = await countPlan(tx, at, pause.until)
    const detail = { ticket: request.ticket, ended, due, late, ...linkOf(officer) }
    await recordAct(vault, tx, 'end-pause', officer, clauses, detail)
    return { ended }
  })
}

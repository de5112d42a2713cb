import type { Instant } from '@doverie/core/base'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { FOLD } from '../store/ledger-history.ts'
import { findPrunable, loadMinimum, pruneBefore, tryPackLock } from '../store/ledger-packs.ts'

/**
 * Lets go of the ledger's entries of before an instant, as many whole folds of them as there are: private halves, lists and the
 * tiles that the specification lets go. The tree and what anybody proves by a receipt stay (decision 022). One transaction, with
 * its own entry. Gives the first entry that is kept. INVARIANT: never called without a stated term.
 */
export async function pruneLedger(vault: Vault, before: Instant): Promise<number> {
  return transaction(vault.data, async (tx) => {
    const from = await loadMinimum(tx)
    if (vault.suspended() || !(await tryPackLock(tx))) return from
    const minimum = await findPrunable(tx, before, FOLD)
    if (minimum <= from) return from
    await pruneBefore(tx, minimum, FOLD)
    await recordAct(vault, tx, 'prune-ledger', null, [], { from, minimum, before })
    return minimum
  })
}

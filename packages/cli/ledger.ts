import { Command } from 'commander'
import { auditCommand } from './ledger-audit.ts'
import { checkVectorsCommand } from './ledger-check-vectors.ts'
import { exportCommand } from './ledger-export.ts'
import { receiptCommand } from './ledger-receipt.ts'
import { verifyCommand } from './ledger-verify.ts'

/** `doverie ledger`: what anybody may check, and what only the operator can. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('the ledger of every access')
    .addCommand(verifyCommand())
    .addCommand(exportCommand())
    .addCommand(auditCommand())
    .addCommand(receiptCommand())
    .addCommand(checkVectorsCommand())
}

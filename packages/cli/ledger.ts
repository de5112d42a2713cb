import { Command } from 'commander'
import { checkVectorsCommand } from './ledger-check-vectors.ts'
import { exportCommand } from './ledger-export.ts'
import { verifyCommand } from './ledger-verify.ts'

/** `doverie ledger`: what anybody may check, and what only the operator can. */
export function ledgerCommand(): Command {
  return new Command('ledger')
    .description('the ledger of every access')
    .addCommand(verifyCommand())
    .addCommand(exportCommand())
    .addCommand(checkVectorsCommand())
}

import { readFile } from 'node:fs/promises'
import { DoverieError } from '@doverie/core/base'
import { verifyReceipt } from '@doverie/sdk/verify'
import { Command } from 'commander'

interface ReceiptOptions {
  readonly policy: string
  readonly secret?: string
}

/** `doverie ledger receipt`: what a person holds, verified without any network. */
export function receiptCommand(): Command {
  return new Command('receipt')
    .description('verify the receipt of an entry (.tlog-proof) offline, and print what it says')
    .argument('<file>', 'the receipt')
    .requiredOption('--policy <file>', "the ledger's keys and witnesses, as GET /log/policy showed them")
    .option('--secret <file>', "the person's ledger secret: the entry must be theirs")
    .action(receiptAction)
}

async function receiptAction(file: string, options: ReceiptOptions): Promise<void> {
  const [receipt, policy] = await Promise.all([textOf(file), textOf(options.policy)])
  const secret = options.secret === undefined ? {} : { secret: await textOf(options.secret) }
  const { place, body, checkpoint, own } = await verifyReceipt(receipt, { policy, ...secret })
  if (own === false) throw new DoverieError('invalid-value', 'the entry is not about the holder of this secret')
  if (!checkpoint.witnessed)
    throw new DoverieError('invalid-value', 'the checkpoint lacks witnesses that the policy asks for')
  process.stdout.write(`entry ${place} stands in the signed tree of ${checkpoint.size} of ${checkpoint.origin}\n`)
  process.stdout.write(`${JSON.stringify(body)}\n`)
}

async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => {
    throw new DoverieError('not-found', `${file} cannot be read`)
  })
}

import { DoverieError } from '@doverie/core/base'
import { type LogReport, verifyLog } from '@doverie/core/log'
import { type LedgerReport, verifyLedger } from '@doverie/vault'
import { Command } from 'commander'
import { withOfflineVault } from './offline-vault.ts'

/** The public prefix under which a server shows its ledger. */
const PREFIX = '/log/'

interface VerifyOptions {
  readonly data: string
  readonly keys: string
  readonly url?: string
  readonly key?: string
}

/** `doverie ledger verify`: whether the log is what it says it is. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('re-hash the whole ledger and name the first difference')
    .option('--data <folder>', 'the data folder of a stopped server; its private entries are checked too', 'data')
    .option('--keys <folder>', 'its keys folder', 'keys')
    .option('--url <address>', 'a running server instead: its public files, as any stranger sees them')
    .option('--key <vkey>', 'with --url: the verifier key, if you know it better than from the server')
    .action(verifyAction)
}

async function verifyAction(options: VerifyOptions): Promise<void> {
  const report = options.url === undefined ? await verifyFolder(options) : await verifyUrl(options.url, options.key)
  if (report.ok) {
    process.stdout.write(
      `${report.origin}: ${report.size} entries verified, root ${Buffer.from(report.root).toString('base64')}\n`,
    )
    return
  }
  const { kind, path, from, to } = report.fault
  const where = from === to ? '' : ` entries ${from} to ${to - 1}`
  throw new DoverieError('ledger-inconsistent', `the ledger does not verify: ${kind} in ${path}${where}`)
}

async function verifyFolder(options: VerifyOptions): Promise<LedgerReport> {
  return withOfflineVault(options, (vault) => verifyLedger(vault, progress))
}

async function verifyUrl(url: string, key: string | undefined): Promise<LogReport> {
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) {
    throw new DoverieError('invalid-request', `${url} is no address: give it as http://host:port`)
  }
  const read = async (path: string): Promise<Uint8Array | null> => {
    const answer = await fetch(new URL(PREFIX + path, url)).catch(() => {
      throw new DoverieError('storage-unavailable', `nothing answers at ${url}`)
    })
    if (answer.status === 404) return null
    if (!answer.ok) throw new DoverieError('storage-unavailable', `${path} answers ${answer.status}`)
    return new Uint8Array(await answer.arrayBuffer())
  }
  const own = await read('key')
  const vkey = key ?? (own === null ? null : Buffer.from(own).toString('utf8').trim())
  if (vkey === null) throw new DoverieError('not-found', 'the server shows no ledger key')
  return verifyLog(read, vkey, { onProgress: progress })
}

function progress(done: number, size: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${size} entries`)
  if (process.stderr.isTTY && done === size) process.stderr.write('\r\x1b[K')
}

import { resolve } from 'node:path'
import { DoverieError, utf8 } from '@doverie/core/base'
import { copyLog, parseVerifierKey, type ReadResource } from '@doverie/core/log'
import { ledgerKey, readPublic, sha256 } from '@doverie/vault'
import { Command } from 'commander'
import { LogFolder } from './log-folder.ts'
import { openLogSource } from './log-source.ts'
import { type Folders, withOfflineVault } from './offline-vault.ts'
import { progress } from './progress.ts'

interface ExportOptions extends Folders {
  readonly url?: string
  readonly key?: string
}

/** `doverie ledger export`: the public tree as files. */
export function exportCommand(): Command {
  return new Command('export')
    .description('write the public ledger as files that any web server can serve; again: what is new since')
    .argument('<folder>', 'where to; made if it is not there')
    .option('--data <folder>', 'the data folder of a stopped server', 'data')
    .option('--keys <folder>', 'its keys folder', 'keys')
    .option('--url <address>', 'a running server, or any tlog-tiles log, instead')
    .option('--key <vkey>', 'with --url: the verifier key, if you know it better than from the server')
    .action(exportAction)
}

async function exportAction(folder: string, options: ExportOptions): Promise<void> {
  if (options.url === undefined) {
    return withOfflineVault(options, (vault) => exportLog(folder, (path) => readPublic(vault, path), ledgerKey(vault)))
  }
  const source = await openLogSource(options.url)
  const key = options.key ?? (await source.key())
  if (key === null) throw new DoverieError('not-found', `${options.url} shows no ledger key: give it with --key`)
  return exportLog(folder, source.read, key)
}

async function exportLog(folder: string, read: ReadResource, key: string): Promise<void> {
  parseVerifierKey(key)
  const target = new LogFolder(resolve(folder))
  const held = await target.read('key')
  if (held !== null && Buffer.from(held).toString('utf8').trim() !== key) {
    throw new DoverieError('ledger-inconsistent', `${folder} holds the log of another key`)
  }
  if (held === null) await target.write('key', utf8(`${key}\n`))
  const { origin, from, size, filled } = await copyLog(read, target, key, { sha256, onProgress: progress })
  await target.dropPartial(filled)
  process.stdout.write(`${origin}: ${size} entries in ${folder}, ${size - from} of them new\n`)
}

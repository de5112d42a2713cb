import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { formatVerifierKey, parseTrustPolicy } from '@doverie/core/log'
import { Command } from 'commander'
import { parsePort } from './parse-port.ts'
import { portFault } from './probe-port.ts'
import { stopSignal } from './stop-signal.ts'

interface Options {
  readonly name: string
  readonly logs: string
  readonly data: string
  readonly port: number
  readonly host: string
}

/** `doverie witness`: cosigns the checkpoints of other operators' logs, as long as they only grow. */
export function witnessCommand(): Command {
  return new Command('witness')
    .description("a witness for other operators' logs (C2SP tlog-witness)")
    .requiredOption('--name <name>', 'its name, an address without its scheme: witness.example/w1. It never changes')
    .requiredOption(
      '--logs <file>',
      'whose checkpoints it cosigns: a tlog-policy file, of which only the log lines count',
    )
    .option('--data <folder>', 'where it keeps its key and what it has cosigned', 'witness')
    .option('--port <number>', 'the port to listen on', parsePort, 8390)
    .option('--host <address>', 'the address to listen on', '127.0.0.1')
    .action(witnessAction)
}

async function witnessAction({ name, logs, data, port, host }: Options): Promise<void> {
  const stop = stopSignal()
  const file = await readFile(logs).catch(() => {
    throw new DoverieError('not-found', `${logs} cannot be read`)
  })
  const policy = parseTrustPolicy(file)
  const { openWitnessKeys, startWitness } = await import('@doverie/server/witness')
  const dir = resolve(data)
  const keys = await openWitnessKeys(dir, name)
  const witness = await startWitness({ host, port, dir, keys, policy }).catch((error: unknown) => {
    throw portFault(host, port, error)
  })
  for (const { verifier } of keys) process.stdout.write(`witness ${name} ${formatVerifierKey(verifier)}\n`)
  process.stdout.write(`${name} cosigns for ${policy.logs.length} log keys at ${witness.url}\n`)
  await stop.wait()
  await witness.close()
}

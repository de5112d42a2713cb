import { hash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { hex } from '@doverie/core/base'
import { decodeBundle, type LogReport, verifyLog } from '@doverie/core/log'
import type { HttpClient } from '../client/http-client.ts'
import type { Traveller } from '../journey/journey.ts'
import { grouped, type Proof, proof } from './proof.ts'

const PATIENCE_MS = 60_000

/** The ledger as anybody can read it. */
export interface ReadLedger {
  readonly vkey: string
  readonly checkpoint: string
  readonly entries: ReadonlySet<string>
}

/**
 * Reads the whole public log over HTTP and re-hashes it here, with nothing of the server's but its verifier key; then looks
 * for every answer's leaf in it. Waits until the integrator has placed them.
 */
export async function proveLedger(
  client: HttpClient,
  travellers: readonly Traveller[],
  earlier: ReadLedger | null,
): Promise<{ readonly proofs: readonly Proof[]; readonly ledger: ReadLedger }> {
  const started = performance.now()
  const vkey = earlier?.vkey ?? (await text(client, '/log/key')).trim()
  const leaves = travellers.flatMap(({ state }) => state.told.map(({ leaf }) => leaf))
  const end = Date.now() + PATIENCE_MS
  for (;;) {
    const { report, ledger } = await readLedger(client, vkey, earlier)
    const missing = leaves.filter((leaf) => !ledger.entries.has(leaf)).length
    if (missing > 0 && report.ok && Date.now() < end) {
      await delay(250)
      continue
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const detail = report.ok
      ? `${grouped(report.size)} entries re-hashed over HTTP in ${seconds} s`
      : `${report.fault.kind} at ${report.fault.path}, entries ${report.fault.from} to ${report.fault.to}`
    const title = earlier === null ? 'the ledger verifies' : 'the ledger verifies and continues the one before'
    const answers = `${grouped(leaves.length)} leaves that answers carried, ${grouped(missing)} missing`
    const proofs = [proof(title, report.ok, detail), proof('every answer stands in it', missing === 0, answers)]
    return { proofs, ledger }
  }
}

async function readLedger(
  client: HttpClient,
  vkey: string,
  earlier: ReadLedger | null,
): Promise<{ readonly report: LogReport; readonly ledger: ReadLedger }> {
  const entries = new Set<string>()
  let checkpoint = ''
  const read = async (path: string): Promise<Uint8Array | null> => {
    const { status, bytes } = await client.get(`/log/${path}`)
    if (status === 404) return null
    if (status !== 200) throw new Error(`/log/${path} answered ${status}`)
    if (path === 'checkpoint') checkpoint = bytes.toString()
    if (path.startsWith('tile/entries/')) for (const entry of decodeBundle(bytes)) entries.add(hex(entry))
    return bytes
  }
  const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')
  const report = await verifyLog(read, vkey, { sha256, ...(earlier === null ? {} : { earlier: [earlier.checkpoint] }) })
  return { report, ledger: { vkey, checkpoint, entries } }
}

async function text(client: HttpClient, path: string): Promise<string> {
  const { status, bytes } = await client.get(path)
  if (status !== 200) throw new Error(`${path} answered ${status}`)
  return bytes.toString()
}

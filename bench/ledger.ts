// What the ledger costs: entries made durable and given their places per second, bytes that they take on the disk, proofs made and
// verified per second, and the export and verification of a great log by the commands themselves. Started by
// `node scripts/run.mjs ledger`.
import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import {
  append,
  EMPTY_EDGE,
  encodeBundle,
  formatVerifierKey,
  KEY_TYPES,
  leafHash,
  rootOf,
  signCheckpoint,
  tilePath,
} from '@doverie/core/log'
import { verifyReceipt } from '@doverie/sdk/verify'
import { openOffline } from '@doverie/server/offline'
import {
  authenticateCredential,
  type Caller,
  integrateLedger,
  packLedger,
  ledgerPolicy,
  noteSigner,
  openFields,
  proveEntry,
  readHistory,
  sha256,
  type Vault,
} from '@doverie/vault'
import pg from 'pg'
import { openBench, seed } from './seed.ts'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const POLICY = join(HERE, '../policies/netrack')
const PROGRAM = join(HERE, '../packages/cli/doverie.ts')
const { values: options } = parseArgs({
  options: {
    people: { type: 'string', default: '1000' },
    entries: { type: 'string', default: '100000' },
    proofs: { type: 'string', default: '1000' },
    export: { type: 'string', default: '1000000' },
    data: { type: 'string', default: join(HERE, '.data/ledger') },
  },
})
const run = promisify(execFile)
const say = (line: string): void => void process.stdout.write(`${line}\n`)

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

/** Reads, 64 at a time: each is one entry, durable when it is answered. */
async function enter(vault: Vault, caller: Caller, subjects: readonly string[], count: number): Promise<void> {
  let next = 0
  const reader = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) {
      const subject = subjects[i % subjects.length] ?? ''
      const { decision } = await openFields(vault, caller, {
        subject,
        purpose: 'identification',
        entity: 'start',
        fields: ['email'],
      })
      if (decision.effect === 'refuse') throw new Error('a read was refused')
    }
  }
  await Promise.all(Array.from({ length: 64 }, reader))
}

async function integrate(vault: Vault): Promise<number> {
  let added = 0
  for (;;) {
    const step = await integrateLedger(vault)
    added += step.added
    if (!step.more) return added
  }
}

const TABLES = ['ledger_batch', 'ledger_history', 'ledger_history_page', 'ledger_fold', 'ledger_tile'] as const

/** Bytes of the ledger's tables, their indexes and long values included, and the entries in them. */
async function sizes(db: pg.Client): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>()
  for (const table of TABLES) {
    await db.query(`VACUUM ${table}`)
    const { rows } = await db.query<{ bytes: string }>(`SELECT pg_total_relation_size('${table}') AS bytes`)
    found.set(table, Number(rows[0]?.bytes))
  }
  return found
}

/** The same without the room that later entries use again. */
async function compacted(db: pg.Client): Promise<ReadonlyMap<string, number>> {
  for (const table of TABLES) await db.query(`VACUUM FULL ${table}`)
  return sizes(db)
}

async function measureEntries(
  dataUrl: string,
  vault: Vault,
  caller: Caller,
  subjects: readonly string[],
): Promise<void> {
  const db = new pg.Client({ connectionString: dataUrl })
  await db.connect()
  const count = Number(options.entries)
  await enter(vault, caller, subjects, subjects.length)
  await integrate(vault)
  const before = await sizes(db)
  const durable = await seconds(() => enter(vault, caller, subjects, count))
  let added = 0
  const integrated = await seconds(async () => {
    added = await integrate(vault)
  })
  const loose = await sizes(db)
  const packed = await seconds(async () => {
    while (await packLedger(vault, vault.now()));
  })
  const after = await sizes(db)
  say(
    `durable: ${Math.round(count / durable)} entries/s (each a read); integrated: ${Math.round(added / integrated)}/s`,
  )
  say(`packed: ${Math.round(added / packed)}/s`)
  for (const [what, now] of [
    ['fresh', loose],
    ['packed, with the room that is free again', after],
    ['packed', await compacted(db)],
  ] as const) {
    const perEntry = TABLES.map((table) => ((now.get(table) ?? 0) - (before.get(table) ?? 0)) / added)
    const parts = TABLES.map((table, i) => `${table} ${(perEntry[i] ?? 0).toFixed(0)}`).join(', ')
    say(`on the disk, ${what}: ${perEntry.reduce((sum, one) => sum + one, 0).toFixed(0)} bytes per entry (${parts})`)
  }
  await db.end()
}

async function measureProofs(vault: Vault, subject: string): Promise<void> {
  const caller = { kind: 'subject', subject, proved: [] } as const
  const places = (await readHistory(vault, caller)).map(({ place }) => place)
  const count = Number(options.proofs)
  const files: string[] = []
  const made = await seconds(async () => {
    for (let i = 0; i < count; i++) files.push(await proveEntry(vault, caller, places[i % places.length] ?? 0))
  })
  const policy = Buffer.from(ledgerPolicy(vault)).toString('utf8')
  const verified = await seconds(async () => {
    for (const file of files) await verifyReceipt(file, { policy })
  })
  say(
    `proofs: ${Math.round(count / made)}/s made one after another, ${Math.round(count / verified)}/s verified by the sdk`,
  )
}

/** A log of so many entries as a web server would show it, held in memory. */
function greatLog(size: number): ReadonlyMap<string, Uint8Array> {
  const { signer, verifier } = noteSigner('bench.example/great', new Uint8Array(32).fill(9), KEY_TYPES.ed25519)
  const files = new Map<string, Uint8Array>([['key', Buffer.from(`${formatVerifierKey(verifier)}\n`)]])
  let edge = EMPTY_EDGE
  for (let from = 0; from < size; from += 256) {
    const entries = Array.from({ length: Math.min(256, size - from) }, (_, i) => {
      const entry = Buffer.alloc(32)
      entry.writeUInt32BE(from + i)
      return entry
    })
    const grown = append(
      edge,
      entries.map((entry) => leafHash(entry, sha256)),
      sha256,
    )
    edge = grown.edge
    for (const { tile, bytes } of grown.tiles) files.set(tilePath(tile), bytes)
    files.set(tilePath({ level: 'entries', index: from / 256, width: entries.length }), encodeBundle(entries))
  }
  const checkpoint = { origin: 'bench.example/great', size, root: rootOf(edge, sha256), extensions: [] }
  files.set('checkpoint', Buffer.from(signCheckpoint(checkpoint, [signer])))
  return files
}

async function measureExport(size: number): Promise<void> {
  const files = greatLog(size)
  const server = createServer((request, answer) => {
    const bytes = files.get((request.url ?? '/').slice(1))
    answer.statusCode = bytes === undefined ? 404 : 200
    answer.end(bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const folder = join(options.data, 'export')
  await rm(folder, { recursive: true, force: true })
  const doverie = (...args: readonly string[]): Promise<unknown> =>
    run(process.execPath, ['--disable-warning=ExperimentalWarning', PROGRAM, 'ledger', ...args])
  const exported = await seconds(() => doverie('export', folder, '--url', `http://127.0.0.1:${port}/`))
  say(`export of ${size} entries: ${exported.toFixed(1)} s`)
  say(`verification of ${size} entries from files: ${(await seconds(() => doverie('verify', folder))).toFixed(1)} s`)
  server.close()
  await rm(folder, { recursive: true, force: true })
}

async function main(): Promise<void> {
  const installation = await openBench(options.data)
  try {
    const { subjects, token } = await seed(installation, options.data, Number(options.people), POLICY)
    const vault = await openOffline(installation, POLICY, 'bench.example/log')
    try {
      const caller = await authenticateCredential(vault, token)
      if (caller === null) throw new Error('the credential of the bench is not known')
      await measureEntries(installation.dataUrl, vault, caller, subjects)
      await measureProofs(vault, subjects[0] ?? '')
    } finally {
      await vault.close()
    }
  } finally {
    await installation.close()
  }
  await measureExport(Number(options.export))
}

await main()

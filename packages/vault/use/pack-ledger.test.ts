import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyLog, verifyLog } from '@doverie/core/log'
import type { Decision } from '@doverie/core/policy'
import { batchOf, makeEntry } from '../guard/entry.ts'
import { RefKey } from '../guard/ref-key.ts'
import type { Vault } from '../guard/vault.ts'
import { appendBatch } from '../store/ledger.ts'
import { FOLD } from '../store/ledger-history.ts'
import { asSubject } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { seeOwn, someone } from '../testing/people.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { packLedger } from './pack-ledger.ts'
import { countClauses } from './policy-matrix.ts'
import { type HistoryEntry, proveEntry, readHistory } from './read-history.ts'
import { pruneLedger } from './prune-ledger.ts'
import { ledgerKey, readCheckpoint, readPublic, readTile, verifyLedger } from './read-ledger.ts'

const PERMIT: Decision = {
  effect: 'permit',
  clauses: ['2.2.1'],
  causes: [],
  policy: 'netrack@0.0.0',
} as unknown as Decision
const PER_BATCH = 64

let test: TestVault
let vault: Vault
let subject: string
let history: readonly HistoryEntry[]
let proof: string
/** A checkpoint of before most entries. */
let before: string

/** Entries about many people, every hundredth about one of them, as batches of reads would have left them. */
async function fill(howMany: number): Promise<void> {
  const { kRef: own } = await vault.people.get(subject, vault.now())
  const others = Array.from({ length: 50 }, () => new RefKey(vault.random(32)))
  const content = { act: 'open', operation: 'extract', caller: null, purpose: 'billing', decision: PERMIT } as const
  for (let from = 0; from < howMany; from += PER_BATCH) {
    const entries = Array.from({ length: PER_BATCH }, (_, i) => {
      const whose = (from + i) % 100 === 0 ? own : (others[(from + i) % others.length] ?? own)
      return makeEntry(content, vault.newId(), whose, vault.random(32), vault.now())
    })
    await appendBatch(vault.data, batchOf(vault.newId(), entries), vault.now())
  }
}

async function integrateAll(): Promise<number> {
  for (;;) {
    const { size, more } = await integrateLedger(vault)
    if (!more) return size
  }
}

const later = (): number => vault.now() + 1

beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
  ;({ subject } = await someone(vault))
  await seeOwn(vault, subject, ['email'])
  await integrateAll()
  before = (await readCheckpoint(vault)) ?? ''
  await fill(FOLD + 4_000)
  await integrateAll()
  history = await readHistory(vault, asSubject(subject))
  proof = await proveEntry(vault, asSubject(subject), history[3]?.place ?? 0)
}, 120_000)
afterAll(() => test.close())

const counts = async (): Promise<Record<string, number>> => {
  const { rows } = await vault.data.query<Record<string, number>>(
    `SELECT (SELECT count(*)::int FROM ledger_batch WHERE NOT packed) AS loose, (SELECT count(*)::int FROM ledger_batch WHERE packed) AS packs,
            (SELECT count(*)::int FROM ledger_history) AS rows, (SELECT count(*)::int FROM ledger_fold) AS folds`,
  )
  return rows[0] ?? {}
}

describe('packing', () => {
  it('leaves alone what is younger than it is told', async () => {
    const { rows } = await vault.data.query<{ at: Date }>('SELECT min(at) AS at FROM ledger_batch')
    expect(await packLedger(vault, rows[0]?.at.getTime() ?? 0)).toBe(false)
    expect(await counts()).toMatchObject({ packs: 0, folds: 0 })
  })

  it('rewrites no evidence: an entry that is not what was committed to stops it, and nothing changes', async () => {
    const flip = `UPDATE ledger_batch SET bodies = set_byte(bodies, 60, get_byte(bodies, 60) # 1) WHERE first_index = (SELECT min(first_index) FROM ledger_batch WHERE first_index > 100)`
    await vault.data.query(flip)
    const before = await counts()
    await faultOf(packLedger(vault, later()), 'ledger-inconsistent')
    expect(await counts()).toEqual(before)
    await vault.data.query(flip)
  })

  it('of two servers is done by one at a time, while clauses are counted and people read, and each entry stays what it was', async () => {
    const second = await test.second()
    const pack = async (by: Vault): Promise<void> => {
      for (let i = 0; i < 90; i++) await packLedger(by, later())
    }
    const count = async (): Promise<void> => {
      while (await countClauses(vault));
    }
    const read = async (): Promise<void> => {
      for (let i = 0; i < 3; i++) expect(await readHistory(vault, asSubject(subject))).toEqual(history)
    }
    await Promise.all([pack(vault), pack(second), count(), read()])
    while (await packLedger(vault, later()));
    const { packs, folds, rows, loose } = await counts()
    expect(packs).toBeGreaterThan(60)
    expect(folds).toBe(1)
    expect(rows).toBeLessThan(8_000)
    expect(loose).toBeLessThan(1024 / 4)
    const { rows: counted } = await vault.data.query<{ n: number }>(
      `SELECT sum(entries)::int AS n FROM clause_count WHERE clause = '2.2.1' AND policy = 'netrack@0.0.0'`,
    )
    expect(counted[0]?.n).toBeGreaterThanOrEqual(FOLD + 4_000)
  }, 60_000)

  it('changes nothing of what a person reads, of a proof, or of a tile', async () => {
    expect(await readHistory(vault, asSubject(subject))).toEqual(history)
    expect(history.length).toBeGreaterThan(650)
    expect(await proveEntry(vault, asSubject(subject), history[3]?.place ?? 0)).toBe(proof)
    expect((await readTile(vault, 'tile/entries/003'))?.length).toBe(256 * 34)
    const other = history.map(({ place }) => place)
    await faultOf(proveEntry(vault, asSubject(subject), (other[5] ?? 0) + 1), 'not-found')
  })

  it('leaves a ledger that verifies, goes on, and takes less than 200 bytes an entry', async () => {
    await fill(128)
    const size = await integrateAll()
    expect(await verifyLedger(vault)).toMatchObject({ ok: true, size })
    await vault.data.query('VACUUM FULL ledger_batch; ')
    await vault.data.query('VACUUM FULL ledger_history')
    const { rows } = await vault.data.query<{ bytes: string }>(
      `SELECT sum(pg_total_relation_size(c.oid)) AS bytes FROM pg_class c
       WHERE relname IN ('ledger_batch', 'ledger_history', 'ledger_history_page', 'ledger_fold', 'ledger_tile')`,
    )
    expect(Number(rows[0]?.bytes) / size).toBeLessThan(200)
  })
})

const PAGE = `fold = 0 AND shard = (SELECT min(shard) FROM ledger_history_page)`
const faults: readonly (readonly [string, string])[] = [
  ['a page gone', `DELETE FROM ledger_history_page WHERE ${PAGE}`],
  [
    'a flipped bit of a bucket',
    `UPDATE ledger_history_page SET marks = set_byte(marks, 23, get_byte(marks, 23) # 1) WHERE ${PAGE}`,
  ],
  [
    'a place exchanged for another',
    `UPDATE ledger_history_page SET marks = set_byte(marks, 28, get_byte(marks, 28) # 1) WHERE ${PAGE}`,
  ],
  ['a page under another number', `UPDATE ledger_history_page SET shard = 1000 WHERE ${PAGE}`],
  ['an entry listed once more', `UPDATE ledger_history_page SET marks = marks || substr(marks, 1, 10) WHERE ${PAGE}`],
  ['a row for what lies in a page', `INSERT INTO ledger_history SELECT sha256('x'), 17`],
]

describe('the verification of a packed ledger', () => {
  beforeAll(async () => {
    await vault.data.query('CREATE TABLE page_kept AS SELECT * FROM ledger_history_page')
  })

  it.each(faults)('finds %s', async (_, sql) => {
    await vault.data.query(sql)
    try {
      expect(await verifyLedger(vault)).toMatchObject({ ok: false, fault: { kind: 'history' } })
    } finally {
      await vault.data.query(`TRUNCATE ledger_history_page; INSERT INTO ledger_history_page SELECT * FROM page_kept;
        DELETE FROM ledger_history WHERE place < ${FOLD}`)
    }
  })

  it('finds a flipped bit of a pack, and says from which entry on', async () => {
    const flip = `UPDATE ledger_batch SET bodies = set_byte(bodies, length(bodies) - 900, get_byte(bodies, length(bodies) - 900) # 1)
      WHERE first_index = (SELECT first_index FROM ledger_batch WHERE packed ORDER BY first_index OFFSET 9 LIMIT 1) RETURNING first_index AS first, entries`
    const { rows } = await vault.data.query<{ first: string; entries: number }>(flip)
    const report = await verifyLedger(vault)
    expect(report).toMatchObject({ ok: false, fault: { kind: 'private-entry' } })
    const from = report.ok ? -1 : report.fault.from
    expect(from).toBeGreaterThanOrEqual(Number(rows[0]?.first))
    expect(from).toBeLessThan(Number(rows[0]?.first) + (rows[0]?.entries ?? 0))
    await vault.data.query(flip)
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
  })
})

describe('pruning', () => {
  it('lets go of whole folds that are old enough; what is kept verifies, is found and proves as before', async () => {
    const size = await integrateAll()
    expect(await pruneLedger(vault, 1)).toBe(0)
    const old = await readTile(vault, 'tile/entries/003')
    expect(old).not.toBeNull()
    const own = await readHistory(vault, asSubject(subject))
    const [kept, pruned] = [own.filter(({ place }) => place >= FOLD), own.filter(({ place }) => place < FOLD)]
    expect(pruned.length).toBeGreaterThan(600)
    const receipt = await proveEntry(vault, asSubject(subject), kept[2]?.place ?? 0)
    const early = (await readCheckpoint(vault)) ?? ''

    expect(await pruneLedger(vault, later())).toBe(FOLD)

    expect(await verifyLedger(vault, undefined, [early])).toMatchObject({ ok: true, size, since: FOLD, uncompared: 0 })
    expect(await readHistory(vault, asSubject(subject))).toEqual(kept)
    expect(await proveEntry(vault, asSubject(subject), kept[2]?.place ?? 0)).toBe(receipt)
    await faultOf(proveEntry(vault, asSubject(subject), pruned[0]?.place ?? 0), 'not-found')
    expect(await readTile(vault, 'tile/entries/003')).toBeNull()
    expect(await readTile(vault, 'tile/entries/003.p/10')).toBeNull()
    expect(await readTile(vault, 'tile/0/003')).toBeNull()
    expect(await readTile(vault, 'tile/1/000')).toBeNull()
    expect((await ledgerBodies(vault)).filter(({ act }) => act === 'prune-ledger')).toHaveLength(1)

    // It goes on: more entries, another pack, and again nothing that verifies wrongly.
    await fill(2_048)
    const grown = await integrateAll()
    while (await packLedger(vault, later()));
    expect(await verifyLedger(vault)).toMatchObject({ ok: true, size: grown, since: FOLD })
  })

  it('leaves a log that copies to files and verifies there, and that no wrong beginning passes for', async () => {
    const files = new Map<string, Uint8Array>()
    const write = (path: string, bytes: Uint8Array): Promise<void> => Promise.resolve(void files.set(path, bytes))
    const read = (path: string): Promise<Uint8Array | null> => Promise.resolve(files.get(path) ?? null)
    const seal = (checkpoint: Uint8Array): Promise<void> => write('checkpoint', checkpoint)
    await copyLog((path) => readPublic(vault, path), { read, write, seal }, ledgerKey(vault))
    expect(await verifyLog(read, ledgerKey(vault))).toMatchObject({ ok: false, fault: { path: 'minimum', to: FOLD } })
    const since = 2 * FOLD
    expect(await verifyLog(read, ledgerKey(vault), { since })).toMatchObject({ ok: true, since: FOLD })
    for (const wrong of ['256', String(FOLD + 256), '17', 'x', '-1', '99999999999']) {
      files.set('minimum', Buffer.from(wrong))
      expect(await verifyLog(read, ledgerKey(vault), { since }), wrong).toMatchObject({
        ok: wrong === String(FOLD + 256),
      })
    }
    files.set('minimum', Buffer.from(String(FOLD)))
    const [path = '', tile = Buffer.alloc(0)] = [...files].find(([name]) => name.startsWith('tile/2/')) ?? []
    files.set(path, Buffer.from(tile).fill(1, 0, 1))
    expect(await verifyLog(read, ledgerKey(vault), { since })).toMatchObject({ ok: false })
  })

  it('is believed for what an entry of the ledger says, and for nothing that a row says', async () => {
    await vault.data.query('UPDATE ledger_minimum SET place = place + 256')
    expect(await verifyLedger(vault)).toMatchObject({ ok: false, fault: { kind: 'missing', path: 'minimum' } })
    await vault.data.query('UPDATE ledger_minimum SET place = place - 256')
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
  })

  it('refuses a checkpoint of before it as a comparison, and says so', async () => {
    expect(await verifyLedger(vault, undefined, [before])).toMatchObject({ ok: true, uncompared: 1 })
  })
})

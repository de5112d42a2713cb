import { hash } from 'node:crypto'
import { commitment, openProofFile, parseProofFile, parseVerifierKey } from '@doverie/core/log'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bucketsOf } from '../testing/buckets.ts'
import { asService, asStaff, asSubject } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { contents } from '../testing/observed.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { see, seeOwn, someone } from '../testing/people.ts'
import type { Vault } from '../guard/vault.ts'
import { blockPerson } from './block-person.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { proveEntry, readHistory } from './read-history.ts'
import { ledgerKey, readCheckpoint, readTile, verifyLedger } from './read-ledger.ts'

let test: TestVault
let vault: Vault
beforeEach(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterEach(() => test.close())

const sha256 = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer')

/** Makes entries: people who read their own. */
async function live(howMany: number): Promise<readonly string[]> {
  const subjects: string[] = []
  for (let i = 0; i < howMany; i++) subjects.push((await someone(vault)).subject)
  await Promise.all(subjects.flatMap((subject) => Array.from({ length: 5 }, () => seeOwn(vault, subject, ['email']))))
  return subjects
}

async function integrateAll(by: Vault = vault): Promise<number> {
  for (;;) {
    const { size, more } = await integrateLedger(by)
    if (!more) return size
  }
}

describe('the integrator', () => {
  it('in several servers at the same time gives one consistent tree, each entry one place', async () => {
    const others = [await test.second(), await test.second()]
    const work = live(20)
    const rounds = [vault, ...others].map(async (by) => {
      for (let i = 0; i < 30; i++) await integrateLedger(by)
    })
    await Promise.all([work, ...rounds])
    const size = await integrateAll(others[0])
    const entries = await ledgerBodies(vault)
    expect(size).toBe(entries.length)
    expect(new Set(entries.map(({ id }) => id)).size).toBe(size)
    expect(await verifyLedger(vault)).toMatchObject({ ok: true, size })
    const { rows } = await vault.data.query<{ first_index: string; entries: number }>(
      'SELECT first_index, entries FROM ledger_batch ORDER BY first_index',
    )
    let next = 0
    for (const row of rows) {
      expect(Number(row.first_index)).toBe(next)
      next += row.entries
    }
  })

  it('continues earlier trees: each checkpoint’s tree is a prefix of the next', async () => {
    await live(3)
    await integrateAll()
    const earlier = await readCheckpoint(vault)
    await live(3)
    await integrateAll()
    const [older] = /\n(\d+)\n/.exec(earlier ?? '')?.slice(1) ?? []
    expect(Number(older)).toBeGreaterThan(10)
    expect(await readCheckpoint(vault)).not.toBe(earlier)
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
  })

  it('killed in the middle leaves nothing of the step, and the next one does it whole', async () => {
    await live(4)
    const before = await contents(vault.data)
    await vault.data.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER refuse BEFORE UPDATE ON ledger_state FOR EACH ROW EXECUTE FUNCTION refuse()`)
    await faultOf(integrateLedger(vault), 'storage-unavailable')
    await vault.data.query('DROP TRIGGER refuse ON ledger_state; DROP FUNCTION refuse')
    expect(await contents(vault.data)).toEqual(before)
    expect((await contents(vault.keys))['head']).toEqual([])
    const size = await integrateAll()
    expect(await verifyLedger(vault)).toMatchObject({ ok: true, size })
  })

  it('stops where the stored tree is not one it knows, and signs nothing', async () => {
    await live(2)
    await integrateAll()
    await vault.data.query(
      'UPDATE ledger_tile SET hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1) WHERE level = 0',
    )
    await live(1)
    const before = await readCheckpoint(vault)
    await faultOf(integrateLedger(vault), 'ledger-inconsistent')
    expect(await readCheckpoint(vault)).toBe(before)
  })

  it('stops where a waiting batch has lost a leaf or a body', async () => {
    await live(1)
    await integrateAll()
    await live(1)
    await vault.data.query(
      'UPDATE ledger_batch SET leaves = substr(leaves, 1, length(leaves) - 1) WHERE first_index IS NULL',
    )
    await faultOf(integrateLedger(vault), 'ledger-inconsistent')
  })
})

const FLIP = (column: string, at: string): string =>
  `${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`
const MIDDLE = `batch_id = (SELECT batch_id FROM ledger_batch ORDER BY first_index OFFSET 7 LIMIT 1)`
const tamperings: readonly (readonly [
  string,
  string,
  'entry' | 'private-entry' | 'tile' | 'root' | 'missing' | 'checkpoint',
])[] = [
  ['a byte of a body', `UPDATE ledger_batch SET ${FLIP('bodies', '80')} WHERE ${MIDDLE}`, 'private-entry'],
  ['a byte of a salt', `UPDATE ledger_batch SET ${FLIP('bodies', '20')} WHERE ${MIDDLE}`, 'private-entry'],
  ['a byte of a leaf', `UPDATE ledger_batch SET ${FLIP('leaves', '3')} WHERE ${MIDDLE}`, 'private-entry'],
  ['a body cut off', `UPDATE ledger_batch SET bodies = substr(bodies, 1, 60) WHERE ${MIDDLE}`, 'private-entry'],
  ['a byte of a hash in a tile', `UPDATE ledger_tile SET ${FLIP('hashes', '70')} WHERE level = 0`, 'entry'],
  ['a tile gone', 'DELETE FROM ledger_tile WHERE level = 0', 'missing'],
  [
    'a byte of the checkpoint',
    `UPDATE ledger_state SET checkpoint = replace(checkpoint, substr(checkpoint, 25, 4), 'AAAA')`,
    'checkpoint',
  ],
]

describe('the verification of the ledger', () => {
  it.each(tamperings)('finds and names %s', async (_, sql, kind) => {
    await live(6)
    await integrateAll()
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
    expect((await vault.data.query(sql)).rowCount).toBeGreaterThan(0)
    const report = await verifyLedger(vault)
    expect(report).toMatchObject({ ok: false, fault: { kind } })
    if (report.ok || !['entry', 'private-entry'].includes(kind)) return
    expect(report.fault.to - report.fault.from).toBeGreaterThan(0)
  })

  it('finds a deleted batch, and names its first entry', async () => {
    await live(6)
    await integrateAll()
    const { rows } = await vault.data.query<{ first: string }>(
      `DELETE FROM ledger_batch WHERE ${MIDDLE} RETURNING first_index AS first`,
    )
    const report = await verifyLedger(vault)
    expect(report).toMatchObject({ ok: false, fault: { from: Number(rows[0]?.first) } })
  })

  it('finds two entries that changed places, with bodies and leaves', async () => {
    await live(6)
    await integrateAll()
    await vault.data.query(`
      UPDATE ledger_batch a SET leaves = b.leaves, bodies = b.bodies, entries = b.entries
      FROM ledger_batch b
      WHERE a.entries = 1 AND b.entries = 1 AND a.first_index IN (1, 2) AND b.first_index IN (1, 2) AND a.first_index <> b.first_index`)
    expect(await verifyLedger(vault)).toMatchObject({ ok: false, fault: { from: 1 } })
  })

  it('finds a consistent rewriting of batches and tiles by somebody without the signing key', async () => {
    await live(3)
    await integrateAll()
    await vault.data.query(`UPDATE ledger_state SET root = set_byte(root, 0, get_byte(root, 0) # 1)`)
    await live(1)
    await faultOf(integrateLedger(vault), 'ledger-inconsistent')
  })

  it('finds a truncation to an earlier, rightly signed tree', async () => {
    await live(3)
    await integrateAll()
    const early = await contentsOf('ledger_state')
    const { rows } = await vault.data.query<{ size: string }>('SELECT size FROM ledger_state')
    await live(3)
    await integrateAll()
    await vault.data.query('DELETE FROM ledger_batch WHERE first_index >= $1', [rows[0]?.size])
    await restoreState(early)
    expect(await verifyLedger(vault)).toMatchObject({ ok: false, fault: { kind: 'earlier-checkpoint' } })
  })
})

describe('a fork that the ledger’s own key signed', () => {
  it('verifies by itself, and is contradicted by a checkpoint that anybody kept', async () => {
    await live(2)
    await integrateAll()
    const early = await contentsOf('ledger_state')
    await vault.data.query('CREATE TABLE kept_tile AS SELECT * FROM ledger_tile')
    await live(1)
    await integrateAll()
    const kept = (await readCheckpoint(vault)) ?? ''
    // Both databases brought back to an old state, and something else built upon it.
    await vault.data.query(`DELETE FROM ledger_batch WHERE first_index >= ${String(early['size'])}`)
    await vault.data.query(`DELETE FROM ledger_history WHERE place >= ${String(early['size'])}`)
    await vault.data.query(
      'DELETE FROM ledger_tile; INSERT INTO ledger_tile SELECT * FROM kept_tile; DROP TABLE kept_tile',
    )
    await restoreState(early)
    await vault.keys.query('UPDATE head SET size = $1, checkpoint = $2', [early['size'], early['checkpoint']])
    await live(3)
    await integrateAll()
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
    expect(await verifyLedger(vault, undefined, [String(early['checkpoint']), kept])).toMatchObject({
      ok: false,
      fault: { kind: 'earlier-checkpoint' },
    })
  })
})

async function contentsOf(table: string): Promise<Record<string, unknown>> {
  return (await vault.data.query<Record<string, unknown>>(`SELECT * FROM ${table}`)).rows[0] ?? {}
}

async function restoreState(state: Readonly<Record<string, unknown>>): Promise<void> {
  await vault.data.query('UPDATE ledger_state SET size = $1, root = $2, checkpoint = $3', [
    state['size'],
    state['root'],
    state['checkpoint'],
  ])
}

describe('data older than the key store has seen', () => {
  it('open no vault, and are not built upon by one that is open', async () => {
    await live(2)
    await integrateAll()
    const early = await contentsOf('ledger_state')
    await live(2)
    const size = await integrateAll()
    await vault.data.query('UPDATE ledger_batch SET first_index = NULL WHERE first_index >= $1', [early['size']])
    await restoreState(early)
    await faultOf(test.second(), 'restore-pending')
    await faultOf(integrateLedger(vault), 'restore-pending')
    expect((await contentsOf('ledger_state'))['size']).toBe(early['size'])
    const { rows } = await vault.keys.query<{ size: string }>('SELECT size FROM head')
    expect(Number(rows[0]?.size)).toBe(size)
  })

  it('are noticed, too, where the tree was emptied altogether', async () => {
    await live(1)
    await integrateAll()
    await vault.data.query('DELETE FROM ledger_state')
    await faultOf(test.second(), 'restore-pending')
    await faultOf(integrateLedger(vault), 'restore-pending')
  })
})

describe('a person’s history', () => {
  it('is all that was done with their data, and nothing of anybody else', async () => {
    const [anna, boris] = [await someone(vault), await someone(vault)]
    const site = await asService(vault, 'site', ['identification', 'marketing'])
    await see(vault, site, anna.subject, 'identification', ['email'])
    await see(vault, site, anna.subject, 'marketing', ['email'])
    await see(vault, site, boris.subject, 'identification', ['phone'])
    await seeOwn(vault, anna.subject, ['email'])
    await blockPerson(vault, asStaff('dpo'), { subject: boris.subject, entity: 'start', reason: 'unlawful' })
    await integrateAll()
    const acts = async (subject: string): Promise<readonly string[]> =>
      (await readHistory(vault, asSubject(subject))).map(({ body }) => {
        const { act, effect } = JSON.parse(body) as { act: string; effect: string }
        return `${act}:${effect}`
      })
    expect(await acts(anna.subject)).toEqual(['collect:permit', 'open:permit', 'open:refuse', 'open:permit'])
    expect(await acts(boris.subject)).toEqual(['collect:permit', 'open:permit', 'block:permit'])
    const all = await ledgerBodies(vault)
    const own = await bucketsOf(vault, anna.subject)
    expect(all.filter(({ bucket }) => own.has(bucket))).toHaveLength(4)
    await faultOf(readHistory(vault, asSubject(vault.newId())), 'not-found')
  })

  it('names neither the person nor a value of theirs in any body', async () => {
    const anna = await someone(vault, { values: { surname: canary('Уникумова') } })
    await seeOwn(vault, anna.subject, ['email', 'surname'])
    await integrateAll()
    for (const { text } of await ledgerBodies(vault)) {
      for (const form of [anna.subject, anna.email, anna.phone, 'Уникумова']) expect(text).not.toContain(form)
    }
  })

  it('comes with proofs that open with the public key alone, each for its own entry only', async () => {
    const { subject } = await someone(vault)
    for (let i = 0; i < 5; i++) await seeOwn(vault, subject, ['email'])
    await live(3)
    await integrateAll()
    const key = parseVerifierKey(ledgerKey(vault))
    const history = await readHistory(vault, asSubject(subject))
    expect(history).toHaveLength(6)
    for (const { place, leaf, salt, body } of history) {
      const own = commitment(Buffer.from(salt, 'hex'), body, sha256)
      expect(Buffer.from(own).toString('hex')).toBe(leaf)
      const proof = parseProofFile(await proveEntry(vault, asSubject(subject), place))
      expect(proof.index).toBe(place)
      expect(openProofFile(proof, own, key.name, [key]).size).toBeGreaterThan(place)
      const forged = commitment(Buffer.from(salt, 'hex'), body.replace('permit', 'refuse'), sha256)
      expect(() => openProofFile(proof, forged, key.name, [key])).toThrow()
    }
  })

  it('gives no proof of an entry that is not theirs', async () => {
    const [anna, boris] = [await someone(vault), await someone(vault)]
    await integrateAll()
    const [entry] = await readHistory(vault, asSubject(boris.subject))
    for (const place of [entry?.place ?? -1, 10_000, -1, 0.5]) {
      await faultOf(proveEntry(vault, asSubject(anna.subject), place), 'not-found')
    }
  })

  it('reaches over days, each under a bucket of its own', async () => {
    const { subject } = await someone(vault)
    for (let day = 0; day < 4; day++) {
      await seeOwn(vault, subject, ['email'])
      test.pass(86_400_000)
    }
    await integrateAll()
    expect(await readHistory(vault, asSubject(subject))).toHaveLength(5)
    const since = test.now() - 2 * 86_400_000 - 3_600_000
    expect((await readHistory(vault, asSubject(subject), { from: since })).length).toBeLessThan(5)
    const own = await bucketsOf(vault, subject, 6)
    const buckets = (await ledgerBodies(vault)).map(({ bucket }) => bucket).filter((bucket) => own.has(bucket))
    expect(new Set(buckets).size).toBe(4)
  })

  it('ties no two entries to each other by their public leaf or by ref', async () => {
    const { subject } = await someone(vault)
    for (let i = 0; i < 5; i++) await seeOwn(vault, subject, ['email'])
    const own = await bucketsOf(vault, subject)
    const refs = (await ledgerBodies(vault)).filter(({ bucket }) => own.has(bucket)).map(({ ref }) => ref)
    expect(new Set(refs).size).toBe(6)
  })
})

describe('a public tile', () => {
  it('is served up to the published width, and nothing beyond it or beside it', async () => {
    await live(2)
    const size = await integrateAll()
    const partial = (width: number): Promise<Uint8Array | null> => readTile(vault, `tile/0/000.p/${width}`)
    expect((await partial(size))?.length).toBe(size * 32)
    expect((await partial(1))?.length).toBe(32)
    expect(await partial(size + 1)).toBeNull()
    for (const path of [
      'tile/0/000',
      'tile/0/001',
      'tile/1/000',
      'tile/entries/000',
      '../secret',
      'tile/0/000.p/0',
      '',
    ]) {
      expect([path, await readTile(vault, path)]).toEqual([path, null])
    }
  })
})

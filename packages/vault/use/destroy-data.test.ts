import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bucketsOf } from '../testing/buckets.ts'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { everything } from '../testing/observed.ts'
import { openTestVault, order, registration, submit, type TestVault } from '../testing/open-test-vault.ts'
import { see, seeOwn, someone } from '../testing/people.ts'
import type { Vault } from '../guard/vault.ts'
import { appendJournal } from '../store/journal.ts'
import { sql as blurDestructions } from '../store/migrations/keys-003-blurred-destructions.ts'
import { listDestructions } from '../store/destructions.ts'
import { correctValues } from './correct-values.ts'
import { destroyAll, destroyData } from './destroy-data.ts'
import { endContract } from './end-contract.ts'
import { endDestructions } from './end-destructions.ts'
import { findPerson } from './find-person.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { verifyLedger } from './read-ledger.ts'
import { sweep } from './sweep.ts'
import { withdrawConsent } from './withdraw-consent.ts'

const dpo = asStaff('dpo')
const CONTACT = ['email', 'phone'] as const

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

const destroy = (subject: string, compartments: readonly string[] | null, by = vault): ReturnType<typeof destroyData> =>
  destroyData(by, dpo, { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments })

async function count(pool: Vault['data'], sql: string, ...values: readonly unknown[]): Promise<number> {
  const { rows } = await pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`, [...values])
  return Number(rows[0]?.n)
}

const stateOf = async (subject: string): Promise<unknown> =>
  (await vault.data.query<{ facts: unknown }>('SELECT facts FROM subject WHERE subject_id = $1', [subject])).rows[0]
    ?.facts

describe('a destroyed person', () => {
  it('has no keys, no tags, no records, no events, no letters and no sign-ins in either database', async () => {
    const { subject } = await someone(vault, { consents: [] })
    expect(await count(vault.keys, 'key WHERE subject_id = $1', subject)).toBeGreaterThan(2)
    // Mailbox and phone, alone; surname, given name and phone, together.
    expect(await count(vault.keys, 'tag WHERE subject_id = $1', subject)).toBe(5)
    expect(await destroy(subject, null)).toMatchObject({ person: true, kept: [] })
    for (const table of ['key', 'tag'])
      expect(await count(vault.keys, `${table} WHERE subject_id = $1`, subject)).toBe(0)
    for (const table of ['record', 'event'])
      expect(await count(vault.data, `${table} WHERE subject_id = $1`, subject)).toBe(0)
    for (const table of ['session', 'sign_in', 'outbox']) {
      expect(await count(vault.data, `${table} WHERE holder_id = $1`, subject)).toBe(0)
    }
    expect(await stateOf(subject)).toMatchObject({ state: 'destroyed', held: [], contracts: [], consents: [] })
  })

  it('is not destroyed twice, and looks like nobody to whoever tries', async () => {
    const { subject } = await someone(vault)
    await destroy(subject, null)
    const before = await everything(vault)
    const again = await destroy(subject, null)
    const never = await destroy(vault.newId(), null)
    expect(again.decision).toEqual(never.decision)
    expect(again.decision.effect).toBe('refuse')
    const after = await everything(vault)
    expect({ ...after, ledger_batch: null }).toEqual({ ...before, ledger_batch: null })
  })

  it('cannot be corrected, submitted to or found again', async () => {
    const { subject, email } = await someone(vault, { confirmed: true })
    const find = { kind: 'email', value: email, purpose: 'rights', entity: 'start', ticket: SUPPORT_TICKET } as const
    expect(await findPerson(vault, dpo, find)).toMatchObject({ subjects: [subject] })
    await destroy(subject, null)
    expect(await findPerson(vault, dpo, find)).toMatchObject({ subjects: [] })
    const corrected = await correctValues(vault, asSubject(subject), {
      subject,
      entity: 'start',
      values: { surname: 'Иная' },
    })
    expect(corrected.decision.effect).toBe('refuse')
    expect((await submit(vault, 'order-dedicated-server', order(), { subject })).decision.effect).toBe('refuse')
    expect(await count(vault.keys, 'key WHERE subject_id = $1', subject)).toBe(0)
  })

  it('leaves nothing by which an entry of the ledger can be told to have been theirs', async () => {
    const made = await someone(vault, { consents: ['marketing'], confirmed: true })
    const { subject, contract } = made
    const site = await asService(vault, 'site', ['identification'])
    await see(vault, site, subject, 'identification', ['email'])
    await withdrawConsent(vault, asSubject(subject), {
      subject,
      entity: 'start',
      purpose: 'marketing',
      allEntities: true,
    })
    await endContract(vault, asSubject(subject), { subject, entity: 'start', contract })
    const refs = await bucketsOf(vault, subject)
    const own = (await ledgerBodies(vault)).filter(({ bucket }) => refs.has(bucket))
    expect(own.map(({ act }) => act)).toEqual(['collect', 'confirm', 'open', 'withdraw', 'end-contract'])
    // The evidence of the consent is kept by law for its term; after it, nothing is.
    test.pass(4 * 366 * 86_400_000)
    expect(await destroy(subject, null)).toMatchObject({ person: true })
    const left = Object.entries(await everything(vault)).flatMap(([table, rows]) =>
      ['ledger_batch', 'ledger_history'].includes(table) ? [] : rows.map((row) => ({ table, row })),
    )
    const ties = (form: string): readonly string[] =>
      left.filter(({ row }) => row.includes(form)).map(({ table }) => table)
    for (const { id, ref, bucket, at } of own) {
      for (const form of [id, ref, bucket]) expect(ties(form)).toEqual([])
      const moment = new Date(at).toISOString().slice(0, 23).replace('T', ' ').replace(/0+$/, '')
      expect(
        left.filter(({ row }) => row.includes(subject) && (row.includes(String(at)) || row.includes(moment))),
      ).toEqual([])
    }
    expect(ties(contract)).toEqual([])
    expect([...new Set(ties(subject))].sort()).toEqual(['keys.destruction', 'keys.journal', 'subject'])
    await integrateLedger(vault)
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
  })

  it('shares no moment with any entry of the ledger but those of the destruction itself, which have the reference of nobody', async () => {
    const { subject } = await someone(vault, { confirmed: true })
    await submit(vault, 'registration', registration({ surname: 'Иная' }), { subject })
    expect(await count(vault.data, 'conflict WHERE subject_id = $1', subject)).toBe(1)
    const [refs, before] = [await bucketsOf(vault, subject), (await ledgerBodies(vault)).length]
    expect(await destroy(subject, null)).toMatchObject({ person: true })
    const entries = await ledgerBodies(vault)
    const last = entries.slice(before).map(({ act, bucket }) => [act, refs.has(bucket)])
    expect(last.sort()).toEqual([
      ['destroy-person', false],
      ['destroyed', false],
      // Of what was set aside against them.
      ['destroyed', false],
    ])
    const left = Object.values(await everything(vault)).flat()
    const theirs = left.filter((row) => row.includes(subject)).join('\n')
    for (const { at } of entries.slice(0, before)) {
      expect(theirs).not.toContain(String(at))
      expect(theirs).not.toContain(new Date(at).toISOString().slice(0, 23).replace('T', ' ').replace(/0+$/, ''))
    }
  })

  it('is told by the journal in one line: the day’s end, and no compartments; what is said late is swept', async () => {
    const { subject } = await someone(vault)
    await destroy(subject, null)
    const day = 86_400_000
    const said = { at: new Date(Math.ceil(test.now() / day) * day), kind: 'destruction-done' }
    const journal = async (): Promise<unknown> =>
      (await vault.keys.query('SELECT at, kind, detail FROM journal WHERE holder_id = $1', [subject])).rows
    const line = { ...said, detail: { kind: 'destruction-done', compartments: [], person: true } }
    expect(await journal()).toEqual([line])
    const late = { kind: 'blocked' as const, holder: subject, detail: {}, version: 9, place: 0 }
    await appendJournal(vault.keys, { id: vault.newId(), at: test.now(), ...late })
    await sweep(vault)
    expect(await journal()).toEqual([line])
  })

  it('that a former version journalled to the moment is blurred when the key store is brought up to date', async () => {
    const [whole, part] = [vault.newId(), vault.newId()]
    const at = Date.UTC(2026, 2, 28, 23, 59, 59, 999)
    for (const [holder, person] of [[whole, true] as const, [part, false] as const]) {
      const detail = { kind: 'destruction-done', compartments: ['contact'], person }
      const entry = {
        id: vault.newId(),
        at,
        kind: 'destruction-done' as const,
        holder,
        detail,
        version: null,
        place: 0,
      }
      await appendJournal(vault.keys, entry)
    }
    await vault.keys.query(blurDestructions)
    const { rows } = await vault.keys.query<{ at: Date; detail: unknown }>(
      'SELECT at, detail FROM journal WHERE holder_id = ANY($1) ORDER BY at DESC',
      [[whole, part]],
    )
    expect(rows).toEqual([
      {
        at: new Date(Date.UTC(2026, 2, 29)),
        detail: { kind: 'destruction-done', compartments: [], person: true },
      },
      { at: new Date(at), detail: { kind: 'destruction-done', compartments: ['contact'], person: false } },
    ])
    // Of people whom the data do not know a journal shows that the data are older.
    await vault.keys.query('DELETE FROM journal WHERE holder_id = ANY($1)', [[whole, part]])
  })
})

describe('the register of destructions', () => {
  it('has one line for each: what went, why, by which entry, and the epoch whose end makes it final', async () => {
    const { subject } = await someone(vault)
    await destroy(subject, ['contact'])
    await destroy(subject, null)
    const acts = await listDestructions(vault.keys, { subject, before: null, limit: 10 })
    const entries = new Map((await ledgerBodies(vault)).map(({ id, act }) => [id, act]))
    expect(acts.map(({ entry, ...act }) => ({ ...act, entry: entries.get(entry ?? '') }))).toMatchObject([
      { person: true, purpose: 'legal', entry: 'destroy-person', epoch: 1, kms: 'file', rootDestroyedAt: null },
      { person: false, compartments: ['contact'], purpose: 'legal', entry: 'destroy', epoch: 1 },
    ])
    for (const { begunAt, doneAt } of acts) expect(doneAt).toBeGreaterThanOrEqual(begunAt)
  })
})

describe('many destroyed together', () => {
  it('share the re-wrap of their cell, and everybody else in it opens', async () => {
    const before = await versions()
    const people = await Promise.all(Array.from({ length: 12 }, () => someone(vault)))
    const [going, staying] = [people.slice(0, 8), people.slice(8)]
    const requests = going.map(({ subject }) => ({
      subject,
      entity: 'start',
      ticket: SUPPORT_TICKET,
      compartments: null,
    }))
    const destroyed = await destroyAll(vault, dpo, requests)
    expect(destroyed.map(({ person }) => person)).toEqual(going.map(() => true))
    const after = await versions()
    const cells = new Set(
      (await vault.keys.query<{ cell_id: string }>('SELECT cell_id FROM cell')).rows.map((r) => r.cell_id),
    )
    for (const cell of cells) expect((after.get(cell) ?? 0) - (before.get(cell) ?? 1)).toBeLessThanOrEqual(1)
    const fresh = await test.second()
    for (const { subject, email } of staying) expect(await seeOwn(fresh, subject, ['email'])).toEqual({ email })
    expect(
      await count(
        vault.keys,
        'key WHERE subject_id = ANY($1)',
        going.map(({ subject }) => subject),
      ),
    ).toBe(0)
  })

  it('one by one at the same time wait for each other, and those that wait share the next re-wrap', async () => {
    const people = await Promise.all(Array.from({ length: 12 }, () => someone(vault)))
    const before = await versions()
    await Promise.all(people.slice(1).map(({ subject }) => destroy(subject, null)))
    const after = await versions()
    const rewraps = [...after].map(([cell, version]) => version - (before.get(cell) ?? version))
    expect(rewraps.reduce((a, b) => a + b, 0)).toBeLessThan(11)
    const [left] = people
    expect(await seeOwn(await test.second(), left?.subject ?? '', ['email'])).toEqual({ email: left?.email })
  })

  it('of whom one request is wrong begin nothing', async () => {
    const { subject, email } = await someone(vault)
    const good = { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null }
    await faultOf(destroyAll(vault, dpo, [good, { ...good, compartments: ['nonsense'] }]), 'invalid-request')
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
  })

  async function versions(): Promise<ReadonlyMap<string, number>> {
    const { rows } = await vault.keys.query<{ cell_id: string; version: number }>('SELECT cell_id, version FROM cell')
    return new Map(rows.map(({ cell_id, version }) => [cell_id, version]))
  }
})

describe('a destroyed compartment', () => {
  it('has no key and no bytes left, refuses every read, and leaves the others open', async () => {
    const { subject } = await someone(vault)
    expect(await destroy(subject, ['contact'])).toMatchObject({ destroyed: ['contact'], person: false })
    expect(await count(vault.keys, `key WHERE subject_id = $1 AND compartment = 'contact'`, subject)).toBe(0)
    expect(
      await count(vault.data, `record WHERE subject_id = $1 AND compartment = 'contact' AND sealed IS NULL`, subject),
    ).toBe(1)
    expect(await seeOwn(vault, subject, ['email'])).toBeNull()
    expect(await seeOwn(vault, subject, ['surname'])).toEqual({ surname: 'Петрова' })
  })

  it('cannot be searched by any more', async () => {
    const { subject, email } = await someone(vault, { confirmed: true })
    await destroy(subject, ['contact'])
    // What is left is of another compartment.
    const { rows } = await vault.keys.query('SELECT kind FROM tag WHERE subject_id = $1 ORDER BY kind', [subject])
    expect(rows).toEqual([{ kind: 'beside-surname given-name' }, { kind: 'by-surname' }])
    const find = { kind: 'email', value: email, purpose: 'rights', entity: 'start', ticket: SUPPORT_TICKET } as const
    expect(await findPerson(vault, dpo, find)).toMatchObject({ subjects: [] })
  })

  it('collected again gets another generation and key, and opens', async () => {
    const { subject } = await someone(vault)
    const { rows: before } = await vault.keys.query<{ key_id: string }>(
      `SELECT key_id FROM key WHERE subject_id = $1 AND compartment = 'contact'`,
      [subject],
    )
    for (const generation of [2, 3]) {
      await destroy(subject, ['contact'])
      const values = { email: `again${'x'.repeat(generation)}@example.org`, phone: '+79160000001' }
      const corrected = await correctValues(vault, asSubject(subject), { subject, entity: 'start', values })
      expect(corrected.decision.effect).toBe('permit')
      expect(await seeOwn(vault, subject, CONTACT)).toEqual(values)
      const { rows } = await vault.keys.query<{ generation: number; key_id: string }>(
        `SELECT generation, key_id FROM key WHERE subject_id = $1 AND compartment = 'contact'`,
        [subject],
      )
      expect(rows[0]?.generation).toBe(generation)
      expect(rows[0]?.key_id).not.toBe(before[0]?.key_id)
    }
  })

  it('keeps its new key where somebody ends the old destruction a second time', async () => {
    const { subject } = await someone(vault)
    await destroy(subject, ['contact'])
    const values = { email: 'later@example.org', phone: '+79160000002' }
    await correctValues(vault, asSubject(subject), { subject, entity: 'start', values })
    await endDestructions(vault, [subject])
    expect(await seeOwn(vault, subject, CONTACT)).toEqual(values)
  })

  it('that a ground keeps is not destroyed: a refusal with the article, and nothing changed', async () => {
    const { subject } = await someone(vault, { form: 'order-dedicated-server' })
    const refused = await destroy(subject, ['payment'])
    expect(refused.decision.effect).toBe('refuse')
    expect(refused.decision.causes[0]).toMatchObject({
      reason: 'contract-in-force',
      clauses: ['2.2.1', expect.any(String)],
    })
    expect(await seeOwn(vault, subject, ['payment-last4'])).toEqual({ 'payment-last4': '4477' })
    const one = await destroy(subject, ['contact', 'payment'])
    expect(one.decision.effect).toBe('refuse')
  })

  it('needs a name the policy knows, and needs one at all', async () => {
    const { subject } = await someone(vault)
    await faultOf(destroy(subject, ['ref']), 'invalid-request')
    await faultOf(destroy(subject, ['nonsense']), 'invalid-request')
    await faultOf(destroy(subject, []), 'invalid-request')
  })
})

describe('what a ground keeps', () => {
  it('opens for the law with a ticket, and for nothing else', async () => {
    const { subject, contract } = await someone(vault, { form: 'order-dedicated-server', confirmed: true })
    const billing = await asService(vault, 'billing', ['payment'])
    await endContract(vault, dpo, { subject, entity: 'start', ticket: SUPPORT_TICKET, contract })
    const destroyed = await destroy(subject, null)
    expect(destroyed).toMatchObject({ person: false })
    expect(destroyed.kept?.map(({ compartment }) => compartment)).toContain('payment')
    expect(await see(vault, billing, subject, 'payment', ['payment-last4'])).toBeNull()
    expect(await see(vault, dpo, subject, 'legal', ['payment-last4'])).toBeNull()
    expect(await see(vault, dpo, subject, 'legal', ['payment-last4'], { ticket: SUPPORT_TICKET })).toEqual({
      'payment-last4': '4477',
    })
    expect(await see(vault, dpo, subject, 'legal', ['email'], { ticket: SUPPORT_TICKET })).toBeNull()
  })
})

/** Makes the next transaction on a pool fail, as where the process died before it. */
function breakOnce(by: Vault, pool: 'data' | 'keys', after: number): void {
  const target = by[pool]
  const connect = target.connect.bind(target) as () => Promise<unknown>
  let left = after
  Object.assign(target, {
    connect: (...args: unknown[]) => {
      // A pool's own query connects with a callback: only transactions are counted.
      if (args.length > 0) return (connect as (...rest: unknown[]) => unknown)(...args)
      if (left > 0) {
        left -= 1
        return connect()
      }
      Reflect.deleteProperty(target, 'connect')
      return Promise.reject(new Error('connection lost'))
    },
  })
}

describe('a crash in the middle of a destruction', () => {
  it.each([
    ['before the key store is reached', 'keys', 0, null],
    ['before the key store is reached', 'keys', 0, ['contact']],
    ['before the data database is reached again', 'data', 1, null],
    ['before the data database is reached again', 'data', 1, ['contact']],
  ] as const)(
    '%s (%s, %i, %j) leaves it begun: nothing opens, and the sweep ends it',
    async (_, pool, after, compartments) => {
      const broken = await test.second()
      const { subject } = await someone(vault, { confirmed: true })
      const site = await asService(vault, 'site', ['identification'])
      breakOnce(broken, pool, after)
      await faultOf(destroy(subject, compartments, broken), 'storage-unavailable')
      expect(await see(vault, site, subject, 'identification', ['email'])).toBeNull()
      expect(await seeOwn(vault, subject, ['email'])).toBeNull()
      await sweep(vault)
      await endsClean(subject, compartments)
    },
  )

  it.each([[null], [['contact']]])(
    'between the key store and the last word (%j) leaves it begun, and the sweep ends it',
    async (compartments) => {
      const { subject } = await someone(vault, { confirmed: true })
      const site = await asService(vault, 'site', ['identification'])
      // The key store commits; the data database does not take the last word.
      await vault.data.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON ledger_batch FOR EACH ROW
      WHEN (position(convert_to('"act":"destroyed"', 'UTF8') in NEW.bodies) > 0) EXECUTE FUNCTION refuse()`)
      try {
        await faultOf(destroy(subject, compartments), 'storage-unavailable')
        expect(await count(vault.keys, `key WHERE subject_id = $1 AND compartment = 'contact'`, subject)).toBe(0)
        const fresh = await test.second()
        // Everybody else in the same batch is served, whoever lies half destroyed in it.
        const other = await someone(vault)
        const [gone, whole] = await Promise.all([
          see(fresh, site, subject, 'identification', ['email']),
          see(fresh, site, other.subject, 'identification', ['email']),
        ])
        expect(gone).toBeNull()
        expect(whole).toEqual({ email: other.email })
      } finally {
        await vault.data.query('DROP TRIGGER refuse ON ledger_batch; DROP FUNCTION refuse')
      }
      await sweep(await test.second())
      await endsClean(subject, compartments)
    },
  )

  it('before anything was committed leaves the person whole', async () => {
    const broken = await test.second()
    const { subject, email } = await someone(vault)
    await broken.people.reload(subject, test.now())
    breakOnce(broken, 'data', 0)
    await faultOf(destroy(subject, null, broken), 'storage-unavailable')
    await sweep(vault)
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
  })

  async function endsClean(subject: string, compartments: readonly string[] | null): Promise<void> {
    expect(await count(vault.keys, `key WHERE subject_id = $1 AND compartment = 'contact'`, subject)).toBe(0)
    expect(await count(vault.data, 'record WHERE subject_id = $1 AND sealed IS NOT NULL', subject)).toBe(
      compartments === null ? 0 : 1,
    )
    const facts = await stateOf(subject)
    expect(facts).toMatchObject(compartments === null ? { state: 'destroyed' } : { state: 'live', dying: [] })
    expect(await seeOwn(vault, subject, ['email'])).toBeNull()
    const before = await everything(vault)
    await sweep(vault)
    expect(await everything(vault)).toEqual(before)
  }
})

describe('keys that the data never came to know', () => {
  it('are swept after an hour, and not before', async () => {
    const subject = vault.newId()
    await vault.ring.create(subject, ['contact'], test.now())
    await sweep(vault)
    expect(await count(vault.keys, 'key WHERE subject_id = $1', subject)).toBe(2)
    test.pass(2 * 3_600_000)
    await sweep(vault)
    expect(await count(vault.keys, 'key WHERE subject_id = $1', subject)).toBe(0)
  })

  it('of people who are there stay', async () => {
    const { subject, email } = await someone(vault)
    test.pass(2 * 3_600_000)
    await sweep(vault)
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { cutLine } from '../testing/cut-line.ts'
import { canary, expectSilent, faultOf } from '../testing/fault.ts'
import { holdReads } from '../testing/held-reads.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { TEST_ORIGIN } from '../testing/netrack-bundle.ts'
import {
  freshEmail,
  netrackBundle,
  openTestVault,
  order,
  registration,
  submit,
  subjectOf,
  type TestVault,
} from '../testing/open-test-vault.ts'
import { memoryKms } from '../testing/root-keys.ts'
import { correctValues } from '../use/correct-values.ts'
import { revokeCredential } from '../use/credentials.ts'
import { destroyData } from '../use/destroy-data.ts'
import { loadPolicy } from '../use/adopt-policy.ts'
import { isOpened, openFields } from '../use/open-fields.ts'
import type { ServiceCaller } from './caller.ts'
import { openVault, type Vault } from './vault.ts'

let test: TestVault
let vault: Vault
let site: ServiceCaller
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
  site = await asService(vault, 'site', ['identification'], 1_000_000)
})
afterAll(() => test.close())

type Values = Readonly<Record<string, string>>
const FIELDS = ['surname', 'given-name', 'email', 'phone'] as const
const SURNAMES = ['Петро', 'Ивано', 'Сидоро', 'Кузнецо']
let count = 0

/** A person with values of their own, as they were taken. */
async function someone(): Promise<{ readonly subject: string; readonly values: Values }> {
  count += 1
  const values = {
    surname: canary(`${SURNAMES[count % 4] ?? ''}${'ва'.repeat(1 + (count % 40))}`),
    'given-name': 'Анна',
    email: canary(freshEmail('p')),
    phone: canary(`+7916${String(2_000_000 + count * 7)}`),
  }
  return { subject: subjectOf(await submit(vault, 'registration', registration(values))), values }
}

async function open(
  by: Vault,
  subject: string,
  fields: readonly string[],
  purpose = 'identification',
): Promise<Values | null> {
  const outcome = await openFields(by, site, { subject, purpose, entity: 'start', fields })
  if (!isOpened(outcome)) return null
  return Object.fromEntries([...outcome.values].map(([field, value]) => [field, String(value.reveal(outcome.permit))]))
}

function some<T>(from: readonly T[]): T {
  const one = from[Math.floor(Math.random() * from.length)]
  if (one === undefined) throw new Error('nothing to choose from')
  return one
}

async function people(howMany: number): Promise<Awaited<ReturnType<typeof someone>>[]> {
  const made: Awaited<ReturnType<typeof someone>>[] = []
  for (let i = 0; i < howMany; i++) made.push(await someone())
  return made
}

describe('a batch of reads', () => {
  it('never mixes calls: each answer holds what was collected of that person, and each has its entry', async () => {
    const known = await people(80)
    const destroyed = await people(10)
    for (const { subject } of destroyed) {
      await destroyData(vault, asStaff('dpo'), { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })
    }
    const nobody = [...destroyed.map(({ subject }) => subject), ...Array.from({ length: 10 }, () => vault.newId())]
    const second = await test.second()
    const before = (await ledgerBodies(vault)).length
    let permitted = 0
    const call = async (): Promise<void> => {
      const by = some([vault, second])
      const fields = FIELDS.filter(() => Math.random() < 0.6)
      if (fields.length === 0) fields.push('email')
      const kind = Math.random()
      if (kind < 0.2) {
        expect(await open(by, some(nobody), fields)).toBeNull()
        return
      }
      const { subject, values } = some(known)
      if (kind < 0.4) {
        expect(await open(by, subject, fields, 'marketing')).toBeNull()
        return
      }
      const expected = Object.fromEntries(fields.map((field) => [field, values[field]]))
      expect(await open(by, subject, fields)).toEqual(expected)
      permitted += 1
    }
    const CALLS = 4_000
    await Promise.all(Array.from({ length: CALLS }, call))
    expect(permitted).toBeGreaterThan(1_000)
    const entries = (await ledgerBodies(vault)).slice(0)
    expect(entries.length - before).toBe(CALLS)
    expect(entries.filter(({ act, effect }) => act === 'open' && effect === 'permit').length).toBe(permitted)
    const { rows } = await vault.data.query<{ n: number }>('SELECT max(entries) AS n FROM ledger_batch')
    // Otherwise nothing was tried: the calls must have travelled together.
    expect(rows[0]?.n).toBeGreaterThan(20)
  })

  it('gives the same answer for a destroyed person as for one who never was', async () => {
    const { subject } = await someone()
    await destroyData(vault, asStaff('dpo'), { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments: null })
    const [gone, never] = await Promise.all(
      [subject, vault.newId()].map((id) =>
        openFields(vault, site, { subject: id, purpose: 'identification', entity: 'start', fields: ['email'] }),
      ),
    )
    expect(gone?.decision).toEqual(never?.decision)
    const bodies = await ledgerBodies(vault)
    const shapes = [gone, never].map((one) => {
      const body = bodies.find(({ id }) => id === one?.id)
      return body?.text.replaceAll(/"(id|ref)":"[^"]*"|"at":\d+/g, '')
    })
    expect(shapes[0]).toBe(shapes[1])
    expect(shapes[0]).toBeDefined()
  })
})

describe('a further batch beside one under way', () => {
  it('begins once as many calls wait as that one holds, and not before', async () => {
    const known = await people(9)
    for (const { subject } of known) await open(vault, subject, ['email'])
    const { rows: former } = await vault.data.query<{ id: string }>('SELECT batch_id AS id FROM ledger_batch')
    const held = await holdReads(test.urls.dataUrl)
    const ask = (some: typeof known): Promise<unknown>[] =>
      some.map(async ({ subject, values }) => {
        expect(await open(vault, subject, ['email'])).toEqual({ email: values['email'] })
      })
    try {
      await held.hold()
      const first = ask(known.slice(0, 3))
      await held.standing()
      const fewer = ask(known.slice(3, 5))
      await sleep(100)
      const more = ask(known.slice(5))
      await sleep(100)
      await held.release()
      await Promise.all([...first, ...fewer, ...more])
    } finally {
      await held.close()
    }
    const { rows } = await vault.data.query<{ entries: number }>(
      'SELECT entries FROM ledger_batch WHERE batch_id <> ALL($1) ORDER BY entries',
      [former.map(({ id }) => id)],
    )
    // Two alone would have made a batch of two, and the four another.
    expect(rows.map(({ entries }) => entries)).toEqual([3, 6])
  })
})

type Poison = (subject: string, other: string) => Promise<unknown>
const data =
  (sql: string): Poison =>
  (subject, other) =>
    vault.data.query(sql, sql.includes('$2') ? [subject, other] : [subject])
const keys =
  (sql: string): Poison =>
  (subject, other) =>
    vault.keys.query(sql, sql.includes('$2') ? [subject, other] : [subject])
const FLIP = (column: string, at: string): string =>
  `${column} = set_byte(${column}, ${at}, get_byte(${column}, ${at}) # 1)`

const poisons: readonly (readonly [string, 'sealed-value-damaged' | 'key-missing', Poison])[] = [
  [
    'a flipped bit of the ciphertext',
    'sealed-value-damaged',
    data(`UPDATE record SET ${FLIP('sealed', 'length(sealed) - 20')} WHERE subject_id = $1`),
  ],
  [
    'a flipped bit of the commitment',
    'sealed-value-damaged',
    data(`UPDATE record SET ${FLIP('sealed', '40')} WHERE subject_id = $1`),
  ],
  [
    'a truncated value',
    'sealed-value-damaged',
    data(`UPDATE record SET sealed = substr(sealed, 1, 50) WHERE subject_id = $1`),
  ],
  ['an emptied value', 'sealed-value-damaged', data(`UPDATE record SET sealed = '' WHERE subject_id = $1`)],
  [
    'another person’s value',
    'sealed-value-damaged',
    data(
      `UPDATE record r SET sealed = o.sealed FROM record o WHERE r.subject_id = $1 AND o.subject_id = $2 AND o.compartment = r.compartment`,
    ),
  ],
  [
    'the value of another compartment',
    'sealed-value-damaged',
    data(
      `UPDATE record r SET sealed = o.sealed FROM record o WHERE r.subject_id = $1 AND o.subject_id = $1 AND o.compartment = 'identity'`,
    ),
  ],
  ['a changed version', 'sealed-value-damaged', data('UPDATE record SET version = version + 1 WHERE subject_id = $1')],
  ['a changed generation', 'key-missing', data('UPDATE record SET generation = generation + 1 WHERE subject_id = $1')],
  ['a missing key', 'key-missing', keys(`DELETE FROM key WHERE subject_id = $1 AND compartment = 'contact'`)],
  ['no keys at all', 'key-missing', keys('DELETE FROM key WHERE subject_id = $1')],
  [
    'a missing secret of the ledger',
    'key-missing',
    keys(`DELETE FROM key WHERE subject_id = $1 AND compartment = 'ref'`),
  ],
  [
    'a damaged key',
    'sealed-value-damaged',
    keys(`UPDATE key SET ${FLIP('wrapped', '5')} WHERE subject_id = $1 AND compartment = 'contact'`),
  ],
  [
    'a damaged secret of the ledger',
    'sealed-value-damaged',
    keys(`UPDATE key SET ${FLIP('wrapped', '5')} WHERE subject_id = $1 AND compartment = 'ref'`),
  ],
  [
    'an emptied key',
    'sealed-value-damaged',
    keys(`UPDATE key SET wrapped = '' WHERE subject_id = $1 AND compartment = 'contact'`),
  ],
  [
    'another person’s key',
    'sealed-value-damaged',
    keys(
      `UPDATE key k SET wrapped = o.wrapped FROM key o WHERE k.subject_id = $1 AND o.subject_id = $2 AND o.compartment = k.compartment AND k.compartment = 'contact'`,
    ),
  ],
  [
    'a damaged cell',
    'sealed-value-damaged',
    keys(`WITH own AS (INSERT INTO cell (cell_id, version, people) VALUES (gen_random_uuid(), 1, 512) RETURNING cell_id),
          key_of AS (INSERT INTO cell_key SELECT own.cell_id, 1, k.epoch, ${FLIP('k.wrapped', '3').slice(12)}, now() FROM own, cell_key k LIMIT 1)
          UPDATE key SET cell_id = own.cell_id FROM own WHERE subject_id = $1`),
  ],
]

describe('a poisoned call', () => {
  it.each(poisons)('fails alone and silently: %s', async (_, code, poison) => {
    const [victim, ...healthy] = await people(8)
    const subject = victim?.subject ?? ''
    await poison(subject, healthy[0]?.subject ?? '')
    // A server that does not know any of them yet, so that all are loaded in one batch.
    const fresh = await test.second()
    const calls = healthy.map(async ({ subject: id, values }) => {
      expect(await open(fresh, id, ['email', 'phone'])).toEqual({ email: values['email'], phone: values['phone'] })
    })
    const bad = faultOf(open(fresh, subject, ['email', 'phone']), code)
    const results = await Promise.allSettled([bad, ...calls])
    expect(results.map(({ status }) => status)).toEqual(results.map(() => 'fulfilled'))
  })
})

describe('a database that goes away', () => {
  it('releases nothing of the batch under way, leaves no entry of it, and serves the next call', async () => {
    const known = await people(20)
    await open(vault, known[0]?.subject ?? '', ['email'])
    const before = (await ledgerBodies(vault)).length
    const held = await holdReads(test.urls.dataUrl)
    await held.hold()
    const reading = known.map(({ subject }) => open(vault, subject, ['email']).catch((error: unknown) => error))
    await held.standing()
    await vault.data.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid <> pg_backend_pid()`,
    )
    await held.release()
    const outcomes = await Promise.all(reading)
    const faults = outcomes.filter((outcome) => outcome instanceof Error)
    for (const fault of faults) {
      expectSilent(fault)
      expect(fault).toMatchObject({ code: 'storage-unavailable' })
    }
    expect(faults.length).toBeGreaterThan(0)
    expect((await ledgerBodies(vault)).length - before).toBe(outcomes.length - faults.length)
    for (const { subject, values } of known)
      expect(await open(vault, subject, ['email'])).toEqual({ email: values['email'] })
    await held.close()
  })

  it('releases nothing where the acknowledgement of the COMMIT is lost, though the entries are there', async () => {
    const known = await people(20)
    const line = await cutLine(test.urls.dataUrl)
    const { keystoreUrl } = test.urls
    const cut = await openVault({
      dataUrl: line.url,
      keystoreUrl,
      kms: memoryKms(),
      origin: TEST_ORIGIN,
      now: test.now,
    })
    try {
      await loadPolicy(cut, netrackBundle())
      expect(await open(cut, known[0]?.subject ?? '', ['email'])).not.toBeNull()
      const before = (await ledgerBodies(vault)).length
      line.cutAtCommit()
      const outcomes = await Promise.allSettled(known.map(({ subject }) => open(cut, subject, ['email'])))
      line.mend()
      expect(outcomes.map(({ status }) => status)).toEqual(known.map(() => 'rejected'))
      for (const outcome of outcomes) {
        const fault: unknown = outcome.status === 'rejected' ? outcome.reason : null
        expectSilent(fault)
        expect(fault).toMatchObject({ code: 'storage-unavailable' })
      }
      // What was tried: they had committed.
      expect(line.kept()).toBeGreaterThan(0)
      expect((await ledgerBodies(vault)).length - before).toBe(known.length)
      expect(await open(cut, known[1]?.subject ?? '', ['email'])).toEqual({ email: known[1]?.values['email'] })
    } finally {
      await cut.close()
      line.close()
    }
  })
})

describe('a server that loads a person while a compartment is added elsewhere', () => {
  it('opens the new compartment all the same, though it cached the keys from before', async () => {
    const { subject } = await someone()
    const second = await test.second()
    const loading = Promise.withResolvers<undefined>()
    const query = second.data.query.bind(second.data) as (config: { name?: string }) => Promise<unknown>
    // Its facts come late, its keys came early.
    Object.assign(second.data, {
      query: async (config: { name?: string }) => {
        if (config.name === 'facts') await loading.promise
        return query(config)
      },
    })
    const reading = open(second, subject, ['email'])
    await sleep(100)
    const { contract } = await submit(vault, 'order-dedicated-server', order(), { subject })
    await sleep(100)
    loading.resolve(undefined)
    expect(await reading).not.toBeNull()
    expect(await open(second, subject, ['contract-numbers'])).toEqual({ 'contract-numbers': contract?.number })
  })
})

describe('a caller', () => {
  it('whose credential was revoked behind their back is told so, and leaves no entry', async () => {
    const { subject } = await someone()
    const reader = await asService(vault, 'site', ['identification'])
    const ask = { subject, purpose: 'identification', entity: 'start', fields: ['email'] }
    expect(isOpened(await openFields(vault, reader, ask))).toBe(true)
    await revokeCredential(vault, asStaff('dpo'), reader.credential)
    const before = (await ledgerBodies(vault)).length
    await faultOf(openFields(vault, reader, ask), 'unauthenticated')
    expect((await ledgerBodies(vault)).length).toBe(before)
  })

  it('never reads what another person holds by signing in as themselves', async () => {
    const [anna, boris] = await people(2)
    const request = { subject: boris?.subject ?? '', purpose: 'rights', entity: 'start', fields: ['email'] }
    const outcome = await openFields(vault, asSubject(anna?.subject ?? ''), request)
    expect(outcome.decision.effect).toBe('refuse')
    expect(isOpened(outcome)).toBe(false)
  })

  it('reads at each moment the values as they were last corrected', async () => {
    const { subject } = await someone()
    for (let i = 0; i < 10; i++) {
      const phone = canary(`+7916300${String(1_000 + i)}`)
      await correctValues(vault, asSubject(subject), { subject, entity: 'start', values: { phone } })
      expect(await open(vault, subject, ['phone'])).toEqual({ phone })
    }
  })
})

import type { Facts } from '@doverie/core/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { emptyRecords } from '../store/records.ts'
import { asStaff, SUPPORT_TICKET } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { codeTo } from '../testing/mailbox.ts'
import { freshEmail, openTestVault, order, registration, submit, type TestVault } from '../testing/open-test-vault.ts'
import { confirm, seeOwn, someone } from '../testing/people.ts'
import { endDestructions } from './end-destructions.ts'
import { listConflicts } from './list-conflicts.ts'
import { proveCode } from './prove-code.ts'
import { destroySetAside } from './set-aside.ts'
import { type Settled, settleConflict } from './settle-conflict.ts'
import { sweep } from './sweep.ts'

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

/** A confirmed person against whom a submission was set aside. */
async function disputed(): Promise<{ subject: string; other: string }> {
  const { subject, email, phone } = await someone(vault, { confirmed: true })
  const values = order({ email, phone, surname: canary('Иная'), 'postal-address': 'Москва, Ленина 1' })
  await submit(vault, 'order-dedicated-server', values, { subject })
  const [conflict] = (await listConflicts(vault, asStaff('dpo'))).filter((one) => one.subject === subject)
  if (conflict === undefined) throw new Error('nothing was set aside')
  return { subject, other: conflict.other }
}

const factsOf = async (subject: string): Promise<Facts | undefined> =>
  (await vault.data.query<{ facts: Facts }>('SELECT facts FROM subject WHERE subject_id = $1', [subject])).rows[0]
    ?.facts

/** Both halves of a destruction, of everything or of some compartments, as `destroyData` makes them. */
async function destroy(subject: string, compartments: readonly string[] | null): Promise<void> {
  const going = compartments ?? (await factsOf(subject))?.held ?? []
  const person = compartments === null
  const request = {
    caller: asStaff('dpo'),
    subject,
    act: 'block',
    operation: 'block' as const,
    purpose: 'legal',
    entity: 'start',
    ticket: SUPPORT_TICKET,
    fields: [],
    compartments: going,
  }
  await change(vault, request, async (changing) => {
    changing.apply({ kind: 'destruction-begun', compartments: going, person, at: changing.at })
    await emptyRecords(changing.tx, subject, going)
    await destroySetAside(vault, changing, compartments)
  })
  await endDestructions(vault, [subject])
}

/** How many rows speak of somebody, table by table; without the tables that speak of nobody. */
async function rowsOf(subject: string): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {}
  for (const [pool, table, column] of [
    [vault.data, 'record', 'subject_id'],
    [vault.data, 'event', 'subject_id'],
    [vault.data, 'conflict', 'subject_id'],
    [vault.data, 'conflict', 'other_id'],
    [vault.keys, 'key', 'subject_id'],
    [vault.keys, 'tag', 'subject_id'],
  ] as const) {
    const { rowCount } = await pool.query(`SELECT FROM ${table} WHERE ${column} = $1`, [subject])
    if ((rowCount ?? 0) > 0) found[`${table}.${column}`] = rowCount ?? 0
  }
  return found
}

describe('what was set aside against a person', () => {
  it('is destroyed with them, and no conflict tells of either', async () => {
    const { subject, other } = await disputed()
    expect(Object.keys(await rowsOf(other))).toContain('key.subject_id')
    await destroy(subject, null)
    expect(await factsOf(other)).toMatchObject({ state: 'destroyed' })
    expect([await rowsOf(other), await rowsOf(subject)]).toEqual([{}, {}])
    expect(await seeOwn(vault, other, ['surname'])).toBeNull()
  })

  it('is destroyed by the sweep where a crash kept its keys, and cannot be read from the first half on', async () => {
    const { subject, other } = await disputed()
    await vault.keys.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON key FOR EACH ROW EXECUTE FUNCTION refuse()`)
    try {
      await faultOf(destroy(subject, null), 'storage-unavailable')
    } finally {
      await vault.keys.query('DROP TRIGGER refuse ON key; DROP FUNCTION refuse')
    }
    expect(await seeOwn(vault, other, ['surname'])).toBeNull()
    await sweep(await test.second())
    expect([await rowsOf(other), await rowsOf(subject)]).toEqual([{}, {}])
    expect(await factsOf(other)).toMatchObject({ state: 'destroyed' })
  })

  it('loses the compartments that they lose, and goes with its last one', async () => {
    const { subject, other } = await disputed()
    await destroy(subject, ['delivery'])
    const facts = await factsOf(other)
    expect(facts).toMatchObject({ state: 'live', dying: [] })
    expect(facts?.held).not.toContain('delivery')
    expect(await seeOwn(vault, other, ['surname'])).toEqual({ surname: 'Иная' })
    await destroy(subject, facts?.held ?? [])
    expect(await factsOf(other)).toMatchObject({ state: 'destroyed' })
    expect(await rowsOf(other)).toEqual({})
    expect(await factsOf(subject)).toMatchObject({ state: 'live' })
  })

  it('stays where it was confirmed to be somebody of their own, and the conflict goes', async () => {
    const { subject, other } = await disputed()
    await confirm(vault, other)
    await destroy(subject, null)
    expect(await seeOwn(vault, other, ['surname'])).toEqual({ surname: 'Иная' })
    expect((await rowsOf(other))['conflict.other_id']).toBeUndefined()
  })

  it('never takes along a child whose representative was ended, nor whoever proved a mailbox', async () => {
    for (const mark of [{ representatives: [] }, { proved: ['email'] }]) {
      const { subject, other } = await disputed()
      await vault.data.query('UPDATE subject SET facts = facts || $2 WHERE subject_id = $1', [other, mark])
      vault.people.forget(other)
      await destroy(subject, null)
      expect(await factsOf(other)).toMatchObject({ state: 'live' })
    }
  })

  it('never takes along somebody confirmed who proved the same mailbox; destroying these removes the conflict too', async () => {
    const email = canary(freshEmail('two'))
    const first = await submit(vault, 'registration', registration({ email }))
    await proveCode(vault, { id: first.signIn?.id ?? '', code: await codeTo(vault, email) })
    for (const gone of ['other', 'holder'] as const) {
      const second = await submit(vault, 'registration', registration({ email, surname: 'Другой' }))
      const [holder, other] = [first.subject ?? '', second.subject ?? '']
      await confirm(vault, other)
      await proveCode(vault, { id: second.signIn?.id ?? '', code: await codeTo(vault, email) })
      expect((await rowsOf(other))['conflict.other_id']).toBe(1)
      await destroy(gone === 'other' ? other : holder, null)
      expect(await seeOwn(vault, gone === 'other' ? holder : other, ['email'])).toEqual({ email })
      expect((await rowsOf(other))['conflict.other_id']).toBeUndefined()
    }
  })
})

describe('a conflict settled by staff', () => {
  const settled = (
    subject: string,
    outcome: 'taken' | 'dropped',
    more: { readonly conflict?: string; readonly fields?: readonly string[] } = {},
  ): Promise<Settled> =>
    conflictOf(subject).then((conflict) =>
      settleConflict(vault, asStaff('support'), {
        ...{ subject, entity: 'start', ticket: SUPPORT_TICKET, conflict: conflict?.id ?? '', outcome, ...more },
      }),
    )
  const conflictOf = async (subject: string): Promise<{ readonly id: string } | undefined> =>
    (await listConflicts(vault, asStaff('dpo'))).find((one) => one.subject === subject)

  it('as taken, replaces what differs and nothing else; what was kept apart is gone, and both entries say so', async () => {
    const { subject, other } = await disputed()
    const before = await seeOwn(vault, subject, ['given-name', 'email', 'postal-address'])
    const conflict = await conflictOf(subject)
    expect(await settled(subject, 'taken')).toMatchObject({ decision: { effect: 'permit' }, changed: ['surname'] })
    expect(await seeOwn(vault, subject, ['surname'])).toEqual({ surname: 'Иная' })
    expect(await seeOwn(vault, subject, ['given-name', 'email', 'postal-address'])).toEqual(before)
    expect((await factsOf(subject))?.confirmedAt).not.toBeNull()
    expect(await factsOf(other)).toMatchObject({ state: 'destroyed' })
    expect([await rowsOf(other), await conflictOf(subject)]).toEqual([{}, undefined])
    const entries = (await ledgerBodies(vault)).filter(({ act }) => act === 'settle-conflict')
    expect(entries.filter(({ detail }) => (detail as { conflict: string }).conflict === conflict?.id)).toHaveLength(2)
    expect(JSON.stringify(entries)).not.toContain('Иная')
  })

  it('as dropped, leaves what is held', async () => {
    const { subject, other } = await disputed()
    const before = await seeOwn(vault, subject, ['surname'])
    expect((await settled(subject, 'dropped')).changed).toEqual([])
    expect(await seeOwn(vault, subject, ['surname'])).toEqual(before)
    expect(await factsOf(other)).toMatchObject({ state: 'destroyed' })
    expect(await conflictOf(subject)).toBeUndefined()
  })

  it('is settled once, of several who do it at the same time, and about its own fields only', async () => {
    const { subject } = await disputed()
    await faultOf(settled(subject, 'taken', { fields: ['email'] }), 'invalid-request')
    const conflict = (await conflictOf(subject))?.id ?? ''
    const both = await Promise.allSettled(
      (['taken', 'dropped'] as const).map((outcome) => settled(subject, outcome, { conflict })),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await faultOf(settled(subject, 'dropped', { conflict }), 'not-found')
  })

  it('needs a ticket, and without one changes nothing', async () => {
    const { subject, other } = await disputed()
    const conflict = (await conflictOf(subject))?.id ?? ''
    const request = { subject, entity: 'start', conflict, outcome: 'taken' } as const
    const { decision } = await settleConflict(vault, asStaff('support'), request)
    expect(decision.causes[0]?.reason).toBe('ticket-needed')
    expect(await factsOf(other)).toMatchObject({ state: 'live' })
    expect(await conflictOf(subject)).toBeDefined()
  })

  it('takes nothing of somebody who is their own person, and dropped leaves them both', async () => {
    const email = canary(freshEmail('pair'))
    const first = await submit(vault, 'registration', registration({ email }))
    await proveCode(vault, { id: first.signIn?.id ?? '', code: await codeTo(vault, email) })
    const second = await submit(vault, 'registration', registration({ email, surname: 'Другой' }))
    const [holder, other] = [first.subject ?? '', second.subject ?? '']
    await confirm(vault, other)
    await proveCode(vault, { id: second.signIn?.id ?? '', code: await codeTo(vault, email) })
    await faultOf(settled(holder, 'taken'), 'conflict')
    await settled(holder, 'dropped')
    expect([(await factsOf(holder))?.state, (await factsOf(other))?.state]).toEqual(['live', 'live'])
    expect(await conflictOf(holder)).toBeUndefined()
  })
})

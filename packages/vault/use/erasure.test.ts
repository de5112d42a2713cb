import type { Facts } from '@doverie/core/base'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { asProved, asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { lettersTo } from '../testing/mailbox.ts'
import { freshEmail, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { provedSomeone, see, seeOwn } from '../testing/people.ts'
import { listDueErasures, putOffErasures } from '../store/subjects.ts'
import { correctValues } from './correct-values.ts'
import { type AskedDestruction, askDestruction, cancelDestruction, carryOutErasures } from './erasure.ts'
import { erasureReceipts } from './erasure-receipts.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { liftHold, setHold } from './legal-hold.ts'
import { setConfidentiality } from './set-confidentiality.ts'

const HOUR = 3_600_000
const DELAY = 72 * HOUR

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

const factsOf = async (subject: string): Promise<Facts | undefined> =>
  (await vault.data.query<{ facts: Facts }>('SELECT facts FROM subject WHERE subject_id = $1', [subject])).rows[0]
    ?.facts
const ask = (subject: string, compartments: readonly string[] | null = null): Promise<AskedDestruction> =>
  askDestruction(vault, asProved(subject), { subject, entity: 'start', compartments })

const proved = (): ReturnType<typeof provedSomeone> => provedSomeone(vault)

describe('what a person asks to have destroyed', () => {
  it('is blocked at once and waits for its day, told to the proved mailbox; then the job destroys it', async () => {
    const { subject, email } = await proved()
    const site = await asService(vault, 'site', ['identification'])
    expect(await see(vault, site, subject, 'identification', ['surname'])).not.toBeNull()
    const asked = await ask(subject)
    expect(asked).toMatchObject({ decision: { effect: 'permit' }, destroyed: [], person: false })
    expect(asked.waits?.due).toBeGreaterThanOrEqual(test.now() + DELAY - HOUR)
    expect(await see(vault, site, subject, 'identification', ['surname'])).toBeNull()
    expect((await lettersTo(vault, email))[0]).toMatch(/until then they are blocked/)
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
    await faultOf(ask(subject), 'conflict')

    test.pass(DELAY - HOUR)
    await carryOutErasures(vault)
    expect(await factsOf(subject)).toMatchObject({ state: 'live' })
    test.pass(2 * HOUR)
    // Two processes at once: it is done once.
    const second = await test.second()
    const counts = await Promise.all([carryOutErasures(vault), carryOutErasures(second)])
    expect(counts[0] + counts[1]).toBe(1)
    expect(await factsOf(subject)).toMatchObject({ state: 'destroyed' })
    expect(await seeOwn(vault, subject, ['email'])).toBeNull()
  })

  it('is cancelled until its day, by the person or by staff with a ticket, and then all goes on as before', async () => {
    const site = await asService(vault, 'site', ['identification'])
    for (const caller of ['person', 'staff'] as const) {
      const { subject } = await proved()
      await ask(subject)
      const who = caller === 'person' ? asSubject(subject) : asStaff('support')
      const request = { subject, entity: 'start', ...(caller === 'person' ? {} : { ticket: SUPPORT_TICKET }) }
      expect((await cancelDestruction(vault, who, request)).decision.effect).toBe('permit')
      expect(await see(vault, site, subject, 'identification', ['surname'])).not.toBeNull()
      await faultOf(cancelDestruction(vault, who, request), 'not-found')
      test.pass(DELAY + HOUR)
      expect(await carryOutErasures(vault)).toBe(0)
      expect(await factsOf(subject)).toMatchObject({ state: 'live', blocked: null, erasure: null })
    }
  })

  it('closes only the fields of named compartments, and gives back what was closed before where it is cancelled', async () => {
    const { subject } = await proved()
    const close = { subject, entity: 'start', field: 'phone', closedTo: ['marketing'] }
    await setConfidentiality(vault, asSubject(subject), close)
    await faultOf(ask(subject, []), 'invalid-request')
    await ask(subject, ['contact'])
    expect(await factsOf(subject)).toMatchObject({ blocked: null, closed: { email: ['*'], phone: ['*'] } })
    const site = await asService(vault, 'site', ['identification'])
    expect(await see(vault, site, subject, 'identification', ['surname'])).not.toBeNull()
    expect(await see(vault, site, subject, 'identification', ['phone'])).toBeNull()
    await cancelDestruction(vault, asSubject(subject), { subject, entity: 'start' })
    expect((await factsOf(subject))?.closed).toEqual({ phone: ['marketing'] })
    await ask(subject, ['contact'])
    test.pass(DELAY + HOUR)
    expect(await carryOutErasures(vault)).toBe(1)
    const facts = await factsOf(subject)
    expect(facts).toMatchObject({ state: 'live', erasure: null })
    expect(facts?.held).not.toContain('contact')
  })

  it('leaves what is closed meanwhile closed, to be so when it is cancelled, and opens nothing before', async () => {
    const { subject } = await proved()
    await ask(subject, ['contact'])
    for (const [field, closedTo] of [
      ['phone', ['marketing']],
      ['surname', ['marketing']],
    ] as const) {
      await setConfidentiality(vault, asSubject(subject), { subject, entity: 'start', field, closedTo })
    }
    expect((await factsOf(subject))?.closed).toEqual({ email: ['*'], phone: ['*'], surname: ['marketing'] })
    await cancelDestruction(vault, asSubject(subject), { subject, entity: 'start' })
    expect((await factsOf(subject))?.closed).toEqual({ phone: ['marketing'], surname: ['marketing'] })
  })

  it('leaves the person, who has no history any more, a claim to the receipts of its act and of its end', async () => {
    const { subject } = await proved()
    const { waits } = await ask(subject)
    const claim = waits?.claim ?? ''
    expect(claim).toMatch(/^[0-9a-f]{64}$/)
    await faultOf(erasureReceipts(vault, claim), 'not-found')
    test.pass(DELAY + HOUR)
    expect(await carryOutErasures(vault)).toBe(1)
    const receipts = await erasureReceipts(vault, claim)
    expect(receipts.map(({ body }) => (JSON.parse(body) as { act: string }).act)).toEqual([
      'destroy-person',
      'destroyed',
    ])
    while ((await integrateLedger(vault)).more);
    const placed = await erasureReceipts(vault, claim)
    expect(placed.map(({ body, salt }) => [body, salt])).toEqual(receipts.map(({ body, salt }) => [body, salt]))
    const { rows } = await vault.data.query<{ text: string }>('SELECT o::text AS text FROM erasure_outcome o')
    for (const { text } of rows)
      for (const known of [subject, claim, waits?.id ?? '-']) expect(text).not.toContain(known)
    for (const none of ['', 'x', claim.toUpperCase(), claim.replace(/./, '0') + '0', waits?.id ?? '']) {
      await faultOf(erasureReceipts(vault, none), 'not-found')
    }
  })

  it('is put off by a week while a hold stands, and destroyed when it is lifted', async () => {
    const { subject } = await proved()
    await ask(subject)
    const on = { subject, entity: 'start', ticket: SUPPORT_TICKET }
    const { hold = '' } = await setHold(vault, asStaff('dpo'), { ...on, ground: 'legal-hold', reason: 'demand' })
    test.pass(DELAY + HOUR)
    expect(await carryOutErasures(vault)).toBe(0)
    expect(await carryOutErasures(vault)).toBe(0)
    const refusals = (await ledgerBodies(vault)).filter(
      ({ act, effect, at }) => act.startsWith('destroy') && effect === 'refuse' && at > test.now() - HOUR,
    )
    expect(refusals).toHaveLength(1)
    await liftHold(vault, asStaff('dpo'), { ...on, hold })
    expect(await carryOutErasures(vault)).toBe(0)
    test.pass(8 * 24 * HOUR)
    expect(await carryOutErasures(vault)).toBe(1)
    expect(await factsOf(subject)).toMatchObject({ state: 'destroyed' })
  })

  it('is carried out though the person before it cannot be, whose turn comes again; what the policy dropped ends it', async () => {
    const [broken, dropped, next] = [await proved(), await proved(), await proved()]
    await ask(broken.subject)
    await ask(dropped.subject, ['contact'])
    await ask(next.subject)
    await vault.keys.query('DELETE FROM key WHERE subject_id = $1', [broken.subject])
    const gone = `UPDATE subject SET facts = jsonb_set(facts, '{erasure,compartments}', '["gone"]') WHERE subject_id = $1`
    await vault.data.query(gone, [dropped.subject])
    for (const { subject } of [broken, dropped]) vault.people.forget(subject)
    test.pass(DELAY + HOUR)
    await faultOf(carryOutErasures(vault), 'key-missing')
    expect(await factsOf(next.subject)).toMatchObject({ state: 'destroyed' })
    expect(await factsOf(dropped.subject)).toMatchObject({ state: 'live', erasure: null })
    expect((await factsOf(broken.subject))?.erasure?.due).toBeGreaterThan(test.now() + 6 * 24 * HOUR)
    expect(await carryOutErasures(vault)).toBe(0)
  })

  it('is as due as before once a key store that was away answers again', async () => {
    const { subject } = await proved()
    const { waits } = await ask(subject)
    test.pass(DELAY + HOUR)
    const away = (): never => {
      throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })
    }
    const spies = [vi.spyOn(vault.keys, 'connect'), vi.spyOn(vault.keys, 'query')]
    for (const spy of spies) spy.mockImplementation(away)
    vault.people.forget(subject)
    await faultOf(carryOutErasures(vault), 'storage-unavailable')
    for (const spy of spies) spy.mockRestore()
    expect((await factsOf(subject))?.erasure?.due).toBe(waits?.due)
    expect(await carryOutErasures(vault)).toBe(1)
  })

  it('is not taken from whose mailbox was changed lately, and no attorney changes it', async () => {
    const { subject } = await proved()
    const change = { subject, entity: 'start', values: { email: canary(freshEmail('thief')) } }
    const attorney = { id: subject, kind: 'attorney', since: 0, until: null }
    const facts = JSON.stringify({ representatives: [attorney] })
    await vault.data.query('UPDATE subject SET facts = facts || $2::jsonb WHERE subject_id = $1', [subject, facts])
    vault.people.forget(subject)
    const acting = {
      kind: 'representative',
      subject,
      representative: subject,
      person: subject,
      scope: null,
      proved: [],
    } as const
    await faultOf(correctValues(vault, acting, change), 'forbidden')
    await correctValues(vault, asSubject(subject), change)
    await faultOf(ask(subject), 'conflict')
    await vault.data.query(
      `UPDATE subject SET facts = jsonb_set(facts, '{proved}', '["email"]') WHERE subject_id = $1`,
      [subject],
    )
    vault.people.forget(subject)
    await faultOf(ask(subject), 'conflict')
    test.pass(DELAY + HOUR)
    expect((await ask(subject)).decision.effect).toBe('permit')
  })

  it('is put off together where a journal of before cannot know who cancelled: what comes later keeps its day, and nobody comes sooner', async () => {
    const [soon, late, none] = [await proved(), await proved(), await proved()]
    await ask(soon.subject)
    test.pass(2 * DELAY)
    await ask(late.subject)
    const dueOf = async ({ subject }: { readonly subject: string }): Promise<number | undefined> =>
      (await factsOf(subject))?.erasure?.due
    const until = test.now() + HOUR
    const own = await dueOf(late)
    expect(own).toBeGreaterThan(until)
    await putOffErasures(vault.data, until)
    expect([await dueOf(soon), await dueOf(late), await dueOf(none)]).toEqual([until, own, undefined])
    const dueAt = async (at: number): Promise<readonly string[]> =>
      (await listDueErasures(vault.data, at, 1_000)).map(({ subject }) => subject)
    expect(await dueAt(until - 1)).not.toContain(soon.subject)
    expect(await dueAt(until)).toContain(soon.subject)
    expect(await dueAt(until)).not.toContain(late.subject)
  })

  it('is known to the journal, asked and cancelled, before it is answered', async () => {
    const { subject } = await proved()
    await ask(subject)
    await cancelDestruction(vault, asSubject(subject), { subject, entity: 'start' })
    const { rows } = await vault.keys.query<{ kind: string; pending: boolean }>(
      `SELECT kind, pending FROM journal WHERE holder_id = $1 AND kind LIKE 'erasure%' ORDER BY version, place`,
      [subject],
    )
    expect(rows).toEqual([
      { kind: 'erasure-asked', pending: false },
      { kind: 'erasure-ended', pending: false },
    ])
  })
})

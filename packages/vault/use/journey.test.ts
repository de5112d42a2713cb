import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService, asStaff } from '../testing/callers.ts'
import { openTestVault, order, registration, submit, subjectOf, type TestVault } from '../testing/open-test-vault.ts'
import { confirmData } from './confirm-data.ts'
import { destroyData } from './destroy-data.ts'
import { endContract } from './end-contract.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { isOpened, openFields } from './open-fields.ts'
import { readHistory } from './read-history.ts'
import { verifyLedger } from './read-ledger.ts'

let test: TestVault
beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

function values(outcome: Awaited<ReturnType<typeof openFields>>): Record<string, unknown> {
  if (!isOpened(outcome)) throw new Error(JSON.stringify(outcome.decision.causes))
  return Object.fromEntries([...outcome.values].map(([field, value]) => [field, value.reveal(outcome.permit)]))
}

describe('a customer of NETRACK', () => {
  it('registers, orders, is read for a purpose, ends the contract and is destroyed but for what the law keeps', async () => {
    const { vault } = test
    const billing = await asService(vault, 'billing', ['identification', 'payment'])
    const dpo = asStaff('dpo')
    const ordered = await submit(vault, 'order-dedicated-server', order({ email: 'anna@example.org' }))
    const subject = subjectOf(ordered)
    expect(ordered.contract?.number).toMatch(/^D-\d{4}-\d{10}$/)

    const identity = { subject, purpose: 'identification', entity: 'start', fields: ['surname', 'email', 'phone'] }
    expect(values(await openFields(vault, billing, identity))).toEqual({
      surname: 'Петрова',
      email: 'anna@example.org',
      phone: '+79161234567',
    })
    const payment = { subject, purpose: 'payment', entity: 'start', fields: ['payment-last4'] }
    const early = await openFields(vault, billing, payment)
    expect(early.decision).toMatchObject({ effect: 'refuse', clauses: ['1.2'] })

    const on = { subject, entity: 'start', ticket: 'T-1' }
    expect((await confirmData(vault, dpo, { ...on, form: 'paper' })).decision.effect).toBe('permit')
    expect(values(await openFields(vault, billing, payment))).toEqual({ 'payment-last4': '4477' })

    const contract = ordered.contract?.id ?? ''
    const ended = await endContract(vault, dpo, { ...on, contract })
    expect(ended.kept?.map((kept) => kept.compartment)).toContain('payment')
    const destroyed = await destroyData(vault, dpo, { ...on, compartments: null })
    expect(destroyed).toMatchObject({ person: false })
    expect(destroyed.destroyed).toContain('contact')
    expect(new Set(destroyed.kept?.map((kept) => kept.compartment))).toEqual(
      new Set(['identity', 'payment', 'contract']),
    )
    expect((await openFields(vault, billing, identity)).decision.effect).toBe('refuse')

    await integrateLedger(vault)
    const history = await readHistory(vault, { kind: 'subject', subject, proved: ['email'] })
    const acts = history.map((entry) => (JSON.parse(entry.body) as { act: string }).act)
    expect(acts).toEqual(['collect', 'open', 'open', 'confirm', 'open', 'end-contract', 'destroy', 'destroyed', 'open'])
    expect(await verifyLedger(vault)).toMatchObject({ ok: true })
  })

  it('who registered only is destroyed whole, and nothing tells them from somebody who never was', async () => {
    const { vault } = test
    const dpo = asStaff('dpo')
    const subject = subjectOf(await submit(vault, 'registration', registration(), { consents: [] }))
    const on = { subject, entity: 'start', ticket: 'T-2' }
    const destroyed = await destroyData(vault, dpo, { ...on, compartments: null })
    expect(destroyed).toMatchObject({ person: true, kept: [] })
    const site = await asService(vault, 'site', ['identification'])
    const ask = { purpose: 'identification', entity: 'start', fields: ['email'] }
    const gone = await openFields(vault, site, { ...ask, subject })
    const never = await openFields(vault, site, { ...ask, subject: vault.newId() })
    expect(gone.decision).toEqual(never.decision)
    expect(gone.decision.effect).toBe('refuse')
  })
})

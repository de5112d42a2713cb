import { afterAll, beforeAll, expect, it } from 'vitest'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { openTestVault, order, registration, submit, subjectOf, type TestVault } from '../testing/open-test-vault.ts'
import { explainDecision } from './explain-decision.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { openFields } from './open-fields.ts'
import { confirmData } from './confirm-data.ts'

let test: TestVault
beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

it('a refusal is explained by the facts of its moment, whatever happened since, to the person and to staff', async () => {
  const { vault } = test
  const subject = subjectOf(await submit(vault, 'registration', registration()))
  await submit(vault, 'order-dedicated-server', order(), { subject })
  const billing = await asService(vault, 'billing', ['payment'])
  const ask = { subject, purpose: 'payment', entity: 'start', fields: ['surname', 'email'] }
  const refused = await openFields(vault, billing, ask)
  expect(refused.decision.effect).toBe('refuse')
  test.pass(60_000)
  await confirmData(vault, asStaff('support'), { subject, entity: 'start', ticket: SUPPORT_TICKET, form: 'in-person' })
  expect((await openFields(vault, billing, ask)).decision.effect).toBe('permit')
  await integrateLedger(vault)

  const on = { subject, entity: 'start', decision: refused.id }
  const { explanation, recorded } = await explainDecision(vault, asSubject(subject), on)
  expect(recorded).toMatchObject({ id: refused.id, effect: 'refuse', purpose: 'payment' })
  expect(explanation?.decision).toMatchObject({ effect: 'refuse', clauses: refused.decision.clauses })
  expect(explanation?.rules.length).toBeGreaterThan(0)
  expect(JSON.stringify(explanation?.otherwise)).toMatch(/подтвержд/)
  const toStaff = await explainDecision(vault, asStaff('dpo'), { ...on, ticket: SUPPORT_TICKET })
  expect(toStaff.explanation).toEqual(explanation)
})

it('another person’s decision is found by nobody, and staff need a ticket', async () => {
  const { vault } = test
  const [anna, boris] = [
    subjectOf(await submit(vault, 'registration', registration())),
    subjectOf(await submit(vault, 'registration', registration())),
  ]
  const site = await asService(vault, 'site', ['identification'])
  const { id } = await openFields(vault, site, {
    subject: anna,
    purpose: 'identification',
    entity: 'start',
    fields: ['email'],
  })
  await integrateLedger(vault)
  await faultOf(
    explainDecision(vault, asSubject(boris), { subject: boris, entity: 'start', decision: id }),
    'not-found',
  )
  const foreign = await explainDecision(vault, asSubject(boris), { subject: anna, entity: 'start', decision: id })
  expect(foreign).not.toHaveProperty('recorded')
  const noTicket = await explainDecision(vault, asStaff('dpo'), { subject: anna, entity: 'start', decision: id })
  expect(noTicket.decision.effect).toBe('refuse')
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { asService, asStaff, asSubject } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { readJournal } from '../testing/journal.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { openTestVault, order, registration, submit, type TestVault } from '../testing/open-test-vault.ts'
import { see, seeOwn, someone } from '../testing/people.ts'
import { correctAge } from './correct-age.ts'
import { describePerson } from './describe-person.ts'

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  vault = test.vault
})
afterAll(() => test.close())

const support = asStaff('support')
const on = (subject: string): { subject: string; entity: string; ticket: string } => ({
  subject,
  entity: 'start',
  ticket: 'T-7',
})

async function ageOf(subject: string): Promise<unknown> {
  return (await describePerson(vault, asSubject(subject), { subject, entity: 'start' })).facts?.age
}

describe('the age told in a form', () => {
  it('is a fact of the person from then on, and is not asked again', async () => {
    const { subject, email } = await someone(vault)
    expect(await ageOf(subject)).toBe('adult')
    const again = await submit(vault, 'order-dedicated-server', order({ email }), { subject })
    expect(again.decision.effect).toBe('permit')
  })

  it('is not told otherwise by a later form', async () => {
    const { subject, email } = await someone(vault)
    const values = order({ email })
    const fault = await faultOf(
      submit(vault, 'order-dedicated-server', values, { subject, age: 'minor' }),
      'invalid-value',
    )
    expect(fault.details.fields?.map(({ field }) => field)).toEqual(['age'])
    expect(await ageOf(subject)).toBe('adult')
  })

  it('of somebody of unknown age decides that very submission, and never overwrites what staff wrote meanwhile', async () => {
    const { subject, email } = await someone(vault)
    const set = (facts: string): Promise<unknown> =>
      vault.data.query(`UPDATE subject SET facts = facts || $2::jsonb WHERE subject_id = $1`, [subject, facts])
    await set('{"age": null}')
    vault.people.forget(subject)
    const refused = await submit(vault, 'order-dedicated-server', order({ email }), { subject, age: 'minor' })
    expect(refused.decision).toMatchObject({ effect: 'refuse', clauses: ['1.2'] })
    await vault.people.reload(subject, vault.now())
    // This process still takes the age for unknown.
    const guardian = { id: subject, kind: 'guardian', since: 0, until: null }
    await set(JSON.stringify({ age: 'minor', representatives: [guardian] }))
    await faultOf(submit(vault, 'order-dedicated-server', order({ email }), { subject, age: 'adult' }), 'conflict')
    vault.people.forget(subject)
    expect(await ageOf(subject)).toBe('minor')
  })

  it('of a minor without a representative: nothing is collected, under the clause that says so', async () => {
    const before = await vault.data.query('SELECT FROM subject')
    const keys = await vault.keys.query('SELECT FROM key')
    const refused = await submit(vault, 'registration', registration(), { age: 'minor' })
    expect(refused.decision).toMatchObject({ effect: 'refuse', clauses: ['1.2'] })
    expect(new Set(refused.decision.causes.map(({ reason }) => reason))).toEqual(new Set(['no-representative']))
    expect(refused.subject).toBeUndefined()
    expect((await vault.data.query('SELECT FROM subject')).rowCount).toBe(before.rowCount)
    expect((await vault.keys.query('SELECT FROM key')).rowCount).toBe(keys.rowCount)
    expect((await ledgerBodies(vault)).at(-1)).toMatchObject({ act: 'collect', effect: 'refuse' })
  })
})

describe('an age corrected by staff', () => {
  it('closes a minor’s data to all but their rights and the law, at once, and opens them again', async () => {
    const { subject, email } = await someone(vault)
    const site = await asService(vault, 'site', ['identification'])
    expect(await see(vault, site, subject, 'identification', ['email'])).toEqual({ email })
    const { decision } = await correctAge(vault, support, { ...on(subject), age: 'minor' })
    expect(decision).toMatchObject({ effect: 'permit' })
    expect(await see(vault, site, subject, 'identification', ['email'])).toBeNull()
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
    expect(await readJournal(vault, subject)).toContainEqual(expect.objectContaining({ kind: 'age-declared' }))
    expect((await ledgerBodies(vault)).find(({ act }) => act === 'correct-age')).toMatchObject({
      detail: { age: 'minor' },
      ticket: 'T-7',
    })
    await correctAge(vault, support, { ...on(subject), age: 'adult' })
    expect(await see(vault, site, subject, 'identification', ['email'])).toEqual({ email })
  })

  it('needs a ticket, and no service corrects it', async () => {
    const { subject } = await someone(vault)
    const { ticket: _, ...without } = on(subject)
    expect((await correctAge(vault, support, { ...without, age: 'minor' })).decision.effect).toBe('refuse')
    const site = await asService(vault, 'site', ['rights'])
    expect((await correctAge(vault, site, { ...on(subject), age: 'minor' })).decision.effect).toBe('refuse')
    expect(await ageOf(subject)).toBe('adult')
  })
})

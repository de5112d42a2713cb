import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { openTestVault, registration, submit, type TestVault } from '../testing/open-test-vault.ts'
import { confirm, provedSomeone, someone } from '../testing/people.ts'
import { correctValues } from './correct-values.ts'
import { destroyData } from './destroy-data.ts'
import { endEpoch } from './end-epoch.ts'
import { findBySurname } from './find-by-surname.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { readHistory } from './read-history.ts'

const support = asStaff('support')
const dpo = asStaff('dpo')
const PHONE = 'phone'
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

function search(surname: string, beside: Readonly<Record<string, string>>, by = support, ticket = SUPPORT_TICKET) {
  return findBySurname(test.vault, by, { surname, beside, purpose: 'rights', entity: 'start', ticket })
}

async function found(surname: string, beside: Readonly<Record<string, string>>, by = support) {
  const outcome = await search(surname, beside, by)
  if (!('candidates' in outcome)) throw new Error('refused')
  return outcome
}

const idsOf = async (...given: Parameters<typeof found>) =>
  (await found(...given)).candidates.map(({ subject }) => subject).sort()

/** Each test searches as a member of staff of its own: how often one may is a test of its own. */
let staff = 0
function fresh() {
  staff += 1
  const id = `00000000-0000-4000-8000-0000000001${String(staff).padStart(2, '0')}`
  return { ...support, staff: id, pseudonym: `support-${staff + 10}` }
}

describe('a search by surname', () => {
  it('finds who has that surname and what is told beside it, and shows them masked', async () => {
    const by = fresh()
    const one = await provedSomeone(test.vault, {
      surname: canary('Образцова'),
      'given-name': 'Пелагея',
      phone: '+7 916 200-12-34',
    })
    const other = await provedSomeone(test.vault, {
      surname: 'Образцова',
      'given-name': 'Зинаида',
      phone: '+7 916 200-56-78',
    })
    expect(await idsOf('образцова', { 'given-name': 'ПЕЛАГЕЯ' }, by)).toEqual([one.subject])
    expect(await idsOf(' Образцова ', { [PHONE]: '…5678' }, by)).toEqual([other.subject])
    expect(await idsOf('Образцова', { [PHONE]: '8 916 200 12 34', 'given-name': 'Пелагея' }, by)).toEqual([one.subject])
    expect(await idsOf('Образцова', { [PHONE]: '1234', 'given-name': 'Зинаида' }, by)).toEqual([])
    const { candidates } = await found('Образцова', { 'given-name': 'Пелагея' }, by)
    const shown = candidates[0]?.shown ?? {}
    expect(shown).toMatchObject({ surname: 'О***а', 'given-name': 'П***я', [PHONE]: '+7 *** *** ** 34' })
    expect(JSON.stringify(shown)).not.toMatch(/Образцова|Пелагея|1234/)
    expect(shown['email']).toMatch(/^.\*\*\*@/)
  })

  it('is entered without a value, whoever it finds, and stands in the history of whom it showed, in words', async () => {
    const by = fresh()
    const { subject } = await provedSomeone(test.vault, { surname: canary('Летописцева'), 'given-name': 'Ольга' })
    await idsOf('Летописцева', { 'given-name': 'Ольга' }, by)
    await idsOf('Нетаких', { 'given-name': 'Ольга' }, by)
    await integrateLedger(test.vault)
    const history = await readHistory(test.vault, asSubject(subject))
    expect(history.map(({ body }) => body).filter((body) => body.includes('"found-by-surname"'))).toHaveLength(1)
    const bodies = (await ledgerBodies(test.vault)).filter(
      ({ act, text }) => act === 'search' && text.includes(by.pseudonym),
    )
    expect(bodies.map(({ detail }) => detail)).toEqual([{ beside: ['given-name'] }, { beside: ['given-name'] }])
    expect(JSON.stringify(bodies)).not.toMatch(/Летописцева|Нетаких|Ольга/)
  })

  it('finds nobody of whom only a form is known, and whoever is confirmed or proved', async () => {
    const by = fresh()
    const made = await submit(test.vault, 'registration', registration({ surname: 'Формина', 'given-name': 'Яна' }))
    expect(await idsOf('Формина', { 'given-name': 'Яна' }, by)).toEqual([])
    await confirm(test.vault, made.subject ?? '')
    expect(await idsOf('Формина', { 'given-name': 'Яна' }, by)).toEqual([made.subject])
  })

  it('follows what is corrected and destroyed, compartment by compartment, and the end of an epoch', async () => {
    const by = fresh()
    const { subject, phone, number } = await someone(test.vault, {
      form: 'order-dedicated-server',
      confirmed: true,
      values: { surname: 'Прежнева', 'given-name': 'Рита' },
    })
    const tail = (number ?? '').slice(-4)
    for (const beside of [{ [PHONE]: phone.slice(-4) }, { 'contract-numbers': tail }])
      expect(await idsOf('Прежнева', beside, by)).toEqual([subject])
    await correctValues(test.vault, dpo, {
      ...{ subject, entity: 'start', ticket: SUPPORT_TICKET },
      values: { surname: 'Новёва' },
    })
    expect(await idsOf('Прежнева', { 'given-name': 'Рита' }, by)).toEqual([])
    expect(await idsOf('Новева', { 'given-name': 'Рита' }, by)).toEqual([subject])
    await endEpoch(test.vault)
    expect(await idsOf('Новева', { [PHONE]: phone.slice(-4) }, by)).toEqual([subject])
    const { rows } = await test.vault.keys.query('SELECT kind FROM tag WHERE subject_id = $1', [subject])
    expect(rows.length).toBeGreaterThan(4)
    const gone = await provedSomeone(test.vault, { surname: 'Ушедшева', 'given-name': 'Ия', phone: '+7 916 200-99-88' })
    expect(await idsOf('Ушедшева', { [PHONE]: '9988' }, by)).toEqual([gone.subject])
    const on = { subject: gone.subject, entity: 'start', ticket: SUPPORT_TICKET }
    const { decision } = await destroyData(test.vault, dpo, { ...on, compartments: ['contact'] })
    expect(decision.effect).toBe('permit')
    expect(await idsOf('Ушедшева', { [PHONE]: '9988' }, by)).toEqual([])
    const kinds = await test.vault.keys.query<{ kind: string }>('SELECT kind FROM tag WHERE subject_id = $1', [
      gone.subject,
    ])
    expect(kinds.rows.filter(({ kind }) => kind.includes(PHONE))).toEqual([])
  })

  it('shows nobody, and opens nobody, where more than twenty have it', async () => {
    const by = fresh()
    const many = { surname: 'Многова', 'given-name': 'Анна' }
    for (let n = 0; n < 21; n += 1) await someone(test.vault, { values: many, confirmed: true })
    const before = (await ledgerBodies(test.vault)).filter(({ act }) => act === 'found-by-surname').length
    expect(await found('Многова', { 'given-name': 'Анна' }, by)).toMatchObject({ candidates: [], tooMany: true })
    expect((await ledgerBodies(test.vault)).filter(({ act }) => act === 'found-by-surname')).toHaveLength(before)
    const last = await someone(test.vault, { values: many, confirmed: true })
    const told = { 'given-name': 'Анна', [PHONE]: last.phone.slice(-4) }
    expect(await idsOf('Многова', told, by)).toEqual([last.subject])
  })

  it('is refused to other roles and purposes, without something beside the surname, for what is no name, and beyond so many an hour', async () => {
    const by = fresh()
    const beside = { 'given-name': 'Анна' }
    await faultOf(search('Петрова', {}, by), 'invalid-request')
    await faultOf(search('Петрова', { email: 'a@b.example' }, by), 'unknown-field')
    await faultOf(search('Петрова', { surname: 'Петрова' }, by), 'unknown-field')
    await faultOf(search('<script>', beside, by), 'invalid-value')
    await faultOf(search('Петрова', { [PHONE]: '12' }, by), 'invalid-value')
    await faultOf(search('Петрова', beside, by, 'no ticket at all'), 'invalid-request')
    await faultOf(search('Петрова', beside, { ...by, name: 'analyst' }), 'forbidden')
    const marketing = { surname: 'Петрова', beside, purpose: 'marketing', entity: 'start', ticket: SUPPORT_TICKET }
    expect((await findBySurname(test.vault, by, marketing)).decision.effect).toBe('refuse')
    for (let n = 1; n < 20; n += 1) await found('Никто', beside, by)
    await faultOf(search('Никто', beside, by), 'rate-limited')
    test.pass(3_600_000)
    expect(await idsOf('Никто', beside, by)).toEqual([])
  })
})

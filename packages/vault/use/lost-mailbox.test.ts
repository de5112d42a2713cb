import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { insertStaff } from '../store/access.ts'
import { asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { codeTo, lettersTo } from '../testing/mailbox.ts'
import { freshEmail, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { provedSomeone, seeOwn } from '../testing/people.ts'
import { destroyData } from './destroy-data.ts'
import {
  cancelMailbox,
  confirmMailbox,
  listWaitingMailboxes,
  myWaitingMailbox,
  proposeMailbox,
  proveMailbox,
  replaceMailboxes,
  sendMailboxCode,
} from './lost-mailbox.ts'
import { beginSession, proveCode } from './prove-code.ts'
import { requestCode } from './request-code.ts'
import { authenticateSession } from './staff-access.ts'

const DAY = 86_400_000
const first = asStaff('dpo')
const second = { ...asStaff('dpo'), staff: '00000000-0000-4000-8000-000000000002', pseudonym: 'dpo-2' }
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
  for (const { staff, pseudonym, name } of [first, second])
    await insertStaff(test.vault.data, { staff_id: staff, pseudonym, role: name }, test.now())
})
afterAll(() => test.close())

const on = (subject: string) => ({ subject, entity: 'start', ticket: SUPPORT_TICKET })
const propose = (subject: string, email: string, method = 'document-in-person') =>
  proposeMailbox(test.vault, first, { ...on(subject), email, method })

/** Somebody whose new mailbox is proposed, and proved by the code that came to it. */
async function proposed(): Promise<Proposed> {
  const { subject, email } = await provedSomeone(test.vault)
  const next = freshEmail('next')
  return { subject, email, next, change: await proposeProved(subject, next) }
}

interface Proposed {
  readonly subject: string
  readonly email: string
  readonly next: string
  readonly change: string
}

async function proposeProved(subject: string, next: string): Promise<string> {
  const { code, change = '' } = await propose(subject, next)
  const given = { ...on(subject), id: code?.id ?? '', code: await codeTo(test.vault, next) }
  await proveMailbox(test.vault, first, given)
  return change
}

const confirm = ({ subject, change, next }: Omit<Proposed, 'email'>, by = second) =>
  confirmMailbox(test.vault, by, { ...on(subject), change, email: next })

async function signIn(email: string): Promise<string> {
  const { id } = await requestCode(test.vault, { email })
  return (await proveCode(test.vault, { id, code: await codeTo(test.vault, email) })).subject
}

describe('a mailbox in place of a lost one', () => {
  it('signs in after two members of staff, a code from it and a week, told to the old one at each step', async () => {
    const one = await proposed()
    const { subject, email, next } = one
    expect((await lettersTo(test.vault, email))[0]).toContain('доступ к этому адресу утрачен')
    const session = await beginSession(test.vault, test.vault.data, 'subject', subject, ['email'], 90 * DAY)
    await faultOf(confirm(one, first), 'forbidden')
    expect((await confirm(one)).decision.effect).toBe('permit')
    expect((await lettersTo(test.vault, email))[0]).toContain('До тех пор её можно отменить')
    await faultOf(confirm(one), 'conflict')
    test.pass(7 * DAY - 60_000)
    expect(await replaceMailboxes(test.vault)).toBe(0)
    expect(await signIn(email)).toBe(subject)
    test.pass(2 * 60_000)
    // Two processes at once: it is done once.
    const other = await test.second()
    const done = await Promise.all([replaceMailboxes(test.vault), replaceMailboxes(other)])
    expect(done[0] + done[1]).toBe(1)
    expect((await lettersTo(test.vault, email))[0]).toContain('входите по новому адресу')
    expect(await authenticateSession(test.vault, session.token)).toBeNull()
    expect(await seeOwn(test.vault, subject, ['email'])).toEqual({ email: next })
    expect(await signIn(next)).toBe(subject)
    const old = await requestCode(test.vault, { email })
    expect((await lettersTo(test.vault, email))[0]).toContain('подтверждённых данных с ним у нас нет')
    await faultOf(proveCode(test.vault, { id: old.id, code: '000000' }), 'code-invalid')
    const acts = (await ledgerBodies(test.vault)).map(({ act }) => act)
    for (const act of ['propose-mailbox', 'confirm-mailbox', 'replace-mailbox']) expect(acts).toContain(act)
    const bodies = JSON.stringify(await ledgerBodies(test.vault))
    for (const address of [email, next]) expect(bodies).not.toContain(address)
  })

  it('is cancelled from the old mailbox until its day, and then nothing has changed', async () => {
    const one = await proposed()
    const { subject, email, next } = one
    await confirm(one)
    expect(await myWaitingMailbox(test.vault, asSubject(subject))).toMatchObject({ method: 'document-in-person' })
    expect(await signIn(email)).toBe(subject)
    await cancelMailbox(test.vault, asSubject(subject), { subject, entity: 'start' })
    expect(await myWaitingMailbox(test.vault, asSubject(subject))).toBeNull()
    test.pass(8 * DAY)
    expect(await replaceMailboxes(test.vault)).toBe(0)
    expect(await seeOwn(test.vault, subject, ['email'])).toEqual({ email })
    await faultOf(cancelMailbox(test.vault, asSubject(subject), { subject, entity: 'start' }), 'not-found')
    expect((await lettersTo(test.vault, next)).length).toBe(1)
  })

  it('is not confirmed before a code came back from it', async () => {
    const { subject } = await provedSomeone(test.vault)
    const next = freshEmail('unproved')
    const { change = '' } = await propose(subject, next, 'notarised-letter')
    const one = { subject, next, change }
    await faultOf(confirm(one), 'conflict')
    const { id } = await sendMailboxCode(test.vault, first, on(subject))
    await faultOf(proveMailbox(test.vault, first, { ...on(subject), id, code: '999999' }), 'code-invalid')
    await faultOf(confirm(one), 'conflict')
    await proveMailbox(test.vault, first, { ...on(subject), id, code: await codeTo(test.vault, next) })
    await confirm(one)
    test.pass(8 * DAY)
    expect(await replaceMailboxes(test.vault)).toBe(1)
    expect(await signIn(next)).toBe(subject)
  })

  it('is confirmed as its owner told it, not as another put in its place since', async () => {
    const { subject, next, change } = await proposed()
    await cancelMailbox(test.vault, first, on(subject))
    const swapped = freshEmail('swapped')
    const since = await proposeProved(subject, swapped)
    // The page of before, the page of now with the address that the owner told, and the other way round.
    await faultOf(confirm({ subject, next, change }), 'conflict')
    await faultOf(confirm({ subject, next, change: since }), 'conflict')
    await faultOf(confirm({ subject, next: swapped, change }), 'conflict')
    await faultOf(confirm({ subject, next: 'no address', change: since }), 'conflict')
    expect(await myWaitingMailbox(test.vault, asSubject(subject))).toMatchObject({ id: since, dueAt: null })
    // Case makes no difference, as it makes none where people are found.
    await confirm({ subject, next: swapped.toUpperCase(), change: since })
  })

  it('is given up where the data of the old one are destroyed alone', async () => {
    const one = await proposed()
    await confirm(one)
    await destroyData(test.vault, first, { ...on(one.subject), compartments: ['contact'] })
    expect(await myWaitingMailbox(test.vault, asSubject(one.subject))).toBeNull()
  })

  it('tells nobody whose a mailbox is before a code came back from it, and then is given up, in the ledger too', async () => {
    const [one, other] = [await provedSomeone(test.vault), await provedSomeone(test.vault)]
    const [free, taken] = [await propose(one.subject, freshEmail('free')), await propose(other.subject, one.email)]
    const shape = (answer: object) => Object.keys(answer).sort()
    expect(shape(taken)).toEqual(shape(free))
    expect(taken.decision.effect).toBe('permit')
    const given = { ...on(other.subject), id: taken.code?.id ?? '', code: await codeTo(test.vault, one.email) }
    await faultOf(proveMailbox(test.vault, first, given), 'conflict')
    expect(await myWaitingMailbox(test.vault, asSubject(other.subject))).toBeNull()
    expect((await lettersTo(test.vault, other.email))[0]).toContain('остаётся вашим')
    const details = (await ledgerBodies(test.vault)).map(({ detail }) => detail)
    expect(details).toContainEqual({ change: taken.change, proved: true, taken: true })
  })

  it('is proposed so often in an hour by one, and each try that comes to nothing is in the ledger', async () => {
    const { subject } = await provedSomeone(test.vault)
    const asking = { ...first, staff: '00000000-0000-4000-8000-000000000003', pseudonym: 'dpo-3' }
    await insertStaff(test.vault.data, { staff_id: asking.staff, pseudonym: 'dpo-3', role: 'dpo' }, test.now())
    const ask = () =>
      proposeMailbox(test.vault, asking, { ...on(subject), email: freshEmail('try'), method: 'document-in-person' })
    await ask()
    for (let n = 1; n < 10; n += 1) await faultOf(ask(), 'conflict')
    await faultOf(ask(), 'rate-limited')
    const bodies = JSON.stringify(await ledgerBodies(test.vault))
    expect(bodies.split('"refused":"conflict"').length - 1).toBe(9)
    test.pass(3_600_000)
    await faultOf(ask(), 'conflict')
  })

  it('that meets a fault keeps no other waiting', async () => {
    await test.vault.data.query('DELETE FROM mailbox_change')
    const [broken, good] = [await proposed(), await proposed()]
    for (const one of [broken, good]) await confirm(one)
    await test.vault.data.query(`UPDATE mailbox_change SET sealed = '\\x00' WHERE change_id = $1`, [broken.change])
    test.pass(8 * DAY)
    await expect(replaceMailboxes(test.vault)).rejects.toThrow()
    expect(await signIn(good.next)).toBe(good.subject)
    await test.vault.data.query('DELETE FROM mailbox_change')
  })

  it('is not proposed on less than a document, twice, nor for nobody', async () => {
    const one = await provedSomeone(test.vault)
    for (const method of ['session', 'contract-words', 'email-code', 'palm-reading'])
      await faultOf(propose(one.subject, freshEmail('x'), method), 'invalid-request')
    await faultOf(propose(one.subject, 'no address'), 'invalid-value')
    await propose(one.subject, freshEmail('x'))
    await faultOf(propose(one.subject, freshEmail('y')), 'conflict')
    const waiting = await listWaitingMailboxes(test.vault, first)
    expect(waiting.filter(({ subject }) => subject === one.subject)).toHaveLength(1)
    expect(JSON.stringify(waiting)).not.toContain('@')
    await faultOf(listWaitingMailboxes(test.vault, asStaff('support')), 'forbidden')
    const nobody = await propose('00000000-0000-4000-8000-00000000000f', freshEmail('x'))
    expect(nobody.decision.effect).toBe('refuse')
  })
})

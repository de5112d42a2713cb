import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadFacts } from '../../store/subjects.ts'
import { asStaff, asSubject } from '../../testing/callers.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { lettersTo, mailTo } from '../../testing/mailbox.ts'
import { freshEmail, openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { READS_PDF, textOf } from '../../testing/pdf-text.ts'
import { provedSomeone, someone } from '../../testing/people.ts'
import { ask, only } from '../../testing/requests.ts'
import { decideRequest } from './decide-request.ts'
import { policyOf } from './law.ts'
import { linkLetter, recordCheck } from './prove-identity.ts'
import { describeRequest } from './queue.ts'
import { registerLetter } from './register-letter.ts'
import { markPosted, readReply, sendReply } from './send-reply.ts'
import { tendRequests } from './tend-requests.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const dpo = asStaff('dpo')
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

/** Somebody's letter, of whom a proof is asked. */
async function asked(channel: 'mail' | 'paper', kind: 'information' | 'inaccuracy' = 'information') {
  const { subject } = await someone(test.vault, { confirmed: true })
  const email = freshEmail('unproved')
  const sender = { name: 'Пётр Образцов', address: 'Пермь, ул. Ленина, 1', email: channel === 'mail' ? email : '' }
  const { letter, requests } = await registerLetter(test.vault, dpo, { channel, text: '', kinds: [kind], sender })
  await linkLetter(test.vault, dpo, { letter: letter.id, subject })
  const { id } = only(requests)
  const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'identity' })
  if (channel === 'paper') await markPosted(test.vault, dpo, reply.id)
  return { id, letter: letter.id, subject, email, said: reply }
}

const show = (id: string) => describeRequest(test.vault, dpo, id)

/** Goes on to the noon of the last planned day, or just before it. */
async function noon(id: string, before = 0): Promise<void> {
  const { request } = await show(id)
  test.pass((request.dueAt ?? 0) - 12 * HOUR - before - test.now())
  await tendRequests(test.vault)
}

async function blockedFor(subject: string) {
  return (await loadFacts(test.vault.data, [subject])).get(subject)?.facts.blocked
}

describe('who does not show who they are', () => {
  it.runIf(READS_PDF)('is refused inside the clock with the reason, its article and where to complain', async () => {
    const one = await asked('mail', 'inaccuracy')
    const promised = textOf((await readReply(test.vault, dpo, one.said.id)).pdf)
    await noon(one.id, 60_000)
    expect((await show(one.id)).request.state).toBe('identifying')
    test.pass(60_000)
    await tendRequests(test.vault)
    const { request, replies } = await show(one.id)
    expect([request.state, request.late, request.fold.refusal]).toEqual(['refused', false, 'identity'])
    expect(request.fold.tracks.every(({ end }) => end?.late === false)).toBe(true)
    const [refusal] = replies.filter(({ kind }) => kind === 'refusal')
    const text = textOf((await readReply(test.vault, dpo, refusal?.id ?? '')).pdf)
    for (const words of [
      'Личность обратившегося не подтверждена',
      'ч. 3 ст. 14 152-ФЗ',
      'обжаловать отказ',
      'или в суд',
    ])
      expect(text).toContain(words)
    expect(text).toContain('документ, предъявленный лично')
    // The letter that asked for a proof named the very day.
    const zone = policyOf(test.vault).zone
    expect(promised).toContain(new Intl.DateTimeFormat('ru', { dateStyle: 'long', timeZone: zone }).format(test.now()))
    expect((await mailTo(test.vault, one.email))[0]?.attachments).toHaveLength(1)
    expect(await blockedFor(one.subject)).toBeNull()
    const hash = Buffer.from(refusal?.hash ?? '').toString('hex')
    expect((await ledgerBodies(test.vault)).filter(({ text: body }) => body.includes(hash))).toHaveLength(1)
  })

  it('is asked by the software where nobody has by half the term, by mail, and refused inside the clock in the end', async () => {
    const email = freshEmail('unasked')
    const letterOf = (sender: object, kind: 'information' | 'objection') =>
      registerLetter(test.vault, dpo, { channel: 'mail', text: '', kinds: [kind], sender })
    const { id, receivedAt, dueAt } = only((await letterOf({ email }, 'information')).requests)
    const [unreachable, waivable] = [
      only((await letterOf({ name: 'Без почты' }, 'information')).requests).id,
      only((await letterOf({ email: freshEmail('waivable') }, 'objection')).requests).id,
    ]
    const stateOf = async (one: string) => (await show(one)).request.state
    test.pass(receivedAt + ((dueAt ?? 0) - receivedAt) / 2 - 60_000 - test.now())
    await tendRequests(test.vault)
    expect([await stateOf(id), (await mailTo(test.vault, email)).length]).toEqual(['registered', 0])
    test.pass(120_000)
    await tendRequests(test.vault)
    await tendRequests(await test.second())
    expect([await stateOf(id), (await mailTo(test.vault, email)).length]).toEqual(['identifying', 1])
    expect([await stateOf(unreachable), await stateOf(waivable)]).toEqual(['registered', 'registered'])
    await noon(id)
    expect((await show(id)).request).toMatchObject({ state: 'refused', late: false })
    // Nobody could be asked: the officer hears of it, and it can still be refused after its last day, late.
    test.pass(3 * DAY)
    while ((await tendRequests(test.vault)) > 0);
    const { request, events } = await show(unreachable)
    expect(request.state).toBe('registered')
    expect(events.some(({ event }) => event.kind === 'escalated' && event.share === 100)).toBe(true)
    await decideRequest(test.vault, dpo, { request: unreachable, step: 'rejected', reason: 'identity' })
    const { reply } = await sendReply(test.vault, dpo, { request: unreachable, kind: 'refusal' })
    expect((await markPosted(test.vault, dpo, reply.id)).request).toMatchObject({ state: 'refused', late: true })
  })

  it('is refused once, however many servers look, and not where a proof came before', async () => {
    const [late, proved] = [await asked('mail'), await asked('mail')]
    await recordCheck(test.vault, dpo, { letter: proved.letter, method: 'document-in-person', passed: true })
    const { request } = await show(late.id)
    test.pass((request.dueAt ?? 0) - 12 * HOUR - test.now())
    await Promise.all([tendRequests(test.vault), tendRequests(await test.second())])
    const { replies } = await show(late.id)
    expect(replies.filter(({ kind }) => kind === 'refusal')).toHaveLength(1)
    expect((await show(proved.id)).request.state).toBe('deciding')
  })

  it('is refused on paper that is made once, of which the officer is told, and which counts once it is posted', async () => {
    const one = await asked('paper')
    await noon(one.id)
    test.pass(2 * HOUR)
    await tendRequests(test.vault)
    const { request, replies } = await show(one.id)
    expect(request.state).toBe('refusing')
    const refusals = replies.filter(({ kind }) => kind === 'refusal')
    expect(refusals.map(({ channel }) => channel)).toEqual(['print'])
    const told = await lettersTo(test.vault, policyOf(test.vault).operator.email)
    expect(told.filter((text) => text.includes(`${request.number} никто не подтвердил`))).toHaveLength(1)
    const posted = await markPosted(test.vault, dpo, refusals[0]?.id ?? '')
    expect(posted.request).toMatchObject({ state: 'refused', late: false })
  })

  it('on the portal, too, where a session is too little; and where staff said so and sent nothing', async () => {
    const { subject } = await provedSomeone(test.vault)
    const { id } = await ask(test.vault, subject, 'erasure')
    const one = await asked('mail')
    await decideRequest(test.vault, dpo, { request: one.id, step: 'identity-failed' })
    expect((await show(one.id)).request.state).toBe('refusing')
    expect((await blockedFor(subject))?.reason).toBe('claimed')
    await noon(id)
    await tendRequests(test.vault)
    for (const each of [id, one.id]) expect((await show(each)).request).toMatchObject({ state: 'refused', late: false })
    expect(await blockedFor(subject)).toBeNull()
    const { replies } = await show(id)
    const sent = replies.find(({ kind }) => kind === 'refusal')
    expect((await readReply(test.vault, asSubject(subject), sent?.id ?? '')).reply.channel).toBe('portal')
  })

  it('is not refused by the software where the request may go on without: staff decide', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { requests } = await registerLetter(test.vault, dpo, {
      channel: 'paper',
      text: '',
      kinds: ['objection'],
      subject,
    })
    const { id } = only(requests)
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'identity' })
    await markPosted(test.vault, dpo, reply.id)
    test.pass(60 * DAY)
    await tendRequests(test.vault)
    expect((await show(id)).request.state).toBe('identifying')
  })
})

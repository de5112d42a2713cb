import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SubjectCaller } from '../guard/caller.ts'
import { asStaff, SUPPORT_TICKET } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { lettersTo } from '../testing/mailbox.ts'
import { openTestVault, registration, submit, type TestVault } from '../testing/open-test-vault.ts'
import { provedSomeone, someone } from '../testing/people.ts'
import { ask, only, paper } from '../testing/requests.ts'
import { askDestruction, cancelDestruction } from './erasure.ts'
import { findPerson } from './find-person.ts'
import { correctValues } from './correct-values.ts'
import { beginSession } from './prove-code.ts'
import { provePhone, sendPhoneCode } from './prove-phone.ts'
import { authenticateSession } from './staff-access.ts'
import { proveLetterCode, proveOwnRequest, sendLetterCode } from './requests/letter-code.ts'
import { letterOf } from './requests/on-request.ts'
import { describeRequest } from './requests/queue.ts'
import { registerLetter } from './requests/register-letter.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const dpo = asStaff('dpo')
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

/** Somebody signed in by their mailbox, in a real session. */
async function signedIn(subject: string): Promise<() => Promise<SubjectCaller>> {
  const { token } = await beginSession(test.vault, test.vault.data, 'subject', subject, ['email'], DAY)
  return async () => {
    const caller = await authenticateSession(test.vault, token)
    if (caller?.kind !== 'subject') throw new Error('signed out')
    return caller
  }
}

const codeIn = (text: string | undefined): string => /Code: (\d{6})/.exec(text ?? '')?.[1] ?? ''
const codeAt = async (phone: string): Promise<string> => codeIn((await lettersTo(test.vault, phone))[0])
const search = (phone: string) =>
  findPerson(test.vault, dpo, {
    kind: 'phone',
    value: phone,
    purpose: 'rights',
    entity: 'start',
    ticket: SUPPORT_TICKET,
  })

async function prove(caller: SubjectCaller, phone: string): Promise<{ readonly counts: boolean }> {
  const { id } = await sendPhoneCode(test.vault, caller)
  return provePhone(test.vault, caller, { id, code: await codeAt(phone) })
}

describe('a code to the phone', () => {
  it('proves that phone, by which people are found from then on, and counts in that session for a quarter of an hour', async () => {
    const phone = '+79165554321'
    const { subject } = await provedSomeone(test.vault, { phone })
    const [one, other] = [await signedIn(subject), await signedIn(subject)]
    expect(await search(phone)).toMatchObject({ subjects: [] })
    expect(await prove(await one(), phone)).toEqual({ counts: true })
    expect(await search(phone)).toMatchObject({ subjects: [subject] })
    const destroy = async (who: () => Promise<SubjectCaller>) =>
      askDestruction(test.vault, await who(), { subject, entity: 'start', compartments: null })
    await faultOf(destroy(other), 'proof-needed')
    test.pass(15 * MINUTE)
    await faultOf(destroy(one), 'proof-needed')
    await prove(await one(), phone)
    expect((await destroy(one)).waits?.due).toBeGreaterThan(test.now())
    expect((await lettersTo(test.vault, phone))[0]).toContain('Запрошено уничтожение ваших данных')
    await cancelDestruction(test.vault, await one(), { subject, entity: 'start' })
  })

  it('is good once, in the session that asked, for ten minutes and five guesses, and signs nobody in', async () => {
    const { subject, phone } = await someone(test.vault)
    const [one, other] = [await signedIn(subject), await signedIn(subject)]
    const first = await sendPhoneCode(test.vault, await one())
    const code = await codeAt(phone)
    await faultOf(provePhone(test.vault, await other(), { id: first.id, code }), 'code-invalid')
    expect(await provePhone(test.vault, await one(), { id: first.id, code })).toEqual({ counts: true })
    await faultOf(provePhone(test.vault, await one(), { id: first.id, code }), 'code-invalid')
    const second = await sendPhoneCode(test.vault, await one())
    const good = await codeAt(phone)
    const wrong = good === '000000' ? '000001' : '000000'
    for (let i = 0; i < 5; i++)
      await faultOf(provePhone(test.vault, await one(), { id: second.id, code: wrong }), 'code-invalid')
    await faultOf(provePhone(test.vault, await one(), { id: second.id, code: good }), 'code-invalid')
    const third = await sendPhoneCode(test.vault, await one())
    const late = await codeAt(phone)
    test.pass(10 * MINUTE + 1)
    await faultOf(provePhone(test.vault, await one(), { id: third.id, code: late }), 'code-invalid')
  })

  it('goes to one number five times an hour and ten times a day, over all processes', async () => {
    const { subject } = await someone(test.vault)
    const who = await signedIn(subject)
    const vaults = [test.vault, await test.second()]
    const send = async (i: number) => sendPhoneCode(vaults[i % 2] ?? test.vault, await who())
    for (let i = 0; i < 5; i++) await send(i)
    await faultOf(send(0), 'rate-limited')
    test.pass(HOUR + MINUTE)
    for (let i = 0; i < 5; i++) await send(i)
    test.pass(HOUR + MINUTE)
    await faultOf(send(1), 'rate-limited')
  })

  it('does not count where the number was changed lately: a session that was taken over shows no more by it', async () => {
    const { subject, phone } = await someone(test.vault)
    const who = await signedIn(subject)
    const next = `+7999${phone.slice(-7)}`
    await correctValues(test.vault, await who(), { subject, entity: 'start', values: { phone: next } })
    expect(await prove(await who(), next)).toEqual({ counts: false })
    await faultOf(
      askDestruction(test.vault, await who(), { subject, entity: 'start', compartments: null }),
      'proof-needed',
    )
    test.pass(3 * DAY)
    const later = await signedIn(subject)
    expect(await prove(await later(), next)).toEqual({ counts: true })
  })

  it('is refused to who has no phone, and to who is in no session of their own', async () => {
    const collected = await submit(test.vault, 'registration', registration({ phone: undefined }))
    const who = await signedIn(collected.subject ?? '')
    await faultOf(sendPhoneCode(test.vault, await who()), 'conflict')
    const { session: _, ...nowhere } = await who()
    await faultOf(sendPhoneCode(test.vault, nowhere), 'forbidden')
  })
})

describe('a request from the portal', () => {
  it('that needs more goes on once the phone is proved, and an erasure then waits for its day', async () => {
    const { subject, phone } = await someone(test.vault)
    const who = await signedIn(subject)
    const { id } = await ask(test.vault, subject, 'erasure')
    expect((await describeRequest(test.vault, dpo, id)).request.state).toBe('identifying')
    await faultOf(proveOwnRequest(test.vault, await who(), id), 'proof-needed')
    await prove(await who(), phone)
    expect((await proveOwnRequest(test.vault, await who(), id)).state).toBe('waiting')
    const stranger = await signedIn((await someone(test.vault)).subject)
    await faultOf(proveOwnRequest(test.vault, await stranger(), id), 'not-found')
  })

  it('is proved at once where the phone was proved in the session before', async () => {
    const { subject, phone } = await someone(test.vault)
    const who = await signedIn(subject)
    await prove(await who(), phone)
    const letter = { channel: 'portal', subject, kinds: ['erasure'], text: '' } as const
    const { requests } = await registerLetter(test.vault, await who(), letter)
    expect(only(requests).state).toBe('waiting')
  })
})

describe('a code for a letter', () => {
  it('proves its author by the software’s word, for that letter and that channel', async () => {
    const { subject, phone } = await someone(test.vault)
    await prove(await (await signedIn(subject))(), phone)
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['information'], subject })
    const other = await paper(test.vault, { text: '', kinds: ['information'], subject })
    const { id } = await sendLetterCode(test.vault, dpo, { letter: letter.id, channel: 'phone' })
    const code = await codeAt(phone)
    const given = { letter: letter.id, id, code, channel: 'phone' as const }
    await faultOf(proveLetterCode(test.vault, dpo, { ...given, letter: other.letter.id }), 'code-invalid')
    await faultOf(proveLetterCode(test.vault, dpo, { ...given, channel: 'email' }), 'code-invalid')
    const { proof, identity } = await proveLetterCode(test.vault, dpo, given)
    expect(identity).toBe('proved')
    expect(proof).toMatchObject([{ method: 'phone-code', level: 1, passed: true, by: null }])
    expect((await describeRequest(test.vault, dpo, only(requests).id)).request.state).toBe('deciding')
  })

  it('is answered alike where there is nobody to send it to: the same work is queued, and nothing goes out', async () => {
    const [known, unknown] = [await someone(test.vault), await someone(test.vault)]
    await prove(await (await signedIn(known.subject))(), known.phone)
    const queued = async () =>
      (await test.vault.data.query<{ n: string }>(`SELECT count(*) AS n FROM outbox WHERE channel = 'sms'`)).rows[0]?.n
    const answers: string[][] = []
    for (const { subject, phone } of [known, unknown]) {
      const { letter } = await paper(test.vault, { text: '', kinds: ['information'], subject })
      const before = [Number(await queued()), (await lettersTo(test.vault, phone)).length]
      const sent = await sendLetterCode(test.vault, dpo, { letter: letter.id, channel: 'phone' })
      expect(Number(await queued())).toBe((before[0] ?? 0) + 1)
      answers.push(Object.keys(sent))
      expect((await lettersTo(test.vault, phone)).length - (before[1] ?? 0)).toBe(phone === known.phone ? 1 : 0)
      const guess = { letter: letter.id, id: sent.id, code: '123456', channel: 'phone' as const }
      await faultOf(proveLetterCode(test.vault, dpo, guess), 'code-invalid')
      expect((await letterOf(test.vault, letter.id)).identity).toBe('claimed')
    }
    expect(answers[0]).toEqual(answers[1])
  })
})

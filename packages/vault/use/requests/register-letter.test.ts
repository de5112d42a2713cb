import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANSWER } from '@doverie/core/request'
import type { RequestKind } from '@doverie/core/base'
import { loadFacts } from '../../store/subjects.ts'
import { asService, asStaff, asSubject } from '../../testing/callers.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { provedSomeone, see, someone } from '../../testing/people.ts'
import { queryOnce as query } from '../../../server/testing/query.ts'
import { lettersTo } from '../../testing/mailbox.ts'
import { ask, only, paper } from '../../testing/requests.ts'
import { integrateLedger } from '../integrate-ledger.ts'
import { readHistory } from '../read-history.ts'
import { destroyData } from '../destroy-data.ts'
import { sweep } from '../sweep.ts'
import { decideRequest } from './decide-request.ts'
import { forgetLetters } from './forget-letters.ts'
import { linkLetter } from './prove-identity.ts'
import { describeRequest } from './queue.ts'
import { readLetter, readPart } from './read-letter.ts'
import { type LetterIn, type RegisteredLetter, registerLetter } from './register-letter.ts'
import { markPosted, sendReply } from './send-reply.ts'
import { recountRequests } from './tend-requests.ts'

let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

async function facts(subject: string) {
  return (await loadFacts(test.vault.data, [subject])).get(subject)?.facts
}

function kinds({ requests }: RegisteredLetter): readonly RequestKind[] {
  return requests.map(({ kind }) => kind)
}

const MARK = 'отзыв согласия на обработку персональных данных'

describe('a letter on paper', () => {
  it('gets a number, and starts what its mark says, whoever registers it', async () => {
    const registered = await paper(test.vault, {
      text: 'Здравствуйте',
      marks: [MARK.toUpperCase()],
      kinds: ['feedback'],
    })
    expect(registered.letter.number).toMatch(/^\d{4}-\d{6}$/)
    expect(kinds(registered)).toEqual(['feedback', 'withdrawal'])
    expect(registered.requests[1]?.routedBy).toBe('mark')
  })

  it('counts its clocks from the day it was received, whenever it is registered', async () => {
    const receivedAt = Date.parse('2026-11-02T09:00:00Z')
    const { requests } = await paper(test.vault, { text: '', kinds: ['information'], receivedAt })
    const track = only(requests).fold.tracks.find(({ rule }) => rule === 'information')
    expect(track?.start).toBe(receivedAt)
    expect(new Date((track?.outer ?? 0) - 1).toISOString().slice(0, 10)).toBe('2026-11-17')
  })

  it('may start several requests, each with its own clocks, and is suggested what its words speak of besides', async () => {
    const registered = await paper(test.vault, {
      text: 'Отзываю согласие, прекратите обработку и удалите мои данные',
      kinds: ['withdrawal', 'stop-processing'],
    })
    expect(kinds(registered)).toEqual(['withdrawal', 'stop-processing'])
    expect(registered.suggested).toEqual(['erasure'])
    for (const { fold } of registered.requests) expect(fold.tracks.map(({ rule }) => rule)).toContain(ANSWER)
  })

  it('that nobody understands is feedback, with a clock and somebody whose move it is', async () => {
    const request = only((await paper(test.vault, { text: 'Добрый день!' })).requests)
    expect(request).toMatchObject({ kind: 'feedback', routedBy: 'words', owner: 'staff' })
    expect(request.dueAt).toBeGreaterThan(test.now())
  })

  it('keeps its words and its scan sealed, opens them to whoever sees to requests, and nobody else', async () => {
    const scan = Buffer.from('%PDF-1.7 скан письма Ёлкиной')
    const { letter } = await paper(test.vault, {
      text: 'Секретная просьба',
      sender: { name: 'Ёлкина Анна' },
      broughtBy: 'курьер',
      parts: [{ name: 'письмо.pdf', type: 'application/pdf', content: scan }],
    })
    const rows = await query(test.urls.dataUrl, 'SELECT sealed FROM letter UNION ALL SELECT sealed FROM letter_part')
    for (const { sealed } of rows as readonly { readonly sealed: Buffer }[]) {
      for (const plain of ['Секретная', 'Ёлкина', '%PDF', 'письмо.pdf']) expect(sealed.includes(plain)).toBe(false)
    }
    const read = await readLetter(test.vault, asStaff('support'), letter.id)
    expect(read.content).toMatchObject({
      text: 'Секретная просьба',
      broughtBy: 'курьер',
      sender: { name: 'Ёлкина Анна' },
    })
    const [part] = read.content?.parts ?? []
    expect((await readPart(test.vault, asStaff('dpo'), letter.id, part?.id ?? '')).content).toEqual(scan)
    const analyst = { ...asStaff('support'), name: 'analyst' }
    await expect(readLetter(test.vault, analyst, letter.id)).rejects.toMatchObject({ code: 'forbidden' })
    await expect(readLetter(test.vault, asSubject(letter.id), letter.id)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('is rejected from the future, with nothing in it, with an entity or a person that are none, and for a role without the duty', async () => {
    const later = test.now() + 86_400_000
    await expect(paper(test.vault, { text: '', receivedAt: later })).rejects.toMatchObject({
      details: { field: 'receivedAt' },
    })
    await expect(paper(test.vault, { text: '', entity: 'acme' })).rejects.toMatchObject({ code: 'unknown-entity' })
    await expect(paper(test.vault, { text: '', subject: 'anna' })).rejects.toMatchObject({ code: 'invalid-request' })
    for (const nothing of [{ text: '' }, { text: ' \n', heading: ' ', marks: [''], kinds: [] }]) {
      await expect(paper(test.vault, nothing)).rejects.toMatchObject({ details: { field: 'text' } })
    }
    const analyst = { ...asStaff('support'), name: 'analyst' }
    await expect(registerLetter(test.vault, analyst, { channel: 'paper', text: '' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  it('keeps its keys through the sweep, and leaves none where it never came to be', async () => {
    const { letter } = await paper(test.vault, { text: 'останется' })
    const orphan = test.vault.newId()
    await test.vault.ring.create(orphan, ['letter'], test.now())
    test.pass(3 * 3_600_000)
    await integrateLedger(test.vault)
    await sweep(test.vault)
    expect((await readLetter(test.vault, asStaff('support'), letter.id)).content?.text).toBe('останется')
    expect(await query(test.urls.keystoreUrl, `SELECT FROM key WHERE subject_id = '${orphan}'`)).toEqual([])
  })
})

describe('a letter that comes again', () => {
  it('is registered once, also where both come at the same moment', async () => {
    const again = () => paper(test.vault, { text: 'раз', source: '<message@example.org>' })
    const [first, second] = await Promise.all([again(), again()])
    const third = await again()
    expect(new Set([first, second, third].map(({ letter }) => letter.id)).size).toBe(1)
    expect(third.requests).toHaveLength(1)
  })

  it('under a key that was used with another letter is refused, and registers nothing', async () => {
    const dpo = asStaff('dpo')
    const source = 'staff dpo key-1'
    const part = (content: string) => [{ name: 'a', type: 'b', content: Buffer.from(content) }]
    const once = await paper(test.vault, { text: 'раз', source, parts: part('скан') })
    for (const other of [{ text: 'два' }, { kinds: ['erasure'] as const }, { parts: part('другой') }]) {
      const letter = { channel: 'paper', text: 'раз', source, parts: part('скан'), ...other } as const
      await expect(registerLetter(test.vault, dpo, letter)).rejects.toMatchObject({ code: 'idempotency-conflict' })
    }
    expect((await paper(test.vault, { text: 'раз', source, parts: part('скан') })).letter.id).toBe(once.letter.id)
    const both = ['раз', 'два'].map((text) => paper(test.vault, { text, source: 'staff dpo key-2' }))
    const outcomes = await Promise.allSettled(both)
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('numbers are given without gaps or repeats by people who register at once', async () => {
    const many = await Promise.all(Array.from({ length: 12 }, () => paper(test.vault, { text: 'много' })))
    const numbers = many.map(({ letter }) => Number(letter.number.slice(5))).sort((a, b) => a - b)
    expect(numbers.at(-1)).toBe((numbers[0] ?? 0) + 11)
    expect(new Set(numbers).size).toBe(12)
  })
})

describe('a complaint', () => {
  it('of somebody signed in blocks their data in the transaction that registers it, to the moment', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const request = await ask(test.vault, subject, 'inaccuracy')
    expect(request.fold.tracks.find(({ rule }) => rule === 'block')?.end).toMatchObject({ how: 'done', late: false })
    expect((await facts(subject))?.blocked).toMatchObject({ reason: 'inaccuracy' })
    expect(request.state).toBe('deciding')
  })

  it('of somebody unproved spares the contract: a forged letter switches off no customer', async () => {
    const { subject } = await someone(test.vault, {
      form: 'order-dedicated-server',
      confirmed: true,
      consents: ['marketing'],
    })
    const provisioning = await asService(test.vault, 'provisioning', ['performance'])
    const newsletter = await asService(test.vault, 'newsletter', ['marketing'])
    expect(await see(test.vault, newsletter, subject, 'marketing', ['email'])).not.toBeNull()
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['unlawful'], subject })
    expect([letter.identity, only(requests).state]).toEqual(['claimed', 'registered'])
    expect((await facts(subject))?.blocked?.reason).toBe('claimed')
    expect(await see(test.vault, provisioning, subject, 'performance', ['email'])).not.toBeNull()
    expect(await see(test.vault, newsletter, subject, 'marketing', ['email'])).toBeNull()
  })

  it('blocks nothing where a check found that it would harm, and says so', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const request = only(
      (await paper(test.vault, { text: '', kinds: ['inaccuracy'], subject, harm: 'third-parties' })).requests,
    )
    expect(request.fold.tracks.find(({ rule }) => rule === 'block')?.end?.how).toBe('void')
    expect((await facts(subject))?.blocked).toBeNull()
  })

  it('about somebody destroyed, or nobody known, is registered all the same', async () => {
    const { subject } = await someone(test.vault)
    await destroyData(test.vault, asSubject(subject), { subject, entity: 'start', compartments: null })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['unlawful'], subject })
    expect([letter.subject, letter.identity, only(requests).state]).toEqual([null, 'none', 'registered'])
  })
})

describe('a service that relays letters', () => {
  const relay = (caller: Awaited<ReturnType<typeof asService>>, letter: Partial<LetterIn>) =>
    registerLetter(test.vault, caller, { channel: 'api', text: '', ...letter })

  it('does so for the entities of its credential: for the one it has, and for no other', async () => {
    const site = { ...(await asService(test.vault, 'site', ['rights'])), entities: ['start'] }
    const { subject } = await someone(test.vault, { confirmed: true, consents: ['marketing'], entity: 'solutions' })
    const { requests } = await relay(site, { kinds: ['marketing-stop'], subject })
    expect([only(requests).entity, (await facts(subject))?.consents.length]).toEqual(['start', 1])
    await expect(relay(site, { entity: 'solutions', subject })).rejects.toMatchObject({
      code: 'forbidden',
      details: { field: 'entity' },
    })
    const none = { ...site, entities: [] }
    await expect(relay(none, { subject })).rejects.toMatchObject({ code: 'invalid-request' })
    const all = { ...site, entities: ['start', 'solutions'] }
    expect(only((await relay(all, { kinds: ['marketing-stop'], subject })).requests).entity).toBeNull()
    expect((await facts(subject))?.consents).toEqual([])
  })

  it('reaches no more people by them than its number, known or not; who relayed is in the entry', async () => {
    const site = await asService(test.vault, 'site', ['rights'], 3)
    const people = [await someone(test.vault), await someone(test.vault), await someone(test.vault)]
    const [one, two, three] = people.map(({ subject }) => subject)
    const letter = { kinds: ['inaccuracy'], subject: one, source: 'service site 1' } as const
    await relay(site, letter)
    // The same person, and the same letter, count once.
    await relay(site, letter)
    await relay(site, { kinds: ['unlawful'], subject: one })
    await relay(site, { subject: two, text: 'о ком-то' })
    await relay(site, { text: 'ни о ком' })
    for (const subject of [three, undefined])
      await expect(relay(site, { kinds: ['inaccuracy'], subject })).rejects.toMatchObject({ code: 'reach-exceeded' })
    expect((await facts(three ?? ''))?.blocked).toBeNull()
    await integrateLedger(test.vault)
    const [entry] = (await readHistory(test.vault, asSubject(one ?? ''))).flatMap(({ body }) => {
      const said = JSON.parse(body) as { readonly act: string; readonly detail: Readonly<Record<string, unknown>> }
      return said.act === 'register-letter' ? [said.detail] : []
    })
    expect(entry).toMatchObject({ registeredBy: 'site', relayedUnder: site.credential })
  })

  it('is stopped in the very transaction where its credential was revoked meanwhile', async () => {
    const site = await asService(test.vault, 'site', ['rights'])
    const { subject } = await someone(test.vault)
    // As another process does it: this one still believes the credential.
    const revoked = (at: string) =>
      query(test.urls.dataUrl, `UPDATE credential SET revoked_at = ${at} WHERE credential_id = '${site.credential}'`)
    await revoked('now()')
    for (const about of [{ subject }, {}])
      await expect(relay(site, { kinds: ['inaccuracy'], ...about })).rejects.toMatchObject({ code: 'unauthenticated' })
    expect((await facts(subject))?.blocked).toBeNull()
    await revoked('NULL')
  })
})

describe('a demand to stop promotion', () => {
  it('stops it at once, on anybody’s word, and for all entities', async () => {
    const { subject } = await someone(test.vault, { confirmed: true, consents: ['marketing', 'improvement'] })
    const request = only((await paper(test.vault, { text: 'Отпишите меня от рассылки', subject })).requests)
    expect([request.kind, request.state]).toEqual(['marketing-stop', 'answering'])
    expect(request.fold.tracks.find(({ rule }) => rule === 'marketing-stop')?.end).toMatchObject({
      how: 'done',
      late: false,
    })
    expect((await facts(subject))?.consents.map(({ purpose }) => purpose)).toEqual(['improvement'])
  })

  it('about nobody known is not called stopped, is late at once, and stops it when staff find out whom it is about', async () => {
    const [other, { subject }] = [
      await someone(test.vault, { confirmed: true, consents: ['marketing'] }),
      await someone(test.vault, { confirmed: true, consents: ['marketing'] }),
    ]
    const { letter, requests } = await paper(test.vault, { text: 'Отпишите меня от рассылки' })
    const { id, state, owner } = only(requests)
    expect([state, owner]).toEqual(['received', 'staff'])
    const dpo = asStaff('dpo')
    const stop = async () => {
      const { request } = await describeRequest(test.vault, dpo, id)
      return [request.state, request.fold.tracks.find(({ rule }) => rule === 'marketing-stop')?.end]
    }
    expect(await stop()).toEqual(['received', null])
    await linkLetter(test.vault, dpo, { letter: letter.id, subject: other.subject })
    const stopped = await stop()
    expect(stopped).toMatchObject(['answering', { how: 'done' }])
    expect((await facts(other.subject))?.consents).toEqual([])
    // It was somebody else's: theirs stops too, and what was said of the first is not said again.
    await linkLetter(test.vault, dpo, { letter: letter.id, subject })
    expect(await stop()).toEqual(stopped)
    expect((await facts(subject))?.consents).toEqual([])
  })

  it('about nobody who is here ends with a refusal that says so', async () => {
    const { requests } = await paper(test.vault, { text: 'Отпишите меня от рассылки', sender: { name: 'А. Б.' } })
    const { id } = only(requests)
    const decided = await decideRequest(test.vault, asStaff('dpo'), {
      request: id,
      step: 'rejected',
      reason: 'no-data',
    })
    expect(decided.state).toBe('refusing')
    const { reply } = await sendReply(test.vault, asStaff('dpo'), { request: id, kind: 'refusal' })
    expect((await markPosted(test.vault, asStaff('dpo'), reply.id)).request.state).toBe('refused')
  })
})

describe('what a signed-in person asks', () => {
  it('is proved by the session where that suffices, and takes effect without waiting for staff', async () => {
    const { subject } = await someone(test.vault, { confirmed: true, consents: ['marketing', 'personalisation'] })
    const request = await ask(test.vault, subject, 'withdrawal')
    expect((await facts(subject))?.consents).toEqual([])
    expect(request.state).toBe('telling')
    expect(request.fold.tracks.find(({ rule }) => rule === 'withdrawal')?.end?.how).toBe('void')
  })

  it('asks for more proof where one mailbox is not enough, and destroys nothing meanwhile', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const request = await ask(test.vault, subject, 'erasure')
    expect([request.state, request.owner]).toEqual(['identifying', 'person'])
    expect((await facts(subject))?.blocked?.reason).toBe('claimed')
    expect((await facts(subject))?.state).toBe('live')
  })

  it('blocks nothing unseen: every proved channel is told before more is proved', async () => {
    const { subject, email } = await provedSomeone(test.vault)
    await ask(test.vault, subject, 'information')
    const before = await lettersTo(test.vault, email)
    await ask(test.vault, subject, 'erasure')
    const told = await lettersTo(test.vault, email)
    expect(told).toEqual([expect.stringContaining('под вашим входом (удаление данных)'), ...before])
    // What blocks no more than before is not told again and again, and nobody asks without end.
    for (let more = 0; more < 28; more += 1) await ask(test.vault, subject, more === 0 ? 'unlawful' : 'feedback')
    await expect(ask(test.vault, subject, 'feedback')).rejects.toMatchObject({ code: 'rate-limited' })
    expect(await lettersTo(test.vault, email)).toEqual([expect.stringContaining('неправомерную'), ...told])
  })

  it('is for themselves only, and staff cannot speak as them', async () => {
    const [a, b] = [await someone(test.vault), await someone(test.vault)]
    await expect(ask(test.vault, a.subject, 'information', { subject: b.subject })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(
      registerLetter(test.vault, asSubject(a.subject), { channel: 'paper', text: '', subject: a.subject }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  it('stands in their history, with the reading of what they wrote', async () => {
    const { subject } = await someone(test.vault)
    const request = await ask(test.vault, subject, 'information')
    await readLetter(test.vault, asStaff('dpo'), request.letter)
    await integrateLedger(test.vault)
    const acts = (await readHistory(test.vault, asSubject(subject))).map(
      ({ body }) => JSON.parse(body) as { act: string },
    )
    expect(acts.map(({ act }) => act)).toEqual(expect.arrayContaining(['register-letter', 'read-letter']))
    for (const { body } of await readHistory(test.vault, asSubject(subject))) expect(body).not.toContain(request.number)
  })
})

describe('a term that runs into a year without a calendar', () => {
  it('is counted by what is certainly not too late, and anew once the calendar is known', async () => {
    test.pass(Date.UTC(2027, 11, 24) - test.now())
    const { requests } = await paper(test.vault, { text: '', kinds: ['information'] })
    const clock = async () =>
      (await describeRequest(test.vault, asStaff('dpo'), only(requests).id)).request.fold.tracks.find(
        ({ rule }) => rule === 'information',
      )
    const before = await clock()
    expect(before?.counted).toBe(false)
    expect(await recountRequests(test.vault)).toBe(0)
    const year = {
      year: 2028,
      basis: { ru: 'постановление' },
      off: ['01-03', '01-04', '01-05', '01-06', '01-07'],
      work: [],
    }
    const later = { ...test.vault, calendarYears: [year] }
    expect(await recountRequests(later)).toBeGreaterThan(0)
    const after = await clock()
    expect(after?.counted).toBe(true)
    expect(after?.outer).toBeGreaterThan(before?.outer ?? 0)
    expect(await recountRequests(later)).toBe(0)
  })
})

describe('what a letter says', () => {
  it('is gone once no claim can rest on it any more, with its keys, and that there was one stays', async () => {
    const { letter, requests } = await paper(test.vault, {
      text: 'Секрет',
      kinds: ['feedback'],
      parts: [{ name: 'a', type: 'b', content: Buffer.from('скан') }],
    })
    const open = await paper(test.vault, { text: 'Открыто', kinds: ['feedback'] })
    const dpo = asStaff('dpo')
    await decideRequest(test.vault, dpo, { request: only(requests).id, step: 'accepted' })
    const { reply } = await sendReply(test.vault, dpo, { request: only(requests).id, kind: 'answer', channel: 'print' })
    await markPosted(test.vault, dpo, reply.id)
    test.pass(2 * 365 * 86_400_000)
    await forgetLetters(test.vault)
    expect((await readLetter(test.vault, dpo, letter.id)).content?.text).toBe('Секрет')
    test.pass(370 * 86_400_000)
    while ((await forgetLetters(test.vault)) > 0);
    expect(await readLetter(test.vault, dpo, letter.id)).toMatchObject({ content: null, letter: { subject: null } })
    expect((await readLetter(test.vault, dpo, open.letter.id)).content?.text).toBe('Открыто')
    await sweep(test.vault)
    const keys = async (id: string) =>
      (await query(test.urls.keystoreUrl, `SELECT FROM key WHERE subject_id = '${id}'`)).length
    expect(await keys(letter.id)).toBe(0)
    expect(await keys(open.letter.id)).toBeGreaterThan(0)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ANSWER } from '@doverie/core/request'
import { queryOnce as query } from '../../../server/testing/query.ts'
import { queueLetter } from '../../guard/letters.ts'
import { mailName } from '../../guard/mail-name.ts'
import { transaction } from '../../store/database.ts'
import { listHoldersOf } from '../../store/key-store.ts'
import { findRequest } from '../../store/requests.ts'
import { loadFacts } from '../../store/subjects.ts'
import { asStaff } from '../../testing/callers.ts'
import { message, queuedTo, type Written } from '../../testing/messages.ts'
import { freshEmail, openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { provedSomeone, someone } from '../../testing/people.ts'
import { destroyData } from '../destroy-data.ts'
import { requestCode } from '../request-code.ts'
import { sweep } from '../sweep.ts'
import { decideRequest } from './decide-request.ts'
import { dismissAside, listAside, readAside, registerAside } from './mail-aside.ts'
import { forgetMail } from './mail-intake.ts'
import { identityOf, type MessageIn } from './message-in.ts'
import { readLetter, readPart } from './read-letter.ts'
import { sendReply } from './send-reply.ts'
import { type MailFate, takeMessage } from './take-message.ts'

const MARK = 'Отзыв согласия на обработку персональных данных'
const OWN = 'info@netrack.ru'
const support = asStaff('support')
const DAY = 86_400_000
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

const takes = (one: MessageIn): Promise<MailFate> =>
  takeMessage(test.vault, one, { own: [OWN], authenticates: 'mx.netrack.ru' })
const take = (written: Written): Promise<MailFate> => takes(message(test.vault, written))

/** The letter that came last. */
async function last(): Promise<Awaited<ReturnType<typeof readLetter>>> {
  const [row] = await query(test.urls.dataUrl, 'SELECT letter_id FROM letter ORDER BY number DESC LIMIT 1')
  return readLetter(test.vault, support, String(row?.['letter_id']))
}

async function letters(): Promise<number> {
  const [row] = await query(test.urls.dataUrl, 'SELECT count(*)::int AS n FROM letter')
  return Number(row?.['n'])
}

async function reasons(): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries((await listAside(test.vault, support, {})).counts)
}

const facts = async (subject: string) => (await loadFacts(test.vault.data, [subject])).get(subject)?.facts

describe('a message', () => {
  it('is a letter from the moment the server took it, with its words, its marks and itself as it came', async () => {
    const receivedAt = test.now() - 2 * DAY
    const one = message(test.vault, { heading: MARK, text: 'Прошу предоставить информацию о моих данных', receivedAt })
    expect(await takes(one)).toBe('registered')
    const { letter, content, requests } = await last()
    expect([letter.channel, letter.receivedAt, letter.identity]).toEqual(['mail', receivedAt, 'none'])
    expect(requests.map(({ kind, routedBy }) => [kind, routedBy])).toEqual([['withdrawal', 'mark']])
    expect(letter.suggested).toContain('information')
    expect(requests[0]?.fold.tracks.every(({ start }) => start === receivedAt)).toBe(true)
    const [original] = content?.parts ?? []
    const part = await readPart(test.vault, support, letter.id, original?.id ?? '')
    expect([part.type, part.content.equals(one.raw)]).toEqual(['message/rfc822', true])
  })

  it('is taken once, however often and by however many it is met', async () => {
    const one = message(test.vault, { text: 'один раз' })
    const before = await letters()
    const fates = await Promise.all([takes(one), takes(one), takes(one)])
    expect(fates.sort()).toEqual(['known', 'known', 'registered'])
    expect(await takes(one)).toBe('known')
    expect(await letters()).toBe(before + 1)
  })

  it('is not taken for another of the same id, and is itself however it was relayed', () => {
    const raw = (text: string): { raw: Buffer; bytes: number } => ({ raw: Buffer.from(text), bytes: text.length })
    const message = 'Message-ID: <a@x>\r\nFrom: anna@x\r\n\r\nтекст'
    const same = identityOf({ ...raw(`Received: by mx\r\nX-Spam: no\r\n${message}`), bytes: 0 })
    expect(identityOf({ ...raw(message), bytes: 0 }) === same).toBe(false)
    expect(identityOf(raw(`Received: by a\r\n${message}`))).toBe(identityOf(raw(`Received: by\r\n b\r\n${message}`)))
    expect(identityOf(raw(message))).not.toBe(identityOf(raw(message.replace('текст', 'другой'))))
    expect(identityOf(raw(message))).not.toBe(identityOf(raw(message.replace('anna', 'ivan'))))
    expect(identityOf(raw(''))).not.toBe(identityOf(raw('x')))
  })

  it('that nobody can take apart is registered, with its bytes', async () => {
    const raw = Buffer.from([0, 255, 1, 13, 10])
    expect(await takes({ receivedAt: test.now(), raw, bytes: 5, junk: false, read: null })).toBe('registered')
    const { content, requests } = await last()
    expect([content?.mail?.remarks, content?.parts.length, requests[0]?.kind]).toEqual([['unreadable'], 1, 'feedback'])
  })

  it('of a server whose clock was never set, or runs ahead, counts from now', async () => {
    for (const receivedAt of [0, test.now() + DAY]) {
      expect(await take({ receivedAt, text: `${receivedAt}` })).toBe('registered')
      expect(Math.abs((await last()).letter.receivedAt - test.now())).toBeLessThan(60_000)
    }
  })

  it('without a name, a heading or a word is registered', async () => {
    expect(await take({ from: null, heading: '', text: '' })).toBe('registered')
    expect((await last()).requests.map(({ kind }) => kind)).toEqual(['feedback'])
  })
})

describe('whom a message says it is from', () => {
  it('is a claim: what they ask is stopped as by any unproved letter, and nobody is shown anything', async () => {
    const { subject, email } = await provedSomeone(test.vault)
    await take({ from: email, text: 'Мои данные обрабатываются незаконно, без моего согласия вы звоните мне' })
    const { letter } = await last()
    expect([letter.subject, letter.identity, letter.proof]).toEqual([subject, 'claimed', []])
    expect((await facts(subject))?.blocked?.reason).toBe('claimed')
  })

  it('is nobody where none has proved that address', async () => {
    await take({ from: freshEmail('nobody'), text: 'данные' })
    expect((await last()).letter.subject).toBeNull()
  })

  it('has the own server’s findings beside it as a hint', async () => {
    const said = 'mx.netrack.ru; spf=fail smtp.mailfrom=x@y; dmarc=fail'
    await take({ headers: { 'authentication-results': said } })
    expect((await last()).content?.mail?.authentication).toBe('spf=fail, dmarc=fail')
  })
})

describe('a receipt', () => {
  it('goes once, with number and day, in the transaction of the registration', async () => {
    const from = freshEmail('receipt')
    const one = message(test.vault, { from, heading: 'Тайное', text: 'не повторяйте это' })
    await takes(one)
    await takes(one)
    const { letter, requests } = await last()
    const queued = await queuedTo(test.vault, from)
    expect(queued).toHaveLength(1)
    expect(queued[0]?.subject).toContain(letter.number)
    const outer = requests[0]?.fold.tracks.find(({ rule }) => rule === ANSWER)?.outer ?? 0
    expect(queued[0]?.text).toContain(new Date(outer - 1).toISOString().slice(0, 10))
    expect(JSON.stringify(queued)).not.toMatch(/Тайное|не повторяйте/)
  })

  it('does not go to who asks for none, and to one address three times a day', async () => {
    const from = freshEmail('loop')
    await take({ from, headers: { 'x-auto-response-suppress': 'All' } })
    expect(await queuedTo(test.vault, from)).toEqual([])
    for (let n = 0; n < 5; n++) expect(await take({ from, text: `${n}` })).toBe('registered')
    expect(await queuedTo(test.vault, from)).toHaveLength(3)
  })
})

describe('an answer', () => {
  const begun = async (from: string) => {
    await take({ from, text: 'Прошу предоставить информацию об обработке моих данных' })
    const [receipt] = await queuedTo(test.vault, from)
    return { ...(await last()), receipt }
  }

  it('joins the letter that it answers by our message or its number, from the same address, and is read with it', async () => {
    const from = freshEmail('thread')
    const { letter, receipt } = await begun(from)
    const count = await letters()
    const answer = { from: from.toUpperCase(), references: [`${receipt?.id}@netrack.ru`], text: 'Мой паспорт приложен' }
    const parts = [{ name: 'паспорт.pdf', type: 'application/pdf', content: Buffer.from('%PDF') }]
    expect(await take({ ...answer, parts })).toBe('joined')
    expect(await take({ from, heading: receipt?.subject ?? '', text: 'и ещё' })).toBe('joined')
    expect(await letters()).toBe(count)
    const { additions } = await readLetter(test.vault, support, letter.id)
    expect(additions.map(({ text }) => text)).toEqual(['Мой паспорт приложен', 'и ещё'])
    const part = additions[0]?.parts[0]
    expect((await readPart(test.vault, support, letter.id, part?.id ?? '')).content.toString()).toBe('%PDF')
    expect(await queuedTo(test.vault, from)).toHaveLength(1)
  })

  it('from another address is a letter of its own that says so, and adds nothing to the other', async () => {
    const { letter, receipt } = await begun(freshEmail('victim'))
    const forged = {
      from: freshEmail('forger'),
      references: [`${receipt?.id}@netrack.ru`],
      heading: receipt?.subject ?? '',
    }
    expect(await take(forged)).toBe('registered')
    const { content } = await last()
    expect(content?.mail).toMatchObject({ remarks: ['other-address'], answers: letter.number })
    expect((await readLetter(test.vault, support, letter.id)).additions).toEqual([])
  })

  it('that asks for something new, or bears a mark, is a letter of its own; what it quotes asks for nothing', async () => {
    const from = freshEmail('anew')
    const { receipt } = await begun(from)
    const references = [`${receipt?.id}@netrack.ru`]
    expect(await take({ from, references, text: `Спасибо!\n> ${MARK}\n> удалите мои данные` })).toBe('joined')
    expect(await take({ from, references, text: MARK })).toBe('registered')
    expect((await last()).requests.map(({ kind }) => kind)).toEqual(['withdrawal'])
    expect(await take({ from, references, text: 'И удалите мои данные' })).toBe('registered')
  })

  it('to what has ended is a letter of its own', async () => {
    const from = freshEmail('ended')
    await take({ from, text: 'Благодарю' })
    const { requests } = await last()
    const request = requests[0]?.id ?? ''
    const row = await findRequest(test.vault.data, request)
    if (row?.state === 'registered') await decideRequest(test.vault, support, { request, step: 'accepted' })
    await sendReply(test.vault, support, { request, kind: 'answer' })
    const [reply] = await queuedTo(test.vault, from)
    expect(reply?.subject).toContain('Ответ')
    expect(await take({ from, references: [`${reply?.id}@netrack.ru`], text: 'Не согласен' })).toBe('registered')
  })
})

describe('what is no letter', () => {
  it.each([
    ['auto-reply', { headers: { 'auto-submitted': 'auto-replied' } }],
    ['list', { headers: { 'list-id': '<news>' } }],
    ['spam', { junk: true }],
    ['own-address', { from: OWN }],
    ['loop', {}],
  ])('is set aside as %s, sealed and counted', async (reason, written) => {
    const headers =
      reason === 'loop' ? Array.from({ length: 101 }, () => ({ key: 'received', value: 'by a' })) : undefined
    const one = message(test.vault, { ...written, text: reason })
    const looped = headers === undefined || one.read === null ? one : { ...one, read: { ...one.read, headers } }
    const [before, count] = [(await reasons())[reason] ?? 0, await letters()]
    expect(await takes(looped)).toBe('aside')
    expect([(await reasons())[reason], await letters()]).toEqual([before + 1, count])
    const [row] = (await listAside(test.vault, support, { reason })).messages
    expect((await readAside(test.vault, support, row?.id ?? '')).raw.equals(one.raw)).toBe(true)
  })

  it('is a letter all the same where it bears a mark of the policy; an automatic answer never is', async () => {
    for (const written of [{ junk: true }, { headers: { precedence: 'bulk' } }]) {
      const from = freshEmail('marked')
      expect(await take({ ...written, from, heading: MARK })).toBe('registered')
      expect(await queuedTo(test.vault, from)).toEqual([])
    }
    expect(await take({ heading: MARK, headers: { 'auto-submitted': 'auto-replied' } })).toBe('aside')
  })

  it('and is ours is left where it lies, and counted', async () => {
    const from = freshEmail('own')
    await take({ from, text: 'x' })
    const [receipt] = await queuedTo(test.vault, from)
    expect(await take({ id: `${receipt?.id}@netrack.ru` })).toBe('own')
    expect((await reasons())['own']).toBe(1)
  })

  it('is registered by staff from its first day on, once, or looked through; its keys live as long as it does', async () => {
    const receivedAt = test.now() - 5 * DAY
    await take({ junk: true, receivedAt, text: 'Удалите мои данные' })
    await take({ junk: true, receivedAt: receivedAt + 1, text: 'реклама' })
    const { messages } = await listAside(test.vault, support, { reason: 'spam' })
    const [advert, letter] = [receivedAt + 1, receivedAt].map((at) => messages.find((one) => one.receivedAt === at))
    test.pass(2 * 3_600_000)
    await sweep(test.vault)
    const { raw } = await readAside(test.vault, support, letter?.id ?? '')
    const read = message(test.vault, { text: 'Удалите мои данные' }).read
    const given = { id: letter?.id ?? '', raw, read }
    const { requests } = await registerAside(test.vault, support, given)
    expect(requests.map(({ kind, receivedAt: at }) => [kind, at])).toEqual([['erasure', receivedAt]])
    await expect(registerAside(test.vault, support, given)).rejects.toMatchObject({ code: 'not-found' })
    const before = (await reasons())['spam'] ?? 0
    await dismissAside(test.vault, support, advert?.id ?? '')
    expect((await reasons())['spam']).toBe(before - 1)
    expect((await readAside(test.vault, support, advert?.id ?? '')).message.dismissedBy).toBe('support-1')
    test.pass(100 * DAY)
    await forgetMail(test.vault)
    await sweep(test.vault)
    expect((await listAside(test.vault, support, { all: true })).messages).toEqual([])
    expect(await listHoldersOf(test.vault.keys, 'aside', [advert?.id ?? ''])).toEqual([])
  })
})

describe('a bounce', () => {
  const name = (id: string, to: string): string => mailName(test.vault, id, to)
  const bounce = (ids: readonly string[], address: string, status = '5.1.1'): Written => ({
    from: 'mailer-daemon@mx.example.org',
    headers: { 'content-type': 'multipart/report; report-type=delivery-status' },
    report: {
      status: `Reporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ${address}\nAction: failed\nStatus: ${status}\n`,
      returned: ids.map((id) => `${id}@netrack.ru`),
    },
  })

  it('says that nobody is at a mailbox where it brings back our letter to it, and else nothing', async () => {
    const { subject, email } = await provedSomeone(test.vault)
    await requestCode(test.vault, { email })
    const [code] = await queuedTo(test.vault, email)
    const id = code?.id ?? ''
    const other = await provedSomeone(test.vault)
    // A letter of ours to a former mailbox of theirs: whoever has that now knows its id, and no more.
    await transaction(test.vault.data, (tx) =>
      queueLetter(test.vault, tx, subject, { to: 'former@example.org', subject: 'x', text: 'x' }),
    )
    const [former] = await queuedTo(test.vault, 'former@example.org')
    const bounced = async (who: string) => (await facts(who))?.bounced ?? []
    for (const nothing of [
      bounce(['00000000-0000-4000-8000-000000000000'], email),
      bounce([], email),
      bounce([name(id, email)], other.email),
      bounce([name(former?.id ?? '', 'former@example.org')], email),
      bounce([former?.id ?? ''], email),
      bounce([id], email),
      bounce([name(id, email)], email, '5.7.1'),
    ]) {
      expect(await take(nothing)).toBe('aside')
    }
    expect([await bounced(subject), await bounced(other.subject)]).toEqual([[], []])
    expect(await take(bounce([name(id, email)], email.toUpperCase()))).toBe('aside')
    expect(await bounced(subject)).toEqual(['email'])
  })

  it('names the letter whose answer did not arrive', async () => {
    const from = freshEmail('gone')
    await take({ from, text: 'x' })
    const { letter } = await last()
    const [receipt] = await queuedTo(test.vault, from)
    await take(bounce([receipt?.id ?? ''], from))
    const { messages } = await listAside(test.vault, support, { reason: 'bounce' })
    expect(messages[0]?.letter).toBe(letter.id)
  })
})

it('nothing leads from a letter that went out to a person who is destroyed', async () => {
  const { subject } = await someone(test.vault)
  const count = async () =>
    (await query(test.urls.dataUrl, `SELECT FROM mail_sent WHERE holder_id = '${subject}'`)).length
  expect(await count()).toBe(1)
  const dpo = asStaff('dpo')
  const destroyed = await destroyData(test.vault, dpo, { subject, entity: 'start', compartments: null, ticket: 'T-9' })
  expect(destroyed.person).toBe(true)
  expect(await count()).toBe(0)
})

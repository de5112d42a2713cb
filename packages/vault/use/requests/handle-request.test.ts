import { createHash } from 'node:crypto'
import { legalProfile } from '@doverie/core/base'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadFacts } from '../../store/subjects.ts'
import { asStaff, asSubject } from '../../testing/callers.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { mailTo } from '../../testing/mailbox.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { READS_PDF, textOf } from '../../testing/pdf-text.ts'
import { queryOnce as query } from '../../../server/testing/query.ts'
import { provedSomeone, someone } from '../../testing/people.ts'
import { ask, only, paper } from '../../testing/requests.ts'
import { keepDuties } from '../operator-duties/keep-duties.ts'
import { listDuties } from '../operator-duties/read-duties.ts'
import { stepDuty } from '../operator-duties/step-duty.ts'
import { endContract } from '../end-contract.ts'
import { destroyData } from '../destroy-data.ts'
import { decideRequest, recallRequest } from './decide-request.ts'
import { correctForRequest } from './fulfil-request.ts'
import { linkLetter, recordCheck } from './prove-identity.ts'
import { letterOf } from './on-request.ts'
import { describeRequest, listOwnRequests, listQueue } from './queue.ts'
import { rerouteRequest } from './reroute-request.ts'
import { markPosted, readExport, readReply, sendReply } from './send-reply.ts'
import { tendRequests } from './tend-requests.ts'

const DAY = 86_400_000
const dpo = asStaff('dpo')
const support = asStaff('support')
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

async function facts(subject: string) {
  return (await loadFacts(test.vault.data, [subject])).get(subject)?.facts
}

describe('who wrote', () => {
  it('is claimed once staff say so, and proved by a check that leaves a record and no copy', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['inaccuracy'] })
    expect((await linkLetter(test.vault, dpo, { letter: letter.id, subject })).identity).toBe('claimed')
    expect((await facts(subject))?.blocked?.reason).toBe('claimed')
    const checked = await recordCheck(test.vault, dpo, {
      letter: letter.id,
      method: 'document-in-person',
      passed: true,
    })
    expect(checked.proof).toEqual([
      { method: 'document-in-person', level: 3, passed: true, at: expect.any(Number) as number, by: 'dpo-1' },
    ])
    expect((await facts(subject))?.blocked?.reason).toBe('inaccuracy')
    expect((await describeRequest(test.vault, dpo, only(requests).id)).request.state).toBe('deciding')
    await expect(linkLetter(test.vault, dpo, { letter: letter.id, subject })).rejects.toMatchObject({
      code: 'conflict',
    })
  })

  it('may turn out to be somebody else: who was blocked for it is blocked no more', async () => {
    const [a, b] = [await someone(test.vault), await someone(test.vault)]
    const { letter } = await paper(test.vault, { text: '', kinds: ['unlawful'], subject: a.subject })
    await linkLetter(test.vault, dpo, { letter: letter.id, subject: b.subject })
    expect([(await facts(a.subject))?.blocked, (await facts(b.subject))?.blocked?.reason]).toEqual([null, 'claimed'])
  })

  it('is not proved by a check that failed, nor for an erasure by what one secret shows', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['erasure', 'information'], subject })
    await recordCheck(test.vault, dpo, { letter: letter.id, method: 'document-in-person', passed: false })
    await recordCheck(test.vault, dpo, { letter: letter.id, method: 'contract-words', passed: true })
    const states = await Promise.all(
      requests.map(async ({ id }) => (await describeRequest(test.vault, dpo, id)).request.state),
    )
    expect(states).toEqual(['registered', 'deciding'])
    expect((await facts(subject))?.blocked?.reason).toBe('claimed')
  })

  it('is nobody’s any more once what proved it is taken back: nothing is accepted, answered or destroyed by it then', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const kinds = ['stop-processing', 'information', 'erasure'] as const
    const { letter, requests } = await paper(test.vault, { text: '', kinds, subject })
    await recordCheck(test.vault, support, { letter: letter.id, method: 'notarised-letter', passed: true })
    const idOf = (kind: string): string => requests.find((one) => one.kind === kind)?.id ?? ''
    const stateOf = async (kind: string) => (await describeRequest(test.vault, dpo, idOf(kind))).request.state
    const accept = (kind: string) => decideRequest(test.vault, dpo, { request: idOf(kind), step: 'accepted' })
    for (const kind of ['information', 'erasure']) await accept(kind)
    const become = (identity: string, proof: readonly object[]) =>
      query(test.urls.dataUrl, 'UPDATE letter SET identity = $2, proof = $3 WHERE letter_id = $1', [
        letter.id,
        identity,
        JSON.stringify(proof),
      ])
    await become('claimed', [])
    const unproved = { code: 'conflict', details: { field: 'letter' } }
    await expect(accept('stop-processing')).rejects.toMatchObject(unproved)
    const answer = { request: idOf('information'), kind: 'answer' } as const
    await expect(sendReply(test.vault, dpo, answer)).rejects.toMatchObject(unproved)
    // What one mailbox shows is left of it, which is less than an erasure needs.
    await become('proved', [{ method: 'email-code', level: 1, passed: true, at: test.now(), by: null }])
    expect(await stateOf('erasure')).toBe('waiting')
    test.pass(3 * DAY + 60_000)
    while ((await tendRequests(test.vault)) > 0);
    expect([await stateOf('erasure'), (await facts(subject))?.state]).toEqual(['deciding', 'live'])
    expect((await sendReply(test.vault, dpo, { ...answer, channel: 'print' })).reply.id).not.toBe('')
  })

  it('keeps every check, however many are made of one letter at the same time', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['erasure'], subject })
    const methods = ['contract-words', 'document-in-person', 'notarised-letter', 'qualified-signature']
    // In two processes: whatever one of them remembers does not help.
    const other = await test.second()
    await Promise.all(
      methods.map((method, i) =>
        recordCheck(i % 2 === 0 ? test.vault : other, dpo, {
          letter: letter.id,
          method,
          passed: method.endsWith('letter'),
        }),
      ),
    )
    const { proof, identity } = await letterOf(test.vault, letter.id)
    expect(proof.map(({ method }) => method).sort()).toEqual([...methods].sort())
    expect(identity).toBe('proved')
    expect((await describeRequest(test.vault, dpo, only(requests).id)).request.state).toBe('deciding')
  })

  it.each([
    ['session', 'invalid-request'],
    ['palm-reading', 'invalid-request'],
  ])('is not proved by staff saying %s', async (method, code) => {
    const { letter } = await paper(test.vault, { text: 'прошу' })
    await expect(recordCheck(test.vault, dpo, { letter: letter.id, method, passed: true })).rejects.toMatchObject({
      code,
    })
  })
})

describe('a withdrawal by letter', () => {
  it.runIf(READS_PDF)(
    'waits for proof, then stops, destroys what lost its last ground, and is answered with what remains',
    async () => {
      const { subject } = await someone(test.vault, {
        form: 'order-dedicated-server',
        confirmed: true,
        consents: ['marketing'],
      })
      const { letter, requests } = await paper(test.vault, {
        text: '',
        kinds: ['withdrawal'],
        subject,
        sender: { name: 'Анна' },
      })
      const { id } = only(requests)
      await expect(decideRequest(test.vault, dpo, { request: id, step: 'accepted' })).rejects.toMatchObject({
        code: 'conflict',
      })
      await recordCheck(test.vault, dpo, { letter: letter.id, method: 'notarised-letter', passed: true })
      expect((await decideRequest(test.vault, dpo, { request: id, step: 'accepted' })).state).toBe('telling')
      expect((await facts(subject))?.consents).toEqual([])
      await decideRequest(test.vault, dpo, { request: id, step: 'told' })
      const { reply, request } = await sendReply(test.vault, dpo, { request: id, kind: 'answer' })
      expect([reply.channel, request.state]).toEqual(['print', 'answering'])
      const text = textOf((await readReply(test.vault, dpo, reply.id)).pdf)
      expect(text).toContain('Согласие отозвано')
      expect(text).toContain('п. 5 ч. 1 ст. 6 152-ФЗ')
      expect(text).toContain(letter.number)
      // Who answers, what ended, and what they gave: nothing that they never did, no blank where a day or a name would stand.
      expect(text).toContain('ООО «Старт», ООО «Серверные Решения» (NETRACK)')
      expect(text).toMatch(/Отозваны согласия: Новости и предложения/)
      expect(text).toMatch(/отозвано \d+ \p{L}+ \d{4} г\. Всё/u)
      expect(text).not.toMatch(/БИК|Отчество| \.|\.\./)
      expect((await markPosted(test.vault, dpo, reply.id)).request).toMatchObject({ state: 'answered', late: false })
      await expect(markPosted(test.vault, dpo, reply.id)).rejects.toMatchObject({ code: 'conflict' })
    },
  )
})

describe('a request for information', () => {
  it.runIf(READS_PDF)(
    'is answered with all items of the law from the registers, other people’s data left out, behind sign-in',
    async () => {
      const { subject, email } = await someone(test.vault, {
        form: 'order-dedicated-server',
        confirmed: true,
        values: { surname: 'Ёлкина', 'technical-contact-name': 'Пётр Ким' },
      })
      const { id } = await ask(test.vault, subject, 'information')
      await keepDuties(test.vault)
      const courier = (await listDuties(test.vault, dpo)).find(({ about }) => about === 'courier')
      const covers = legalProfile('ru-152fz').agreement.map((item) => item.id)
      const step = { duty: courier?.id ?? '', step: 'in-force', reference: '15-ПД/2026', covers } as const
      await stepDuty(test.vault, dpo, { ...step, until: test.vault.now() + DAY, party: 'ООО «Гонец», г. Тверь' })
      const signatory = 'Смирнова А. П.'
      const { reply, request } = await sendReply(test.vault, dpo, { request: id, kind: 'answer', signatory })
      expect([reply.channel, request.state]).toEqual(['portal', 'answered'])
      const { pdf } = await readReply(test.vault, asSubject(subject), reply.id)
      expect(createHash('sha256').update(pdf).digest()).toEqual(Buffer.from(reply.hash))
      const text = textOf(pdf)
      for (let item = 1; item <= 11; item++) expect(text).toContain(`${item}. `)
      for (const said of ['Ёлкина', email, 'данные другого лица не раскрываются', 'ст. 14 152-ФЗ', 'Курьерская служба'])
        expect(text).toContain(said)
      expect(text).toMatch(/Ёлкина Анна.*ООО «Гонец».*наименование и адрес не указаны.*_{5} ?Смирнова А\. П\./)
      expect(text).not.toMatch(/помечает редакция|юрист оператора/i)
      expect(text).not.toContain('Пётр Ким')
      const [mail] = await mailTo(test.vault, email)
      expect(mail?.text).not.toContain('Ёлкина')
      expect(mail?.attachments).toBeUndefined()
    },
  )

  it('is not answered by a role that the policy does not let read, and nothing is sent', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { id } = await ask(test.vault, subject, 'information')
    const sent = sendReply(test.vault, asStaff('support'), { request: id, kind: 'answer' })
    await expect(sent).rejects.toMatchObject({ code: 'forbidden' })
    expect((await describeRequest(test.vault, dpo, id)).replies).toEqual([])
  })

  it('is answered with what is held though the data are stopped, as nobody confirmed them', async () => {
    const { subject, email } = await someone(test.vault)
    test.pass(60 * DAY)
    const { id } = await ask(test.vault, subject, 'copy')
    const { reply, request } = await sendReply(test.vault, dpo, { request: id, kind: 'answer' })
    expect(request.state).toBe('answered')
    const { text: twin } = await readExport(test.vault, asSubject(subject), { reply: reply.id, format: 'json' })
    expect(twin).toContain(email)
    expect((await readReply(test.vault, dpo, reply.id)).pdf.length).toBeGreaterThan(0)
  })

  it('has the hash of every document in the ledger', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { id } = await ask(test.vault, subject, 'copy')
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'answer' })
    const hashes = (await ledgerBodies(test.vault)).filter(({ act }) => act === 'document').map(({ detail }) => detail)
    expect(hashes).toContainEqual(expect.objectContaining({ sha256: Buffer.from(reply.hash).toString('hex') }))
  })

  it('of somebody else is not there for the person', async () => {
    const [a, b] = [await someone(test.vault), await someone(test.vault)]
    const { id } = await ask(test.vault, a.subject, 'information')
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'answer' })
    await expect(readReply(test.vault, asSubject(b.subject), reply.id)).rejects.toMatchObject({ code: 'not-found' })
    await expect(describeRequest(test.vault, asSubject(b.subject), id)).rejects.toMatchObject({ code: 'not-found' })
    expect((await listOwnRequests(test.vault, asSubject(b.subject))).map((one) => one.id)).not.toContain(id)
  })
})

describe('an extension', () => {
  it.runIf(READS_PDF)('is a notice with a reason in words, sent before the term ran out, and once', async () => {
    const { requests } = await paper(test.vault, {
      text: '',
      kinds: ['information'],
      sender: { email: 'anna@example.org' },
    })
    const { id } = only(requests)
    const extend = (given: object) =>
      sendReply(test.vault, dpo, { request: id, kind: 'extension', channel: 'mail', ...given })
    await expect(extend({ reason: 'volume' })).rejects.toMatchObject({ details: { field: 'note' } })
    await expect(extend({ note: 'Запрошено много.' })).rejects.toMatchObject({ details: { field: 'reason' } })
    const withdrawal = await paper(test.vault, { text: '', kinds: ['withdrawal'], sender: { name: 'А' } })
    const other = { request: only(withdrawal.requests).id, kind: 'extension', channel: 'print' } as const
    for (const rule of ['refusal', 'withdrawal', undefined]) {
      const longer = sendReply(test.vault, dpo, { ...other, rule, reason: 'volume', note: 'Много.' })
      await expect(longer).rejects.toMatchObject({ code: 'conflict' })
    }
    await expect(extend({ reason: 'volume', note: 'Много.', rule: 'withdrawal' })).rejects.toMatchObject({
      code: 'conflict',
    })
    const before = only(requests).fold.tracks.find(({ rule }) => rule === 'information')
    const { request, reply } = await extend({ reason: 'volume', note: 'Много документов.', rule: 'information' })
    const after = request.fold.tracks.find(({ rule }) => rule === 'information')
    expect((after?.outer ?? 0) - (before?.outer ?? 0)).toBeGreaterThanOrEqual(5 * DAY)
    expect(textOf((await readReply(test.vault, dpo, reply.id)).pdf)).toContain('Много документов.')
    await expect(extend({ reason: 'volume', note: 'Ещё.', rule: 'information' })).rejects.toMatchObject({
      code: 'conflict',
    })
    const [mail] = await mailTo(test.vault, 'anna@example.org')
    expect(mail?.attachments?.[0]?.name).toMatch(/\.pdf$/)
  })
})

describe('a refusal', () => {
  it.runIf(READS_PDF)('names the law’s ground and ends the request, and a block of it', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { id } = await ask(test.vault, subject, 'inaccuracy')
    const without = decideRequest(test.vault, dpo, { request: id, step: 'rejected' })
    await expect(without).rejects.toMatchObject({ details: { field: 'reason' } })
    const request = await decideRequest(test.vault, dpo, { request: id, step: 'rejected', reason: 'not-found' })
    expect(request.state).toBe('refusing')
    expect((await facts(subject))?.blocked).toBeNull()
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'refusal' })
    const text = textOf((await readReply(test.vault, asSubject(subject), reply.id)).pdf)
    expect(text).toContain('Нарушение или неточность не подтвердились (ч. 1 ст. 21 152-ФЗ)')
  })
})

describe('an erasure', () => {
  it('of somebody proved waits its days, can be taken back, and lifts its block then', async () => {
    const { subject, email } = await provedSomeone(test.vault)
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['erasure'], subject })
    const { id } = only(requests)
    await recordCheck(test.vault, support, { letter: letter.id, method: 'document-in-person', passed: true })
    expect(await decideRequest(test.vault, dpo, { request: id, step: 'accepted' })).toMatchObject({
      state: 'waiting',
      owner: 'system',
    })
    expect((await mailTo(test.vault, email))[0]?.subject).toContain('Запрошено уничтожение')
    expect((await recallRequest(test.vault, asSubject(subject), id)).state).toBe('recalling')
    expect((await facts(subject))?.blocked).toBeNull()
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'confirmation' })
    expect((await markPosted(test.vault, dpo, reply.id)).request.state).toBe('recalled')
  })

  it.runIf(READS_PDF)('destroys on its day what nothing keeps, and the answer says what a law does', async () => {
    const { subject, contract } = await someone(test.vault, {
      form: 'order-dedicated-server',
      confirmed: true,
      values: { 'access-addresses': '203.0.113.7' },
    })
    await endContract(test.vault, asSubject(subject), { subject, entity: 'start', contract })
    const { letter, requests } = await paper(test.vault, {
      text: '',
      kinds: ['erasure'],
      subject,
      sender: { name: 'Анна' },
    })
    const { id } = only(requests)
    await recordCheck(test.vault, support, { letter: letter.id, method: 'notarised-letter', passed: true })
    await decideRequest(test.vault, dpo, { request: id, step: 'accepted' })
    await tendRequests(test.vault)
    expect((await facts(subject))?.held).toContain('server-access')
    test.pass(3 * DAY + 60_000)
    while ((await tendRequests(test.vault)) > 0);
    expect((await describeRequest(test.vault, dpo, id)).request.state).toBe('telling')
    expect((await facts(subject))?.held).not.toContain('server-access')
    expect((await facts(subject))?.held).toContain('identity')
    await decideRequest(test.vault, dpo, { request: id, step: 'told' })
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'answer' })
    expect(textOf((await readReply(test.vault, dpo, reply.id)).pdf)).toContain('Данные уничтожены')
  })

  it('of the whole person is answered after they are gone', async () => {
    const { subject, email } = await someone(test.vault)
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['erasure'], subject, sender: { email } })
    const { id } = only(requests)
    await recordCheck(test.vault, support, { letter: letter.id, method: 'document-in-person', passed: true })
    await decideRequest(test.vault, dpo, { request: id, step: 'accepted' })
    test.pass(3 * DAY + 60_000)
    while ((await tendRequests(test.vault)) > 0);
    expect((await facts(subject))?.state).toBe('destroyed')
    await decideRequest(test.vault, dpo, { request: id, step: 'told' })
    const { request } = await sendReply(test.vault, dpo, { request: id, kind: 'answer', channel: 'mail' })
    expect(request.state).toBe('answered')
    expect(await mailTo(test.vault, email)).toHaveLength(1)
  })
})

describe('what was accepted for somebody who is destroyed meanwhile', () => {
  it.each(['correction', 'confidentiality', 'publication', 'inaccuracy'] as const)(
    'comes to an end by a refusal with its reason: %s',
    async (kind) => {
      const { subject } = await someone(test.vault)
      const { letter, requests } = await paper(test.vault, { text: '', kinds: [kind], subject, sender: { name: 'А' } })
      const { id } = only(requests)
      await recordCheck(test.vault, support, { letter: letter.id, method: 'document-in-person', passed: true })
      await decideRequest(test.vault, dpo, { request: id, step: 'accepted' })
      await destroyData(test.vault, dpo, { subject, entity: 'start', compartments: null, ticket: 'T-9' })
      expect((await facts(subject))?.state).toBe('destroyed')
      const correcting = correctForRequest(test.vault, dpo, { request: id, values: { surname: 'Новая' } })
      await expect(correcting).rejects.toMatchObject({ code: 'conflict' })
      const refused = await decideRequest(test.vault, dpo, { request: id, step: 'rejected', reason: 'no-data' })
      expect([refused.state, refused.owner]).toEqual(['refusing', 'staff'])
      const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'refusal', channel: 'print' })
      expect((await markPosted(test.vault, dpo, reply.id)).request.state).toBe('refused')
    },
  )
})

describe('a mistaken kind', () => {
  it('goes on as others from the same receipt, and stops at once what they stop', async () => {
    const { subject } = await someone(test.vault, { confirmed: true, consents: ['marketing'] })
    const receivedAt = test.now() - 3 * DAY
    const { requests } = await paper(test.vault, { text: 'непонятно', subject, receivedAt })
    const others = await rerouteRequest(test.vault, dpo, {
      request: only(requests).id,
      kinds: ['marketing-stop', 'unlawful'],
    })
    expect(others.map(({ kind, state, receivedAt: at }) => [kind, state, at])).toEqual([
      ['marketing-stop', 'answering', receivedAt],
      ['unlawful', 'registered', receivedAt],
    ])
    expect((await facts(subject))?.consents).toEqual([])
    const old = (await describeRequest(test.vault, dpo, only(requests).id)).request
    expect([old.state, old.fold.replacedBy]).toEqual(['replaced', others[0]?.id])
  })

  it('may be one of several, and a mark is never routed away', async () => {
    const two = await paper(test.vault, { text: '', kinds: ['information'] })
    const both = await rerouteRequest(test.vault, dpo, {
      request: only(two.requests).id,
      kinds: ['information', 'copy'],
    })
    expect(both.map(({ kind }) => kind)).toEqual(['information', 'copy'])
    const marked = await paper(test.vault, { text: 'Отзыв согласия на обработку персональных данных' })
    await expect(
      rerouteRequest(test.vault, dpo, { request: only(marked.requests).id, kinds: ['feedback'] }),
    ).rejects.toMatchObject({ code: 'conflict' })
  })
})

describe('the queue', () => {
  it('shows the earliest due first, page by page, each once, and only open ones', async () => {
    const seen: string[] = []
    let after: string | undefined
    do {
      const page = await listQueue(test.vault, dpo, { after })
      seen.push(...page.requests.map(({ id }) => id))
      const dues = page.requests.map(({ dueAt }) => dueAt ?? 0)
      expect(dues).toEqual([...dues].sort((a, b) => a - b))
      expect(page.requests.every(({ endedAt }) => endedAt === null)).toBe(true)
      after = page.next ?? undefined
    } while (after !== undefined)
    expect(new Set(seen).size).toBe(seen.length)
    const overdue = await listQueue(test.vault, dpo, { overdue: true, kind: 'unlawful' })
    expect(overdue.requests.every(({ kind, dueAt }) => kind === 'unlawful' && (dueAt ?? 0) <= test.now())).toBe(true)
    await expect(listQueue(test.vault, dpo, { after: 'x' })).rejects.toMatchObject({ details: { field: 'after' } })
  })

  it('tells the officer at half, four fifths and the whole of a term, each once, without a word of the letter', async () => {
    const { requests } = await paper(test.vault, { text: 'Секрет', kinds: ['withdrawal'], sender: { name: 'Ёлкина' } })
    const { id, number } = only(requests)
    const told = async () =>
      (await mailTo(test.vault, 'info@netrack.ru')).filter(({ subject }) => subject.includes(number))
    const shares = async () =>
      (await describeRequest(test.vault, dpo, id)).events.flatMap(({ event }) =>
        event.kind === 'escalated' && event.rule === 'withdrawal' ? [event.share] : [],
      )
    const track = only(requests).fold.tracks.find(({ rule }) => rule === 'withdrawal')
    if (track === undefined) throw new Error('no such clock')
    const due: number[] = []
    for (const share of [50, 80, 100]) {
      const before = (await told()).length
      test.pass(track.start + ((track.planned - track.start) * share) / 100 + 1_000 - test.now())
      while ((await tendRequests(test.vault)) > 0);
      due.push(share)
      expect(await shares()).toEqual(due)
      expect((await told()).length).toBeGreaterThan(before)
      while ((await tendRequests(test.vault)) > 0);
      expect(await shares()).toEqual(due)
    }
    for (const { subject, text } of await told()) expect(subject + text).not.toMatch(/Секрет|Ёлкина/)
  })
})

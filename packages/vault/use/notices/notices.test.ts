import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queryOnce as query } from '../../../server/testing/query.ts'
import { queueLetter } from '../../guard/letters.ts'
import { insertStaff } from '../../store/access.ts'
import { transaction } from '../../store/database.ts'
import { asService, asStaff, asSubject } from '../../testing/callers.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { mailTo } from '../../testing/mailbox.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { someone } from '../../testing/people.ts'
import { ask, only, paper } from '../../testing/requests.ts'
import { correctValues } from '../correct-values.ts'
import { disclose } from '../disclose.ts'
import { decideRequest } from '../requests/decide-request.ts'
import { correctForRequest } from '../requests/fulfil-request.ts'
import { recordCheck } from '../requests/prove-identity.ts'
import { describeRequest } from '../requests/queue.ts'
import { tendRequests } from '../requests/tend-requests.ts'
import { sendDueMail } from '../send-mail.ts'
import { listNotices, markNotice, tendNotices } from './notices.ts'

const DAY = 86_400_000
const dpo = asStaff('dpo')
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
  const row = { staff_id: dpo.staff, pseudonym: dpo.pseudonym, role: dpo.name }
  await insertStaff(test.vault.data, row, test.now())
})
afterAll(() => test.close())

/** Somebody whose name went to two recipients. */
async function handedOn(): Promise<string> {
  const { subject } = await someone(test.vault, { form: 'order-dedicated-server', confirmed: true })
  const delivery = await asService(test.vault, 'delivery', ['delivery'])
  const given = { subject, entity: 'start', fields: ['surname'] }
  for (const { decision } of [
    await disclose(test.vault, dpo, { ...given, recipient: 'solutions', purpose: 'legal', ticket: 'LAW-7' }),
    await disclose(test.vault, delivery, { ...given, recipient: 'courier', purpose: 'delivery' }),
  ])
    expect(decision.effect).toBe('permit')
  return subject
}

const recipientsOf = async (request: string) => (await describeRequest(test.vault, dpo, request)).recipients
const tell = (request: string) => decideRequest(test.vault, dpo, { request, step: 'told' })

describe('a request by which data were changed that somebody was given', () => {
  it('does not go on before every letter to them went, or is said to reach nobody, with the reason', async () => {
    const subject = await handedOn()
    const { id } = await ask(test.vault, subject, 'correction')
    await decideRequest(test.vault, dpo, { request: id, step: 'accepted' })
    await correctForRequest(test.vault, dpo, { request: id, values: { surname: 'Новая' } })
    expect((await recipientsOf(id)).map(({ state }) => state)).toEqual(['asked', 'asked'])
    await expect(tell(id)).rejects.toMatchObject({ code: 'conflict', details: { field: 'told' } })
    while ((await tendNotices(test.vault)) > 0);
    const [first, second] = await recipientsOf(id)
    const mark = (letter: string | undefined, more: object) =>
      markNotice(test.vault, dpo, { letter: letter ?? '', ...more } as never)
    await expect(mark(first?.id, { state: 'unreachable', reason: 'came-back' })).rejects.toMatchObject({
      details: { field: 'reason' },
    })
    await mark(first?.id, { state: 'sent' })
    await expect(tell(id)).rejects.toMatchObject({ code: 'conflict' })
    await expect(mark(second?.id, { state: 'unreachable' })).rejects.toMatchObject({ details: { field: 'reason' } })
    await expect(mark(second?.id, { state: 'sent', reason: 'dissolved' })).rejects.toMatchObject({
      details: { field: 'reason' },
    })
    await mark(second?.id, { state: 'unreachable', reason: 'dissolved' })
    // As it goes to a recipient of whom the policy has a mailbox, at which nobody is.
    await query(
      test.urls.dataUrl,
      `UPDATE recipient_letter SET channel = 'mail' WHERE letter_id = '${first?.id ?? ''}'`,
    )
    await transaction(test.vault.data, (tx) =>
      queueLetter(test.vault, tx, first?.id ?? '', { to: 'nobody@recipient.example', subject: '', text: '' }),
    )
    await sendDueMail(test.vault, ({ to }) => Promise.resolve(to.startsWith('nobody@') ? 'nobody-there' : 'taken'))
    expect((await recipientsOf(id)).map(({ state, channel }) => [state, channel])).toContainEqual(['made', 'print'])
    await expect(tell(id)).rejects.toMatchObject({ code: 'conflict' })
    await mark(first?.id, { state: 'sent' })
    expect((await tell(id)).state).toBe('answering')
    const bodies = await ledgerBodies(test.vault)
    expect(bodies.filter(({ act }) => act === 'mark-recipient-letter').map(({ detail }) => detail)).toMatchObject([
      { recipient: first?.recipient, state: 'sent' },
      { recipient: second?.recipient, state: 'unreachable', reason: 'dissolved' },
      { recipient: first?.recipient, state: 'made' },
      { recipient: first?.recipient, state: 'sent' },
    ])
    expect(bodies.map(({ detail }) => detail)).toContainEqual(
      expect.objectContaining({ steps: ['told'], letters: 2, unreachable: 1 }),
    )
    // The person may not be shown one that a norm forbids to tell of.
    expect((await describeRequest(test.vault, asSubject(subject), id)).recipients).toEqual([])
  })

  it('waits after a destruction of the whole person as well, and nothing but the request leads to whom it was', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const given = { subject, entity: 'start', recipient: 'solutions', purpose: 'legal', ticket: 'LAW-8' }
    await disclose(test.vault, dpo, { ...given, fields: ['surname'] })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['erasure'], subject })
    const { id } = only(requests)
    await recordCheck(test.vault, asStaff('support'), { letter: letter.id, method: 'document-in-person', passed: true })
    await decideRequest(test.vault, dpo, { request: id, step: 'accepted' })
    test.pass(3 * DAY + 60_000)
    while ((await tendRequests(test.vault)) > 0);
    await expect(tell(id)).rejects.toMatchObject({ code: 'conflict' })
    while ((await tendNotices(test.vault)) > 0);
    const [notice] = await recipientsOf(id)
    expect(notice).toMatchObject({ kind: 'destroyed', state: 'made', requests: [id] })
    expect(JSON.stringify({ ...notice, pdf: null })).not.toContain(subject)
    await markNotice(test.vault, dpo, { letter: notice?.id ?? '', state: 'sent' })
    expect((await tell(id)).state).toBe('answering')
  })
})

describe('a letter to a recipient that nobody posts', () => {
  it('is told to the officer at 50, 80 and 100 % of its term, each once, whoever corrected the data', async () => {
    const subject = await handedOn()
    const values = { surname: 'Другая' }
    await correctValues(test.vault, asSubject(subject), { subject, entity: 'start', values })
    while ((await tendNotices(test.vault)) > 0);
    const [letter] = (await listNotices(test.vault, dpo)).filter(({ state }) => state === 'made')
    if (letter === undefined) throw new Error('no letter')
    expect(letter.requests).toEqual([])
    const { number, askedAt, dueAt } = letter
    const said = async () =>
      (await mailTo(test.vault, 'info@netrack.ru')).filter(({ subject: heading }) =>
        heading.includes(`№ ${number ?? ''} `),
      )
    for (const [count, share] of [50, 80, 100].entries()) {
      test.pass(askedAt + ((dueAt - askedAt) * share) / 100 + 1_000 - test.now())
      while ((await tendNotices(test.vault)) > 0);
      expect(await said()).toHaveLength(count + 1)
      expect((await said()).map(({ subject: heading }) => heading).join()).toContain(`${share} %`)
    }
    await markNotice(test.vault, dpo, { letter: letter.id, state: 'sent' })
    expect((await listNotices(test.vault, dpo)).find(({ id }) => id === letter.id)?.wakeAt).toBeNull()
  })
})

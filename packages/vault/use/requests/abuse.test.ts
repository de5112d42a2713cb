import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadFacts } from '../../store/subjects.ts'
import { asStaff, asSubject, SUPPORT_TICKET } from '../../testing/callers.ts'
import { mailTo } from '../../testing/mailbox.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { READS_PDF, textOf } from '../../testing/pdf-text.ts'
import { provedSomeone, someone } from '../../testing/people.ts'
import { ask, only, paper } from '../../testing/requests.ts'
import { destroyData } from '../destroy-data.ts'
import { endContract } from '../end-contract.ts'
import { decideRequest, recallRequest } from './decide-request.ts'
import { linkLetter, recordCheck } from './prove-identity.ts'
import { describeRequest } from './queue.ts'
import { readExport, readReply, sendReply } from './send-reply.ts'
import { tendRequests } from './tend-requests.ts'

const DAY = 86_400_000
const [dpo, support] = [asStaff('dpo'), asStaff('support')]
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

async function facts(subject: string) {
  return (await loadFacts(test.vault.data, [subject])).get(subject)?.facts
}

async function stateOf(id: string) {
  return (await describeRequest(test.vault, dpo, id)).request.state
}

/** Somebody whose contract has ended: of some of their data no ground is left but a consent. */
async function former() {
  const person = await someone(test.vault, {
    form: 'order-dedicated-server',
    confirmed: true,
    consents: ['marketing'],
    values: { 'access-addresses': '203.0.113.7' },
  })
  const { subject, contract } = person
  await endContract(test.vault, asSubject(subject), { subject, entity: 'start', contract })
  return person
}

describe('a session that somebody took over', () => {
  it('withdraws at once, and destroys nothing before its day: until then it can be taken back', async () => {
    const { subject } = await former()
    const { id, state } = await ask(test.vault, subject, 'withdrawal')
    expect([state, (await facts(subject))?.consents]).toEqual(['waiting', []])
    test.pass(2 * DAY)
    while ((await tendRequests(test.vault)) > 0);
    expect((await facts(subject))?.held).toContain('server-access')
    expect((await recallRequest(test.vault, asSubject(subject), id)).state).toBe('recalling')
    test.pass(2 * DAY)
    while ((await tendRequests(test.vault)) > 0);
    expect((await facts(subject))?.held).toContain('server-access')
  })

  it('is told of at the proved mailbox before anything goes, and what nobody takes back goes on its day', async () => {
    const { subject, email } = await provedSomeone(test.vault)
    const own = await test.vault.people.reload(subject, test.now())
    const contract = own.facts?.contracts[0]?.id ?? ''
    await endContract(test.vault, asSubject(subject), { subject, entity: 'start', contract })
    const { id, state } = await ask(test.vault, subject, 'withdrawal')
    expect(state).toBe('waiting')
    expect((await mailTo(test.vault, email)).map((mail) => mail.subject)).toContainEqual(
      expect.stringContaining('Запрошено уничтожение'),
    )
    const held = (await facts(subject))?.held.length ?? 0
    test.pass(3 * DAY + 60_000)
    while ((await tendRequests(test.vault)) > 0);
    expect(await stateOf(id)).toBe('telling')
    expect((await facts(subject))?.held.length ?? 0).toBeLessThan(held)
  })
})

describe('what the policy refuses the software', () => {
  it('is not recorded as done: the request stays where it is, and goes on once it is permitted', async () => {
    const { subject } = await someone(test.vault, { confirmed: true, consents: ['marketing'] })
    const policy = test.vault.policy()
    if (policy === null) throw new Error('no policy')
    const without = { ...test.vault, policy: () => ({ ...policy, system: { ...policy.system, keeper: null } }) }
    const { id, state } = await ask(without, subject, 'withdrawal')
    expect([state, (await facts(subject))?.consents.length]).toEqual(['stopping', 1])
    expect((await describeRequest(test.vault, dpo, id)).request.fold.tracks.map(({ end }) => end)).toContain(null)
    expect(await tendRequests(without)).toBe(0)
    // Why is told beside the request, with the entry of the refusal.
    const { hindered } = (await describeRequest(test.vault, dpo, id)).request
    expect(hindered).toMatchObject({ by: 'policy', act: 'stop-for-request', reasons: ['no-rule'] })
    expect(hindered?.by === 'policy' ? hindered.clauses.length : 0).toBeGreaterThan(0)
    test.pass(3_600_000)
    while ((await tendRequests(test.vault)) > 0);
    expect([await stateOf(id), (await facts(subject))?.consents]).toEqual(['telling', []])
    expect((await describeRequest(test.vault, dpo, id)).request.hindered).toBeNull()
  })
})

describe('data that cannot be made lawful', () => {
  it('are gone where nobody has them any more: the request does not stay over it', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['unlawful'], subject })
    const { id } = only(requests)
    await recordCheck(test.vault, support, { letter: letter.id, method: 'document-in-person', passed: true })
    await decideRequest(test.vault, dpo, { request: id, step: 'accepted' })
    const step = { request: id, step: 'unmendable', compartments: ['server-access'] } as const
    expect((await decideRequest(test.vault, dpo, step)).state).toBe('telling')
  })
})

describe('a member of staff alone', () => {
  it('destroys nobody by a letter of their own: not unproved, not by their own check, and not beyond the policy', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const held = (await facts(subject))?.held ?? []
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['unlawful'], subject })
    const { id } = only(requests)
    await decideRequest(test.vault, support, { request: id, step: 'identity-waived' })
    await decideRequest(test.vault, support, { request: id, step: 'accepted' })
    const unmendable = { request: id, step: 'unmendable', compartments: held } as const
    await expect(decideRequest(test.vault, dpo, unmendable)).rejects.toMatchObject({
      code: 'conflict',
      details: { field: 'letter' },
    })
    await recordCheck(test.vault, support, { letter: letter.id, method: 'document-in-person', passed: true })
    await expect(decideRequest(test.vault, support, unmendable)).rejects.toMatchObject({ code: 'forbidden' })
    // Another one of support had no part in it, and may not destroy.
    const other = { ...support, pseudonym: 'support-2' }
    await expect(decideRequest(test.vault, other, unmendable)).rejects.toMatchObject({
      code: 'forbidden',
      details: { clause: expect.any(String) as string },
    })
    expect([await stateOf(id), (await facts(subject))?.held]).toEqual(['mending', held])
  })

  it('accepts no erasure that they checked themselves, nor whoever had their link made', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['erasure'], subject })
    const accepted = { request: only(requests).id, step: 'accepted' } as const
    await recordCheck(test.vault, dpo, { letter: letter.id, method: 'document-in-person', passed: true })
    await expect(decideRequest(test.vault, dpo, accepted)).rejects.toMatchObject({ code: 'forbidden' })
    const linked = { ...dpo, pseudonym: 'dpo-2', issuedBy: 'dpo-1' }
    await expect(decideRequest(test.vault, linked, accepted)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await decideRequest(test.vault, { ...dpo, pseudonym: 'dpo-3' }, accepted)).state).toBe('waiting')
  })

  it('accepts no erasure that was checked under a sign-in whose link they had made', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['erasure'], subject })
    const accepted = { request: only(requests).id, step: 'accepted' } as const
    const linked = { ...support, issuedBy: 'dpo-1' }
    await recordCheck(test.vault, linked, { letter: letter.id, method: 'document-in-person', passed: true })
    await expect(decideRequest(test.vault, dpo, accepted)).rejects.toMatchObject({ code: 'forbidden' })
    expect((await decideRequest(test.vault, { ...dpo, pseudonym: 'dpo-3' }, accepted)).state).toBe('waiting')
  })
})

describe('an answer with data in it', () => {
  it('opens to staff whom the policy lets read the data, and goes with them: number and hash are left', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { id } = await ask(test.vault, subject, 'copy')
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'answer' })
    const read = async (caller: typeof dpo) => {
      await readReply(test.vault, caller, reply.id)
      return (await readExport(test.vault, caller, { reply: reply.id, format: 'json' })).text
    }
    for (const format of ['json', 'csv'] as const)
      await expect(readExport(test.vault, support, { reply: reply.id, format })).rejects.toMatchObject({
        code: 'forbidden',
      })
    await expect(readReply(test.vault, support, reply.id)).rejects.toMatchObject({ code: 'forbidden' })
    expect(await read(dpo)).toContain('doverie-answer-1')
    await destroyData(test.vault, asSubject(subject), { subject, entity: 'start', compartments: null })
    await expect(read(support)).rejects.toMatchObject({ code: 'not-found' })
    // From the destroyed id nothing leads through the register to entries of the ledger.
    const { letter, replies } = await describeRequest(test.vault, dpo, id)
    expect([letter.subject, replies[0]?.number, replies[0]?.hash]).toEqual([null, reply.number, reply.hash])
    await expect(read(dpo)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('goes with the first of the data in it that does, for whoever asks', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { id } = await ask(test.vault, subject, 'copy')
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'answer' })
    await readReply(test.vault, asSubject(subject), reply.id)
    const ticket = SUPPORT_TICKET
    await destroyData(test.vault, dpo, { subject, entity: 'start', ticket, compartments: ['contact'] })
    await expect(readReply(test.vault, asSubject(subject), reply.id)).rejects.toMatchObject({ code: 'not-found' })
    // What is answered after it is there for the rest.
    const again = await ask(test.vault, subject, 'copy')
    const later = await sendReply(test.vault, dpo, { request: again.id, kind: 'answer' })
    expect((await readReply(test.vault, asSubject(subject), later.reply.id)).pdf.length).toBeGreaterThan(1_000)
  })
})

describe('who is not proved to have written', () => {
  it('is recorded as proved by nothing, and is told nothing of what is held', async () => {
    const { subject } = await someone(test.vault, { confirmed: true })
    const { letter, requests } = await paper(test.vault, { text: '', kinds: ['unlawful'] })
    const { id } = only(requests)
    await linkLetter(test.vault, support, { letter: letter.id, subject })
    expect(await stateOf(id)).toBe('registered')
  })

  it.runIf(READS_PDF)('is answered without a word of what is held of whom they name', async () => {
    const { subject } = await someone(test.vault, { form: 'order-dedicated-server', confirmed: true })
    const { requests } = await paper(test.vault, { text: '', kinds: ['unlawful'], subject })
    const { id } = only(requests)
    for (const step of ['identity-waived', 'accepted', 'mended', 'told'] as const)
      await decideRequest(test.vault, dpo, { request: id, step })
    const { reply } = await sendReply(test.vault, dpo, { request: id, kind: 'answer' })
    const text = textOf((await readReply(test.vault, dpo, reply.id)).pdf)
    expect(text).not.toMatch(/Фамилия|п. 5 ч. 1 ст. 6|29 402-ФЗ/)
    expect(text).not.toContain('Ничего не остаётся')
  })
})

import { REQUEST_KINDS, type RequestKind } from '@doverie/core/base'
import { ANSWER, isEnd, stepsFrom } from '@doverie/core/request'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asStaff } from '../../testing/callers.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { someone } from '../../testing/people.ts'
import { paper } from '../../testing/requests.ts'
import type { RequestRow } from '../../store/requests.ts'
import { decideRequest, isStaffStep } from './decide-request.ts'
import { correctForRequest, settleForRequest } from './fulfil-request.ts'
import { recordCheck } from './prove-identity.ts'
import { describeRequest, listQueue } from './queue.ts'
import { markPosted, sendReply } from './send-reply.ts'
import { tendRequests } from './tend-requests.ts'

const DAY = 86_400_000
/** Three of every kind a month, for three weeks; staff are away from the second week on for three. */
const DAYS = 20
const dpo = asStaff('dpo')
let test: TestVault

beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

/** A generator that says the same every time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

async function queue(): Promise<readonly RequestRow[]> {
  const found: RequestRow[] = []
  let after: string | undefined
  do {
    const page = await listQueue(test.vault, dpo, { after })
    found.push(...page.requests)
    after = page.next ?? undefined
  } while (after !== undefined)
  return found
}

/** One thing that somebody in the office does about a request; some are refused, some checks fail. */
async function work(row: RequestRow, random: () => number): Promise<unknown> {
  const { id, kind, state } = row
  const request = id
  if (state === 'answering' || state === 'refusing' || state === 'recalling') {
    const reply = { answering: 'answer', refusing: 'refusal', recalling: 'confirmation' } as const
    const sent = await sendReply(test.vault, dpo, { request, kind: reply[state] })
    if (sent.reply.sentAt === null) await markPosted(test.vault, dpo, sent.reply.id)
    return null
  }
  if (state === 'correcting') return await correctForRequest(test.vault, dpo, { request, values: { surname: 'Ким' } })
  if (state === 'settling') {
    const settings = [{ field: 'surname', closedTo: ['*'] }]
    return await settleForRequest(test.vault, dpo, { request, settings })
  }
  const { letter } = await describeRequest(test.vault, dpo, id)
  const steps = stepsFrom(kind, state)
  if (steps.includes('identity-proved') && letter.subject !== null && random() < 0.8) {
    const passed = random() < 0.9
    return await recordCheck(test.vault, asStaff('support'), {
      letter: letter.id,
      method: 'document-in-person',
      passed,
    })
  }
  const step = random() < 0.2 && steps.includes('rejected') ? 'rejected' : steps.find((one) => MAY.includes(one))
  if (step !== undefined && isStaffStep(step)) {
    await decideRequest(test.vault, dpo, { request, step, ...(step === 'rejected' ? { reason: 'restricted' } : {}) })
  }
  return null
}

const MAY: readonly string[] = ['accepted', 'identity-waived', 'told', 'reviewed', 'published', 'mended', 'rejected']

async function newLetter(kind: RequestKind, random: () => number): Promise<readonly string[]> {
  const { subject } = await someone(test.vault, { confirmed: true, consents: random() < 0.5 ? ['marketing'] : [] })
  const known = random() < 0.9 ? { subject } : {}
  const receivedAt = test.now() - Math.floor(random() * 3) * DAY
  const sender = random() < 0.5 ? { email: 'anna@example.org' } : { name: 'Анна', address: 'Тверь' }
  const { requests } = await paper(test.vault, { text: '', kinds: [kind], receivedAt, sender, ...known })
  return requests.map(({ id }) => id)
}

describe('months of requests of every kind, on a clock that is run ahead', () => {
  it('miss no term in silence, and every end has its evidence', async () => {
    const random = chance(20261126)
    const all: string[] = []
    for (let day = 0; day < DAYS + 70; day++) {
      test.pass(DAY)
      for (const kind of REQUEST_KINDS)
        if (day < DAYS && random() < 1 / 10) all.push(...(await newLetter(kind, random)))
      while ((await tendRequests(test.vault)) > 0);
      const away = day >= 8 && day < 29
      const open = await queue()
      for (const { number, owner, dueAt, fold } of open) {
        expect([number, owner !== null, dueAt !== null]).toEqual([number, true, true])
        // Whoever answers for it was told of every clock whose plan has passed.
        const silent = fold.tracks.filter(
          ({ end, planned, told }) => end === null && planned <= test.now() && told !== 100,
        )
        expect([number, silent]).toEqual([number, []])
      }
      if (!away) for (const row of open) if (row.owner !== 'system' && random() < 0.4) await work(row, random)
    }
    const hashes = new Set(
      (await ledgerBodies(test.vault)).flatMap(({ act, detail }) =>
        act === 'document' ? [(detail as { readonly sha256?: string } | undefined)?.sha256] : [],
      ),
    )
    expect(all.length).toBeGreaterThan(20)
    let late = 0
    for (const id of all) {
      const { request, replies } = await describeRequest(test.vault, dpo, id)
      expect([request.kind, request.state, isEnd(request.state)]).toEqual([request.kind, request.state, true])
      // It ended with a document that went out, whose hash is in the ledger.
      expect(replies.some(({ sentAt, hash }) => sentAt !== null && hashes.has(Buffer.from(hash).toString('hex')))).toBe(
        true,
      )
      const answer = request.fold.tracks.find(({ rule }) => rule === ANSWER)
      expect(answer?.end?.late).toBe((answer?.end?.at ?? 0) >= (answer?.outer ?? 0))
      if (request.late) late += 1
    }
    // Three weeks away cost terms, and none of that is hidden.
    expect(late).toBeGreaterThan(0)
    expect(await queue()).toEqual([])
  })
})

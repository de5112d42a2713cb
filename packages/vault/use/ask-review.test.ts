import { afterAll, beforeAll, expect, it } from 'vitest'
import { asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { mailTo } from '../testing/mailbox.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { provedSomeone, someone } from '../testing/people.ts'
import type { Vault } from '../guard/vault.ts'
import { askForReview } from './ask-review.ts'
import { blockPerson } from './block-person.ts'
import { reviewData } from './review-data.ts'

const DAY = 86_400_000
let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

const asksTo = async (address: string): Promise<number> =>
  (await mailTo(vault, address)).filter(({ subject }) => subject.startsWith('Верны ли ещё')).length

it('people of whom nothing was heard for a year are asked by letter whether their data are right, once a year, and by two processes once', async () => {
  const other = await test.second()
  const [silent, reviewed, blocked] = [
    await provedSomeone(vault),
    await provedSomeone(vault),
    await provedSomeone(vault),
  ]
  const unproved = await someone(vault)
  const on = ({ subject }: { readonly subject: string }) => ({ subject, entity: 'start', ticket: SUPPORT_TICKET })
  expect(await askForReview(vault)).toEqual({ asked: 0, refused: false })

  test.pass(366 * DAY)
  await reviewData(vault, asSubject(reviewed.subject), on(reviewed))
  await blockPerson(vault, asSubject(blocked.subject), { ...on(blocked), reason: 'subject' })
  const looks = await Promise.all([askForReview(vault), askForReview(other)])
  expect(looks.reduce((sum, look) => sum + (look?.asked ?? 0), 0)).toBe(1)
  expect(await asksTo(silent.email)).toBe(1)
  for (const { email } of [reviewed, blocked, unproved]) expect(await asksTo(email)).toBe(0)
  const entries = (await ledgerBodies(vault)).filter(({ act }) => act === 'ask-review')
  expect(entries.map(({ effect }) => effect)).toEqual(['permit'])

  test.pass(364 * DAY)
  expect(await askForReview(vault)).toEqual({ asked: 0, refused: false })
  test.pass(2 * DAY)
  expect(await askForReview(vault)).toEqual({ asked: 2, refused: false })
  expect([await asksTo(silent.email), await asksTo(reviewed.email)]).toEqual([2, 1])
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { readCopy } from '../store/old-copy.ts'
import { asStaff, SUPPORT_TICKET } from '../testing/callers.ts'
import { openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { type Someone, someone } from '../testing/people.ts'
import { type Attack, attackCopy, bucketsSince, type Destroyed, openKept } from './attack-copy.ts'
import { destroyData } from './destroy-data.ts'
import { endEpoch } from './end-epoch.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { requestCode } from './request-code.ts'
import { forgetLetters } from './requests/forget-letters.ts'
import { sendReply } from './requests/send-reply.ts'
import { sweep } from './sweep.ts'
import { ask } from '../testing/requests.ts'

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

const DAY = 86_400_000
const byName = (attacks: readonly Attack[]): Readonly<Record<string, number>> =>
  Object.fromEntries(attacks.map(({ name, opened }) => [name, opened]))

const destroy = (subject: string, compartments: readonly string[] | null): Promise<unknown> =>
  destroyData(vault, asStaff('dpo'), { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments })

async function targetOf(one: Someone, compartments: readonly string[] | null): Promise<Destroyed> {
  const identifiers = [
    { kind: 'email', value: one.email },
    { kind: 'phone', value: one.phone },
  ] as const
  const buckets = compartments === null ? await bucketsSince(vault, one.subject, vault.now() - DAY) : []
  return { subject: one.subject, compartments, identifiers, buckets }
}

/** A letter with an attachment that asks for a copy of the data, and the answer that has them. */
async function answered(subject: string): Promise<void> {
  const parts = [{ name: 'скан.pdf', type: 'application/pdf', content: Buffer.from('скан') }]
  const { id } = await ask(vault, subject, 'copy', { parts })
  await sendReply(vault, asStaff('dpo'), { request: id, kind: 'answer' })
}

describe('a copy of both databases from before a destruction', () => {
  it('gives way to every attack until the epoch has ended, and to none after it; what is kept opens from it', async () => {
    const [gone, partly, other] = [await someone(vault), await someone(vault), await someone(vault)]
    await requestCode(vault, { email: gone.email })
    for (const { subject } of [gone, partly]) await answered(subject)
    await integrateLedger(vault)
    const targets = [await targetOf(gone, null), await targetOf(partly, ['contact'])]
    const copy = await readCopy(vault.data, vault.keys)
    await destroy(gone.subject, null)
    await destroy(partly.subject, ['contact'])
    const attack = async (target: Destroyed | undefined): Promise<Readonly<Record<string, number>>> =>
      target === undefined ? {} : byName(await attackCopy(vault, copy, target, vault.now()))
    // The attacks are real ones: while the old root version lives they succeed.
    const [whole, part] = [await attack(targets[0]), await attack(targets[1])]
    for (const name of ['root', 'secrets', 'keys', 'values', 'letters', 'tags', 'codes', 'history', 'answers']) {
      expect([name, (whole[name] ?? 0) > 0]).toEqual([name, true])
    }
    for (const name of ['keys', 'values', 'tags', 'answers'])
      expect([name, (part[name] ?? 0) > 0]).toEqual([name, true])
    await endEpoch(vault)
    for (const target of targets) {
      const after = await attack(target)
      const nothing = { root: 0, secrets: 0, keys: 0, values: 0, letters: 0, tags: 0, codes: 0, history: 0 }
      expect(after).toEqual({ ...nothing, answers: 0, written: 0 })
    }
    const kept = await openKept(vault, copy, ({ subject, compartment }) => {
      return subject === other.subject || (subject === partly.subject && compartment !== 'contact')
    })
    expect(kept.tried).toBeGreaterThan(2)
    expect(kept.opened).toBe(kept.tried)
    const lost = await openKept(vault, copy, ({ subject }) => subject === gone.subject)
    expect(lost).toMatchObject({ opened: 0 })
    // What they wrote is kept for its term, and opens till then: its words and what hung on it. After it, nothing of it does.
    const written = async () =>
      (await attackCopy(vault, copy, targets[0] ?? expect.fail('nobody'), vault.now())).find(
        ({ name }) => name === 'written',
      )
    expect(await written()).toEqual({ name: 'written', tried: 0, opened: 0, kept: 2 })
    test.pass(4 * 365 * DAY)
    expect(await forgetLetters(vault)).toBe(2)
    const left = await written()
    expect([left?.kept, left?.opened]).toEqual([0, 2])
    await sweep(vault)
    await endEpoch(vault)
    expect((await written())?.opened).toBe(0)
  })
})

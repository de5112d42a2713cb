import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { codeTo } from '../testing/mailbox.ts'
import {
  EVIDENCE,
  freshEmail,
  openTestVault,
  order,
  registration,
  submit,
  type TestVault,
} from '../testing/open-test-vault.ts'
import { confirm, see, seeOwn, type Someone, someone } from '../testing/people.ts'
import { paper } from '../testing/requests.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { insertUntold } from '../store/restored.ts'
import { loadFacts, saveFacts } from '../store/subjects.ts'
import { describePerson } from './describe-person.ts'
import { destroyData } from './destroy-data.ts'
import { endContract } from './end-contract.ts'
import { giveConsent } from './give-consent.ts'
import { confirmHold, liftHold, listHolds, setHold } from './legal-hold.ts'
import { listConflicts } from './list-conflicts.ts'
import { listDestructions } from './list-destructions.ts'
import { endPause, showPause } from './pause-after-restore.ts'
import { carryOutPlans, keepRetention, listPlannedDestructions, planDestructions } from './plan-destructions.ts'
import { proveCode } from './prove-code.ts'
import { requestCode } from './request-code.ts'
import { measureProtection } from './protection-level.ts'
import { showForm } from './show-form.ts'

const DAY = 86_400_000
const dpo = asStaff('dpo')
const other = { ...dpo, staff: '00000000-0000-4000-8000-000000000002', pseudonym: 'dpo-2' }

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

const on = (subject: string): { subject: string; entity: string; ticket: string } => ({
  subject,
  entity: 'start',
  ticket: SUPPORT_TICKET,
})

/** Somebody whose account has ended. */
async function leaver(consents: readonly string[] = []): Promise<Someone> {
  const one = await someone(vault, { consents })
  await endContract(vault, asSubject(one.subject), { ...on(one.subject), contract: one.contract })
  return one
}

async function plannedOf(subject: string): Promise<readonly string[]> {
  const all = await listPlannedDestructions(vault, dpo)
  return all.filter((one) => one.subject === subject).map(({ compartment }) => compartment)
}

const stateOf = async (subject: string): Promise<string> =>
  (await vault.data.query<{ s: string }>(`SELECT facts->>'state' AS s FROM subject WHERE subject_id = $1`, [subject]))
    .rows[0]?.s ?? ''

describe('what nothing keeps', () => {
  it('is planned, shown to the officer beforehand, and destroyed of itself on its day by the policy’s keeper', async () => {
    const [gone, stays] = [await leaver(), await someone(vault)]
    expect(await planDestructions(vault, 14)).toMatchObject({ dropped: 0 })
    expect(await plannedOf(stays.subject)).toEqual([])
    expect(await plannedOf(gone.subject)).toEqual(['contact', 'identity'])
    const [first] = await listPlannedDestructions(vault, dpo)
    expect((first?.plannedAt ?? 0) - (first?.since ?? 0)).toBe(14 * DAY)
    // 30 days, counted from the day after (152-FZ art. 21(4)).
    expect((first?.dueAt ?? 0) - (first?.since ?? 0)).toBeGreaterThan(30 * DAY)
    expect(await carryOutPlans(vault)).toEqual({ people: 0, refused: 0 })
    test.pass(13 * DAY)
    // Looked at again, it keeps its day.
    expect(await planDestructions(vault, 14)).toMatchObject({ planned: 0, dropped: 0 })
    test.pass(1 * DAY)
    expect(await carryOutPlans(vault)).toEqual({ people: 1, refused: 0 })
    expect(await stateOf(gone.subject)).toBe('destroyed')
    expect(await plannedOf(gone.subject)).toEqual([])
    expect(await seeOwn(vault, stays.subject, ['email'])).toEqual({ email: stays.email })
    const [act] = await listDestructions(vault, dpo, { subject: gone.subject })
    expect(act).toMatchObject({ person: true, purpose: 'legal' })
    const entry = (await ledgerBodies(vault)).find(({ id }) => id === act?.entry)
    expect(entry).toMatchObject({ act: 'destroy-person', actor: { kind: 'service', name: 'keeper' } })
    await faultOf(listPlannedDestructions(vault, asStaff('support')), 'forbidden')
  })

  it('is planned a day before the law’s term at the latest', async () => {
    const { subject } = await leaver()
    await planDestructions(vault, 300)
    const mine = (await listPlannedDestructions(vault, dpo)).find((one) => one.subject === subject)
    expect((mine?.dueAt ?? 0) - (mine?.plannedAt ?? 0)).toBe(DAY)
    await destroyData(vault, dpo, { ...on(subject), compartments: null })
    expect(await plannedOf(subject)).toEqual([])
  })

  it('stays where a new ground keeps it by its day, whether it was planned anew or not', async () => {
    const one = await leaver()
    await planDestructions(vault, 1)
    expect(await plannedOf(one.subject)).toContain('contact')
    const { snapshot } = await showForm(vault, 'registration')
    const consent = { ...on(one.subject), purpose: 'marketing', form: 'registration', snapshot, evidence: EVIDENCE }
    await giveConsent(vault, asSubject(one.subject), consent)
    test.pass(2 * DAY)
    await carryOutPlans(vault)
    expect(await seeOwn(vault, one.subject, ['email'])).toEqual({ email: one.email })
    expect((await planDestructions(vault, 1)).dropped).toBeGreaterThan(0)
    expect(await plannedOf(one.subject)).not.toContain('contact')
  })

  it('waits for what staff have to decide about the same person: an open request, a submission that was set aside', async () => {
    const one = await leaver()
    const { subject, email, phone } = await someone(vault, { confirmed: true })
    const values = order({ email, phone, surname: canary('Иная') })
    await submit(vault, 'order-dedicated-server', values, { subject })
    const aside = (await listConflicts(vault, dpo)).find((conflict) => conflict.subject === subject)?.other ?? ''
    await planDestructions(vault, 1)
    expect(await plannedOf(one.subject)).toContain('contact')
    const { requests } = await paper(vault, { text: '', kinds: ['information'], subject: one.subject })
    test.pass(2 * DAY)
    // Planned before the letter came, and not looked at since.
    await carryOutPlans(vault)
    expect(await stateOf(one.subject)).toBe('live')
    await planDestructions(vault, 1)
    expect([await plannedOf(one.subject), await plannedOf(aside)]).toEqual([[], []])
    await vault.data.query('UPDATE request SET ended_at = now() WHERE request_id = $1', [requests[0]?.id])
    await planDestructions(vault, 1)
    expect(await plannedOf(one.subject)).toContain('contact')
  })

  it('leaves what law keeps of the same person, and restricts it to that', async () => {
    const one = await someone(vault, { form: 'order-dedicated-server', confirmed: true })
    await endContract(vault, asSubject(one.subject), { ...on(one.subject), contract: one.contract })
    await planDestructions(vault, 1)
    expect(await plannedOf(one.subject)).toContain('contact')
    expect(await plannedOf(one.subject)).not.toContain('identity')
    test.pass(2 * DAY)
    await carryOutPlans(vault)
    const { facts } = await describePerson(vault, dpo, on(one.subject))
    expect(facts?.held).toContain('identity')
    expect(facts?.held).not.toContain('contact')
    const site = await asService(vault, 'site', ['identification'])
    expect(await see(vault, site, one.subject, 'identification', ['surname'])).toBeNull()
    expect(await see(vault, dpo, one.subject, 'legal', ['surname'], { ticket: SUPPORT_TICKET })).not.toBeNull()
  })
})

describe('an account', () => {
  it('that nobody uses for three years, or confirms for half a year, keeps nothing; who signed in meanwhile keeps theirs', async () => {
    const email = freshEmail('back')
    const { subject, signIn } = await submit(vault, 'registration', registration({ email }))
    const back = subject ?? ''
    await proveCode(vault, { id: signIn?.id ?? '', code: await codeTo(vault, email) })
    const [away, never] = [await someone(vault, { confirmed: true }), await someone(vault)]
    await confirm(vault, back)
    const because = async ({ subject: of }: { readonly subject: string }): Promise<readonly unknown[]> => {
      await planDestructions(vault, 14)
      const mine = (await listPlannedDestructions(vault, dpo)).filter((one) => one.subject === of)
      return [...new Set(mine.map((one) => one.because))]
    }
    /** So many days more have passed since anything of them happened: no calendar reaches as far as the clock would have to. */
    const age = async (days: number): Promise<void> => {
      for (const of of [back, away.subject, never.subject]) {
        const known = (await loadFacts(vault.data, [of])).get(of)
        if (known?.facts.state !== 'live') continue
        const { collectedAt, confirmedAt, contracts, ...facts } = known.facts
        await saveFacts(vault.data, of, {
          ...facts,
          collectedAt: collectedAt - days * DAY,
          confirmedAt: confirmedAt === null ? null : confirmedAt - days * DAY,
          contracts: contracts.map((one) => ({ ...one, since: one.since - days * DAY })),
        })
      }
      vault.people.forgetAll()
    }
    await age(181)
    expect([await because(never), await because(away)]).toEqual([['unconfirmed'], []])
    test.pass(14 * DAY)
    await carryOutPlans(vault)
    expect([await stateOf(never.subject), await stateOf(away.subject)]).toEqual(['destroyed', 'live'])
    await age(850)
    const { id } = await requestCode(vault, { email })
    await proveCode(vault, { id, code: await codeTo(vault, email) })
    expect((await describePerson(vault, dpo, on(back))).facts?.seenAt).toBe(Math.floor(test.now() / DAY) * DAY)
    await age(100)
    expect([await because(away), await because({ subject: back })]).toEqual([['idle'], []])
    test.pass(14 * DAY)
    await carryOutPlans(vault)
    expect([await stateOf(away.subject), await stateOf(back)]).toEqual(['destroyed', 'live'])
  })
})

describe('the pause after a restore', () => {
  const planOf = async (subject: string) =>
    (await listPlannedDestructions(vault, dpo)).filter((one) => one.subject === subject)
  const ticket = { ticket: SUPPORT_TICKET }

  it('carries nothing out, keeps the law’s term in sight and warns of it; two officers end it, no one alone', async () => {
    const one = await leaver()
    await planDestructions(vault, 14)
    const [before] = await planOf(one.subject)
    test.pass(10 * DAY)
    await faultOf(endPause(vault, dpo, ticket), 'not-found')
    const restoredAt = vault.now()
    await transaction(vault.data, (tx) => insertUntold(tx, restoredAt))
    const until = restoredAt + 30 * DAY
    test.pass(5 * DAY)
    const retention = await keepRetention(vault, 14)
    expect(retention?.people).toBe(0)
    const { since, plannedAt, dueAt } = before ?? { since: 0, plannedAt: 0, dueAt: 0 }
    expect(await planOf(one.subject)).toMatchObject(
      ['contact', 'identity'].map((compartment) => ({
        compartment,
        since,
        plannedAt,
        dueAt,
        goesAt: until,
        late: true,
      })),
    )
    const all = await listPlannedDestructions(vault, dpo)
    const due = all.filter((planned) => planned.plannedAt <= vault.now()).length
    const late = all.filter((planned) => planned.late).length
    expect(retention?.late).toBe(late)
    expect(await showPause(vault, dpo)).toMatchObject({ until, due, late, endAskedBy: null })
    await faultOf(endPause(vault, asStaff('support'), ticket), 'forbidden')
    await faultOf(showPause(vault, asStaff('support')), 'forbidden')
    await faultOf(endPause(vault, dpo, { ticket: 'Иванов' }), 'invalid-request')
    expect([await endPause(vault, dpo, ticket), await endPause(vault, dpo, ticket)]).toEqual(
      [false, false].map((ended) => ({ ended })),
    )
    await faultOf(endPause(vault, { ...other, issuedBy: dpo.pseudonym }, ticket), 'forbidden')
    expect(await showPause(vault, other)).toMatchObject({ endAskedBy: dpo.pseudonym })
    expect(await keepRetention(vault, 14)).toMatchObject({ people: 0 })
    expect(await endPause(vault, other, ticket)).toEqual({ ended: true })
    expect(await showPause(vault, dpo)).toBeNull()
    expect(await planOf(one.subject)).toMatchObject([{ goesAt: plannedAt, late: false }, { goesAt: plannedAt }])
    expect(await keepRetention(vault, 14)).toMatchObject({ late: 0 })
    expect(await stateOf(one.subject)).toBe('destroyed')
    const told = (await ledgerBodies(vault)).filter(({ act }) => act === 'end-pause')
    expect(told).toMatchObject([
      { detail: { ended: false, ticket: SUPPORT_TICKET } },
      { detail: { ended: false } },
      { detail: { ended: true, due, late } },
    ])
    // Restored once more, it waits once more.
    await transaction(vault.data, (tx) => insertUntold(tx, vault.now()))
    expect(await showPause(vault, dpo)).toMatchObject({ endAskedBy: null })
    test.pass(31 * DAY)
    expect(await showPause(vault, dpo)).toBeNull()
  })
})

describe('a legal hold', () => {
  const hold = async (subject: string): Promise<string> => {
    const set = await setHold(vault, dpo, { ...on(subject), ground: 'legal-hold', reason: 'dispute' })
    return set.hold ?? ''
  }
  const lift = async (by: typeof dpo, subject: string, id: string): Promise<boolean | undefined> =>
    (await liftHold(vault, by, { ...on(subject), hold: id })).lifted

  it('keeps everything from destruction from the first word, and only two lift it once two have set it', async () => {
    const { subject } = await leaver()
    await planDestructions(vault, 1)
    const id = await hold(subject)
    test.pass(2 * DAY)
    expect(await carryOutPlans(vault)).toMatchObject({ people: 0 })
    expect((await destroyData(vault, asSubject(subject), { ...on(subject), compartments: null })).decision.effect).toBe(
      'refuse',
    )
    await faultOf(confirmHold(vault, dpo, { ...on(subject), hold: id }), 'forbidden')
    // Signed in by a link that the first had made: it may be the first again.
    const same = { ...other, issuedBy: dpo.pseudonym }
    await faultOf(confirmHold(vault, same, { ...on(subject), hold: id }), 'forbidden')
    await confirmHold(vault, other, { ...on(subject), hold: id })
    expect(await listHolds(vault, dpo)).toMatchObject([
      { subject, id, setBy: dpo.pseudonym, confirmedBy: other.pseudonym },
    ])
    expect([await lift(dpo, subject, id), await lift(dpo, subject, id)]).toEqual([false, false])
    await faultOf(lift(same, subject, id), 'forbidden')
    // Another says that it stands: whoever wants it lifted asks anew.
    await confirmHold(vault, other, { ...on(subject), hold: id })
    expect(await lift(other, subject, id)).toBe(false)
    expect(await stateOf(subject)).toBe('live')
    expect(await lift(dpo, subject, id)).toBe(true)
    expect(await listHolds(vault, dpo)).toEqual([])
    await planDestructions(vault, 1)
    test.pass(2 * DAY)
    expect(await carryOutPlans(vault)).toMatchObject({ people: 1 })
    expect(await stateOf(subject)).toBe('destroyed')
  })

  it('that nobody confirmed is lifted at once, and one of before it was noted who had set it by two', async () => {
    const { subject } = await someone(vault)
    expect(await lift(dpo, subject, await hold(subject))).toBe(true)
    const id = await hold(subject)
    await vault.data.query(
      `UPDATE subject SET facts = jsonb_set(facts, '{holds,0}', (facts->'holds'->0) - 'setBy'), facts_version = facts_version + 1
       WHERE subject_id = $1`,
      [subject],
    )
    expect([await lift(dpo, subject, id), await lift(other, subject, id)]).toEqual([false, true])
    await faultOf(lift(dpo, subject, id), 'not-found')
  })
})

it('the level of protection follows the people who are held', async () => {
  const { rows } = await vault.data.query(`SELECT FROM subject WHERE facts->>'state' = 'live'`)
  expect(await measureProtection(vault, 3)).toMatchObject({
    level: 4,
    people: rows.length,
    data: 'other',
    warning: false,
  })
})

import { parseBundle, type Policy } from '@doverie/core/policy'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asService, asStaff } from '../testing/callers.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { netrackBundle, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { see, someone } from '../testing/people.ts'
import { destroyData } from './destroy-data.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { countClauses, liveMatrix, policyMatrix } from './policy-matrix.ts'
import { simulatePolicy } from './simulate-policy.ts'
import { withdrawConsent } from './withdraw-consent.ts'

const DAY = 86_400_000
let test: TestVault
beforeAll(async () => {
  test = await openTestVault()
})
afterAll(() => test.close())

/** The shipped policy with its rules changed as text; what does not change anything fails. */
function policyWith(change: (rules: string) => string): Policy {
  const files = netrackBundle()
  const rules = files.get('rules.yaml') ?? ''
  const changed = change(rules)
  if (changed === rules) throw new Error('nothing changed')
  const parsed = parseBundle(files.set('rules.yaml', changed))
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value
}

const shipped = (): Policy => policyWith((rules) => `${rules}\n# as it is\n`)
/** Nobody may be searched for or read by billing any more. */
const withoutBilling = (): Policy =>
  policyWith((rules) => rules.replaceAll(/actors: \[([^\]]*)\bbilling\b, ?/g, 'actors: [$1'))

async function simulate(policy: Policy, from = test.now() - DAY, to = test.now() + DAY) {
  await integrateLedger(test.vault)
  const again: string[] = []
  const report = await simulatePolicy(test.vault, {
    policy,
    caller: null,
    from,
    to,
    onConsentNeeded: (subject) => again.push(subject),
  })
  return { report, again }
}

describe('a simulated policy', () => {
  it('changes nothing where it is the one in force, whatever has become of the people since', async () => {
    const { vault } = test
    const billing = await asService(vault, 'billing', ['identification'])
    const one = await someone(vault, { consents: ['marketing'] })
    const newsletter = await asService(vault, 'newsletter', ['marketing'])
    expect(await see(vault, billing, one.subject, 'identification', ['email'])).not.toBeNull()
    await see(vault, newsletter, one.subject, 'marketing', ['email'])
    const on = { subject: one.subject, entity: 'start', ticket: 'T-1' }
    await withdrawConsent(vault, asStaff('dpo'), { ...on, purpose: 'marketing', allEntities: true })
    await see(vault, newsletter, one.subject, 'marketing', ['email'])
    const { report, again } = await simulate(shipped())
    expect(report.replayed).toMatchObject({ permitToRefuse: 0, refuseToPermit: 0, unlikeRecord: 0, changed: [] })
    expect(report.replayed.compared).toBeGreaterThanOrEqual(5)
    expect(report.versions).toEqual([expect.objectContaining({ kept: true, version: report.before })])
    expect(report.breaks).toEqual({ forms: [], callers: [], services: [] })
    expect([report.people.consentAgain, report.people.losingData, again]).toEqual([0, 0, []])
  })

  it('is in the ledger: who tried which version over which period, and nothing of anybody', async () => {
    const before = await ledgerBodies(test.vault)
    const { report } = await simulate(shipped())
    const added = (await ledgerBodies(test.vault)).slice(before.length).filter(({ act }) => act === 'simulate-policy')
    expect(added).toMatchObject([
      {
        effect: 'permit',
        actor: { kind: 'system' },
        detail: { version: report.after, before: report.before, from: report.from, to: report.to },
      },
    ])
  })

  it('tells which calling service would be refused, how often and for how many people', async () => {
    const { vault } = test
    const billing = await asService(vault, 'billing', ['identification'])
    const [one, two] = [await someone(vault), await someone(vault)]
    const before = (await simulate(withoutBilling())).report.replayed.permitToRefuse
    for (const { subject } of [one, one, two]) await see(vault, billing, subject, 'identification', ['surname'])
    const { report } = await simulate(withoutBilling())
    expect(report.replayed.permitToRefuse - before).toBe(3)
    expect(report.replayed.changed[0]).toMatchObject({ actor: 'service billing', purpose: 'identification' })
    expect(report.breaks.callers.map(({ actor }) => actor)).toContain('service billing')
  })

  it('lists everybody who has to consent again to another document, by their ids', async () => {
    const { vault } = test
    const consenting = await someone(vault, { consents: ['marketing'] })
    await someone(vault)
    const { texts: _, ...policy } = shipped()
    const forms = [...policy.forms].map(([id, form]) => {
      const consents = form.consents.map((one) => ({ ...one, document: { ru: `${id} иначе`, en: 'else' } }))
      return [id, { ...form, consents }] as const
    })
    const { report, again } = await simulate({ ...policy, texts: _, forms: new Map(forms) })
    expect(again).toEqual([consenting.subject])
    expect(report.people.consents).toEqual([
      { purpose: 'marketing', entity: 'start', reasons: ['document'], people: 1 },
    ])
  })

  it('counts what a destroyed person did as tied to nobody, and guesses nothing', async () => {
    const { vault } = test
    const gone = await someone(vault)
    const billing = await asService(vault, 'billing', ['identification'])
    await see(vault, billing, gone.subject, 'identification', ['surname'])
    const before = (await simulate(withoutBilling())).report
    const on = { subject: gone.subject, entity: 'start', ticket: 'T-9' }
    await destroyData(vault, asStaff('dpo'), { ...on, compartments: null })
    const after = (await simulate(withoutBilling())).report
    expect(after.replayed.permitToRefuse).toBe(before.replayed.permitToRefuse - 1)
    expect(after.untied).toBeGreaterThanOrEqual(before.untied + 2)
    expect(after.people.people).toBe(before.people.people - 1)
  })

  it('looks at no entry outside its period', async () => {
    const { report } = await simulate(shipped(), test.now() - 9 * DAY, test.now() - 8 * DAY)
    expect(report).toMatchObject({ entries: 0, untied: 0, replayed: { compared: 0 } })
  })

  it('rejects where no policy is or was in force', async () => {
    const empty = await openTestVault(null)
    const request = { caller: null, policy: shipped(), from: 0, to: 1 }
    await expect(simulatePolicy(empty.vault, request)).rejects.toMatchObject({ code: 'policy-absent' })
    await empty.close()
  })
})

describe('the live matrix', () => {
  const total = (rows: Awaited<ReturnType<typeof liveMatrix>>['rows']): number =>
    rows.reduce((sum, { decisions }) => sum + (decisions?.permitted ?? 0) + (decisions?.refused ?? 0), 0)

  it('counts every placed entry once, whoever counts at the same time and however often it is asked', async () => {
    const second = await test.second()
    await integrateLedger(test.vault)
    await Promise.all([countClauses(test.vault), countClauses(second), countClauses(test.vault)])
    const first = await liveMatrix(test.vault)
    const { report } = await simulate(shipped(), 0)
    expect([first.counted, first.size]).toEqual([first.size, report.entries])
    expect(total((await liveMatrix(second)).rows)).toBe(total(first.rows))
    expect(total(first.rows)).toBeGreaterThan(report.replayed.compared)
  })

  it('goes up by what is new, under the clauses of the decision', async () => {
    const { vault } = test
    const before = await liveMatrix(vault)
    const billing = await asService(vault, 'billing', ['payment'])
    const { subject } = await someone(vault, { form: 'order-dedicated-server' })
    await integrateLedger(vault)
    const between = await liveMatrix(vault)
    expect(await see(vault, billing, subject, 'payment', ['payment-last4'])).toBeNull()
    await integrateLedger(vault)
    const after = await liveMatrix(vault)
    const refused = (matrix: typeof after): number | undefined =>
      matrix.rows.find(({ clause }) => clause === '1.2')?.decisions?.refused
    expect(refused(after)).toBe((refused(between) ?? 0) + 1)
    expect(after.counted).toBeGreaterThan(before.counted)
  })

  it('tells entries of another version apart', async () => {
    const { vault } = test
    const other = { ...shipped(), id: 'another@1' }
    const { rows } = await policyMatrix(vault, other, null)
    expect(total(rows)).toBe(0)
    expect(rows.some(({ decisions }) => (decisions?.otherVersions ?? 0) > 0)).toBe(true)
  })
})

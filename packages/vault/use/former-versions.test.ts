import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { asService, asStaff, asSubject, SUPPORT_TICKET } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { formerBundle, leaveInForce, spoil } from '../testing/former-version.ts'
import { netrackBundle, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { see, seeOwn, someone } from '../testing/people.ts'
import { adoptPolicy, currentPolicy, listPolicies, loadPolicy, proposePolicy, refreshPolicy } from './adopt-policy.ts'
import { explainDecision } from './explain-decision.ts'
import { integrateLedger } from './integrate-ledger.ts'
import { openFields } from './open-fields.ts'
import { firstStaffLink } from './staff-access.ts'

const FORMER = ['1.0.0', '1.0.1', '1.1.0']
const dpo = asStaff('dpo')
const PRESENT = `netrack@${/^version: (.*)$/m.exec(netrackBundle().get('rules.yaml') ?? '')?.[1] ?? ''}`

let test: TestVault
let vault: Vault
beforeEach(async () => {
  test = await openTestVault(null)
  vault = test.vault
})
afterEach(() => test.close())

/** A refused reading of somebody's payment details, by the version in force. */
async function refusedReading(): Promise<{ readonly subject: string; readonly decision: string }> {
  const { subject } = await someone(vault, { form: 'order-dedicated-server' })
  const billing = await asService(vault, 'billing', ['payment'])
  const refused = await openFields(vault, billing, {
    subject,
    purpose: 'payment',
    entity: 'start',
    fields: ['payment-last4'],
  })
  expect(refused.decision).toMatchObject({ effect: 'refuse', clauses: ['1.2'] })
  await integrateLedger(vault)
  return { subject, decision: refused.id }
}

describe.each(FORMER)('an installation that adopted netrack %s under a former program', (version) => {
  const former = `netrack@${version}`
  beforeEach(() => leaveInForce(vault, former, formerBundle(`netrack-${version}`)))

  it('starts with it in force, and goes on by it whatever its folder proposes', async () => {
    expect((await loadPolicy(vault, netrackBundle())).ok).toBe(true)
    expect(currentPolicy(vault)?.id).toBe(former)
    const { subject, email } = await someone(vault)
    expect(await seeOwn(vault, subject, ['email'])).toEqual({ email })
    expect(await see(vault, dpo, subject, 'rights', ['email'])).toBeNull()
    expect(await see(vault, dpo, subject, 'rights', ['email'], { ticket: SUPPORT_TICKET })).toEqual({ email })
  })

  it('explains what was decided by it, also once its officer has adopted the present one', async () => {
    await loadPolicy(vault, netrackBundle())
    const { subject, decision } = await refusedReading()
    const ask = { subject, entity: 'start', decision }
    const before = await explainDecision(vault, asSubject(subject), ask)
    expect(before.explanation?.decision).toMatchObject({ effect: 'refuse', clauses: ['1.2'], policy: former })

    await adoptPolicy(vault, dpo, PRESENT)
    expect(currentPolicy(vault)?.id).toBe(PRESENT)
    const { explanation } = await explainDecision(vault, asSubject(subject), ask)
    expect(explanation).toEqual(before.explanation)
    expect(JSON.stringify(explanation?.otherwise)).toMatch(/подтвержд/)
  })

  it('takes it as known when its folder still holds it, and proposes no new version in its format', async () => {
    const files = formerBundle(`netrack-${version}`)
    expect((await loadPolicy(vault, files)).ok).toBe(true)
    expect((await listPolicies(vault)).map((one) => one.version)).toEqual([former])
    const next = (files.get('rules.yaml') ?? '').replace(/^version: .*$/m, 'version: 1.0.9')
    const outcome = await proposePolicy(vault, dpo, new Map([...files, ['rules.yaml', next]]))
    expect(outcome.ok ? [] : outcome.error.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("says 'format: 2'"),
    )
  })
})

describe('a version that waits while the program learns to ask for more', () => {
  it('is not adopted: what does not pass the check is never put in force', async () => {
    await loadPolicy(vault, netrackBundle())
    const files = formerBundle('netrack-1.1.0')
    await leaveInForce(vault, 'netrack@1.1.0', files)
    await vault.data.query(
      `UPDATE policy_version SET adopted_by = NULL, adopted_at = NULL, effective_from = NULL WHERE version = 'netrack@1.1.0'`,
    )
    await faultOf(adoptPolicy(vault, dpo, 'netrack@1.1.0'), 'policy-invalid')
    expect(currentPolicy(vault)?.id).toBe(PRESENT)
  })
})

describe('a version in force whose kept files cannot be read', () => {
  it('refuses everything, explains nothing wrongly, and keeps nobody from adopting another', async () => {
    await loadPolicy(vault, netrackBundle())
    await firstStaffLink(vault)
    const { subject, decision } = await refusedReading()
    await spoil(vault, PRESENT)
    vault.setPolicy(null)
    await faultOf(refreshPolicy(vault), 'policy-invalid')
    expect(currentPolicy(vault)).toBeNull()
    expect(await seeOwn(vault, subject, ['email'])).toBeNull()
    const next = (netrackBundle().get('rules.yaml') ?? '').replace(/^version: .*$/m, 'version: 9.0.0')
    await faultOf(loadPolicy(vault, new Map([...netrackBundle(), ['rules.yaml', next]])), 'policy-invalid')

    await adoptPolicy(vault, dpo, 'netrack@9.0.0')
    expect(currentPolicy(vault)?.id).toBe('netrack@9.0.0')
    expect(await seeOwn(vault, subject, ['email'])).not.toBeNull()
    const explained = await explainDecision(vault, asSubject(subject), { subject, entity: 'start', decision })
    expect(explained).toMatchObject({ recorded: { id: decision, policy: PRESENT }, explanation: null })
  })
})

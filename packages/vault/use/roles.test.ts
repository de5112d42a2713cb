import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { StaffCaller } from '../guard/caller.ts'
import { asStaff } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import type { Vault } from '../guard/vault.ts'
import { netrackBundle, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import { someone } from '../testing/people.ts'
import { adoptPolicy, currentPolicy, loadPolicy, proposePolicy } from './adopt-policy.ts'
import { issueCredential } from './credentials.ts'
import { disclose } from './disclose.ts'
import { listConflicts } from './list-conflicts.ts'
import { addStaff, authenticateSession, enterStaff, firstStaffLink } from './staff-access.ts'
import { machineStaffLink, newStaffLink, switchOffStaff } from './staff-members.ts'

const RULES = 'rules.yaml'

function changed(version: string, from: string | RegExp, to: string): Map<string, string> {
  const files = netrackBundle()
  const source = (files.get(RULES) ?? '').replace(/^version: .*$/m, `version: ${version}`)
  files.set(
    RULES,
    source.replace(from, () => to),
  )
  return files
}

function staff(name: string): StaffCaller {
  return { ...asStaff('dpo'), name, pseudonym: `${name}-1` }
}

const credential = {
  actor: 'billing',
  entities: ['start'],
  purposes: ['payment'],
  peoplePerHour: 1,
  expiresInDays: 1,
}

describe('what a role may do besides touching data', () => {
  let test: TestVault
  beforeAll(async () => {
    test = await openTestVault()
  })
  afterAll(() => test.close())

  it('is what its duties say, and no more', async () => {
    const { vault } = test
    expect((await issueCredential(vault, staff('administrator'), credential)).token).toMatch(/^dvr_/)
    for (const role of ['support', 'analyst', 'auditor']) {
      await faultOf(issueCredential(vault, staff(role), credential), 'forbidden')
      await faultOf(addStaff(vault, staff(role), { pseudonym: 'support-9', role: 'support' }), 'forbidden')
    }
    for (const role of ['administrator', 'support']) {
      await faultOf(proposePolicy(vault, staff(role), netrackBundle()), 'forbidden')
      await faultOf(listConflicts(vault, staff(role)), 'forbidden')
    }
  })

  it('keeps a version out that would take it from the one who adopts', async () => {
    const { vault } = test
    const renamed = changed('8.0.0', /(?<![\w-])dpo(?![\w-])/g, 'privacy-chief')
    const proposed = await loadPolicy(vault, renamed)
    expect(proposed.ok ? [] : proposed.error).toEqual([])
    await faultOf(adoptPolicy(vault, asStaff('dpo'), 'netrack@8.0.0'), 'policy-invalid')
    expect(currentPolicy(vault)?.system.officer).toBe('dpo')
  })
})

describe('while no policy can be read', () => {
  let test: TestVault
  beforeAll(async () => {
    test = await openTestVault()
    await firstStaffLink(test.vault)
    test.vault.setPolicy(null)
  })
  afterAll(() => test.close())

  it('the first officer’s role may put one in force, and nobody else may do anything', async () => {
    const { vault } = test
    await faultOf(proposePolicy(vault, staff('administrator'), netrackBundle()), 'forbidden')
    await faultOf(issueCredential(vault, asStaff('dpo'), credential), 'forbidden')
    await faultOf(listConflicts(vault, asStaff('dpo')), 'policy-absent')
    await loadPolicy(vault, changed('8.1.0', 'none', 'none'))
    vault.setPolicy(null)
    await adoptPolicy(vault, asStaff('dpo'), 'netrack@8.1.0')
    expect(currentPolicy(vault)?.id).toBe('netrack@8.1.0')
  })
})

/** Known before they were switched off, they add nobody, give no link and disclose nothing after it. */
async function inFlight(vault: Vault, token: string): Promise<void> {
  const officer = await authenticateSession(vault, token)
  if (officer?.kind !== 'staff') throw new Error('the officer is not signed in')
  const { staff, path } = await addStaff(vault, officer, { pseudonym: 'dpo-2', role: 'dpo' })
  const second = await authenticateSession(vault, (await enterStaff(vault, { token: path.split('#')[1] ?? '' })).token)
  if (second?.kind !== 'staff') throw new Error('the second officer is not signed in')
  const { subject } = await someone(vault)
  await switchOffStaff(vault, officer, staff)
  await faultOf(addStaff(vault, second, { pseudonym: 'dpo-3', role: 'dpo' }), 'unauthenticated')
  await faultOf(newStaffLink(vault, second, officer.staff), 'unauthenticated')
  const demand = { entity: 'start', ticket: 'LAW-1', recipient: 'tax-service', purpose: 'legal', fields: ['surname'] }
  await faultOf(disclose(vault, second, { subject, ...demand }), 'unauthenticated')
}

/** Their link is no colleague's: their session says so, and where they were signed in has ended. */
async function byTheMachine(vault: Vault, token: string): Promise<void> {
  const officer = await authenticateSession(vault, token)
  if (officer?.kind !== 'staff') throw new Error('the officer is not signed in')
  const entered = async (path: string) => (await enterStaff(vault, { token: path.split('#')[1] ?? '' })).token
  const { path } = await addStaff(vault, officer, { pseudonym: 'dpo-4', role: 'dpo' })
  const first = await entered(path)
  expect(await authenticateSession(vault, first)).toMatchObject({ pseudonym: 'dpo-4', issuedBy: 'dpo-1' })
  const own = await entered((await machineStaffLink(vault, 'dpo-4')).path)
  expect(await authenticateSession(vault, first)).toBeNull()
  expect(await authenticateSession(vault, own)).toMatchObject({ pseudonym: 'dpo-4', issuedBy: undefined })
  for (const nobody of ['dpo-2', 'dpo-9']) await faultOf(machineStaffLink(vault, nobody), 'not-found')
}

describe('the first member of staff', () => {
  it('is nobody while no policy has said what an officer is called; who is switched off finishes nothing; the machine signs in anybody', async () => {
    const test = await openTestVault(null)
    try {
      expect(await firstStaffLink(test.vault)).toBeNull()
      await loadPolicy(test.vault, netrackBundle())
      const link = await firstStaffLink(test.vault)
      const session = await enterStaff(test.vault, { token: link?.path.split('#')[1] ?? '' })
      expect(session).toMatchObject({ role: 'dpo', pseudonym: 'dpo-1' })
      await inFlight(test.vault, session.token)
      await byTheMachine(test.vault, session.token)
    } finally {
      await test.close()
    }
  })
})

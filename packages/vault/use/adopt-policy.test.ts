import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StaffCaller } from '../guard/caller.ts'
import { asStaff } from '../testing/callers.ts'
import { faultOf } from '../testing/fault.ts'
import { ledgerBodies } from '../testing/ledger-bodies.ts'
import { netrackBundle, openTestVault, type TestVault } from '../testing/open-test-vault.ts'
import {
  adoptPolicy,
  type BundleFiles,
  currentPolicy,
  listPolicies,
  loadPolicy,
  policyNamed,
  proposePolicy,
  readPolicy,
  refreshPolicy,
} from './adopt-policy.ts'

let test: TestVault
beforeEach(async () => {
  test = await openTestVault()
})
afterEach(() => test.close())

const dpo = asStaff('dpo')
const second: StaffCaller = { ...dpo, staff: '99999999-9999-4999-8999-999999999999', pseudonym: 'dpo-2' }
const first = currentId(netrackBundle())

function currentId(files: BundleFiles): string {
  return `netrack@${/^version: (.*)$/m.exec(files.get('rules.yaml') ?? '')?.[1] ?? ''}`
}

/** NETRACK's bundle under another version, beginning on a day if told. */
function next(version: string, effective?: string): Map<string, string> {
  const files = netrackBundle()
  const begins = effective === undefined ? '' : `\neffective: ${effective}`
  files.set('rules.yaml', (files.get('rules.yaml') ?? '').replace(/^version: .*$/m, `version: ${version}${begins}`))
  return files
}

describe('the first version of an installation', () => {
  it('is in force at once, and the ledger says that nobody but the machine’s holder adopted it', async () => {
    expect(currentPolicy(test.vault)?.id).toBe(first)
    const [only] = await listPolicies(test.vault)
    expect(only).toMatchObject({ version: first, proposedBy: 'machine:holder', adoptedBy: 'machine:holder' })
    const acts = await ledgerBodies(test.vault)
    expect(acts.map(({ act }) => act).sort()).toEqual(['adopt-policy', 'propose-policy'])
    expect(acts.find(({ act }) => act === 'adopt-policy')?.['detail']).toMatchObject({
      version: first,
      text: only?.text,
      bundle: only?.bundle,
    })
  })
})

describe('a version that follows', () => {
  it('decides nothing before a second person has adopted it, and everything after, in every process', async () => {
    const other = await test.second()
    expect((await loadPolicy(test.vault, next('7.0.0'))).ok).toBe(true)
    expect(currentPolicy(test.vault)?.id).toBe(first)
    const adopted = await adoptPolicy(test.vault, dpo, 'netrack@7.0.0')
    expect(adopted).toMatchObject({ proposedBy: 'machine:holder', adoptedBy: dpo.pseudonym })
    expect(currentPolicy(test.vault)?.id).toBe('netrack@7.0.0')
    await refreshPolicy(other)
    expect(currentPolicy(other)?.id).toBe('netrack@7.0.0')
    expect((await ledgerBodies(test.vault)).at(-1)).toMatchObject({
      act: 'adopt-policy',
      detail: { proposer: 'machine:holder', approver: dpo.pseudonym, text: adopted.text, bundle: adopted.bundle },
    })
  })

  it('is not adopted by the one who proposed it', async () => {
    const proposed = await proposePolicy(test.vault, dpo, next('7.0.0'))
    expect(proposed.ok).toBe(true)
    await faultOf(adoptPolicy(test.vault, dpo, 'netrack@7.0.0'), 'forbidden')
    expect(currentPolicy(test.vault)?.id).toBe(first)
    await adoptPolicy(test.vault, second, 'netrack@7.0.0')
    expect(currentPolicy(test.vault)?.id).toBe('netrack@7.0.0')
  })

  it('is proposed and adopted by officers only', async () => {
    await faultOf(proposePolicy(test.vault, asStaff('support'), next('7.0.0')), 'forbidden')
    await loadPolicy(test.vault, next('7.0.0'))
    await faultOf(adoptPolicy(test.vault, asStaff('support'), 'netrack@7.0.0'), 'forbidden')
    await faultOf(adoptPolicy(test.vault, dpo, 'netrack@9.9.9'), 'not-found')
    expect(currentPolicy(test.vault)?.id).toBe(first)
  })

  it('waits for its own first day', async () => {
    const day = new Date(test.now() + 3 * 86_400_000).toISOString().slice(0, 10)
    await loadPolicy(test.vault, next('7.0.0', day))
    await adoptPolicy(test.vault, dpo, 'netrack@7.0.0')
    expect(currentPolicy(test.vault)?.id).toBe(first)
    test.pass(4 * 86_400_000)
    await refreshPolicy(test.vault)
    expect(currentPolicy(test.vault)?.id).toBe('netrack@7.0.0')
  })

  it('adopted twice, also at once, is adopted by one and entered once', async () => {
    await loadPolicy(test.vault, next('7.0.0'))
    const both = await Promise.all([dpo, second].map((who) => adoptPolicy(test.vault, who, 'netrack@7.0.0')))
    expect(new Set(both.map(({ adoptedBy }) => adoptedBy)).size).toBe(1)
    const entered = (await ledgerBodies(test.vault)).filter(
      ({ act, detail }) =>
        act === 'adopt-policy' && (detail as { version?: string } | undefined)?.version === 'netrack@7.0.0',
    )
    expect(entered).toHaveLength(1)
  })
})

describe('an old version', () => {
  it('stays readable, file by file, and as the policy its decisions were made by', async () => {
    await loadPolicy(test.vault, next('7.0.0'))
    await adoptPolicy(test.vault, dpo, 'netrack@7.0.0')
    const { files, effectiveFrom } = await readPolicy(test.vault, first)
    expect(new Map(Object.entries(files))).toEqual(netrackBundle())
    expect(effectiveFrom).not.toBeNull()
    expect((await policyNamed(test.vault, first)).id).toBe(first)
    await faultOf(readPolicy(test.vault, 'netrack@0.0.1'), 'not-found')
  })

  it('does not come back by the folder that still holds it', async () => {
    await loadPolicy(test.vault, next('7.0.0'))
    await adoptPolicy(test.vault, dpo, 'netrack@7.0.0')
    await loadPolicy(test.vault, netrackBundle())
    expect(currentPolicy(test.vault)?.id).toBe('netrack@7.0.0')
  })

  it('whose kept files were changed is not put in force: everything is refused instead', async () => {
    await test.vault.data.query(`UPDATE document SET body = replace(body, 'netrack', 'netrick')`)
    test.vault.setPolicy(null)
    await faultOf(refreshPolicy(test.vault), 'policy-invalid')
    expect(currentPolicy(test.vault)).toBeNull()
  })
})

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runDoverie } from './testing/run-doverie.ts'

const NETRACK = fileURLToPath(new URL('../../policies/netrack', import.meta.url))

describe('doverie policy check', { timeout: 120_000 }, () => {
  let lax: string

  beforeAll(() => {
    lax = join(mkdtempSync(join(tmpdir(), 'doverie-check-')), 'lax')
    cpSync(NETRACK, lax, { recursive: true })
    const rules = readFileSync(join(lax, 'rules.yaml'), 'utf8')
    const without = rules.replace(/ {2}- id: blocked\n[\s\S]*?(?= {2}- id: unconfirmed-too-long\n)/, '')
    expect(without).not.toBe(rules)
    writeFileSync(join(lax, 'rules.yaml'), without)
  })
  afterAll(() => {
    rmSync(join(lax, '..'), { recursive: true })
  })

  it('lists the invariants of the shipped bundle as proved, with the size of the space and the time', async () => {
    const { code, out } = await runDoverie('policy', 'check', NETRACK)
    expect(code).toBe(0)
    expect(out).toMatch(/^proved research-never-identifiable \(2\.2\.4\): /m)
    expect(out).toMatch(/^(\d+) of \1 invariants proved over \d\.\d × 10\^\d+ points .*, in \d+\.\d\d s$/m)
  })

  it('fails where an invariant is false, and shows the counter-example with its place', async () => {
    const { code, out, err } = await runDoverie('policy', 'check', lax, '--lang', 'en')
    expect(code).toBe(1)
    expect(out).toMatch(
      /^FALSE {2}blocked-data-only-clarified-shown-to-their-subject-or-under-law \(1\.2\): Blocked data are reached/m,
    )
    expect(out).toMatch(
      /^rules\.yaml:\d+:\d+: the invariant 'blocked-data-.*' is false: .* \/ Инвариант неверен: .* \(clause 1\.2\)$/m,
    )
    expect(err).toContain('policy-invalid')
  })
})

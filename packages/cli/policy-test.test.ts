import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runDoverie } from './testing/run-doverie.ts'

const NETRACK = fileURLToPath(new URL('../../policies/netrack', import.meta.url))

describe('doverie policy', { timeout: 120_000 }, () => {
  let folder: string
  let lax: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'doverie-policy-'))
    lax = join(folder, 'lax')
    cpSync(NETRACK, lax, { recursive: true })
    const rules = readFileSync(join(lax, 'rules.yaml'), 'utf8')
    const without = rules.replace(
      /(id: send-offers[\s\S]*?when: )\[\{ ground: consent \}, confirmed\]/,
      '$1[{ ground: consent }]',
    )
    expect(without).not.toBe(rules)
    writeFileSync(join(lax, 'rules.yaml'), without.replace(/ {2}- id: unconfirmed\n[\s\S]*?(?= {2}- id: closed\n)/, ''))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('test ends well where the rules keep what the text promises', async () => {
    const { code, out } = await runDoverie('policy', 'test', NETRACK, '--filter', 'offers')
    expect(code).toBe(0)
    expect(out).toMatch(/^netrack@\S+: (\d+) of \1 tests pass\n$/)
  })

  it('test ends with an error where they do not, and tells what came', async () => {
    const { code, out } = await runDoverie('policy', 'test', lax)
    expect(code).toBe(1)
    expect(out).toContain('No offer goes to an unconfirmed address, consent or not')
    expect(out).toMatch(/expected {2}refuse; clause 1\.2; not-confirmed\n +came {6}permit; /)
  })

  it('test rejects a filter that leaves nothing', async () => {
    expect((await runDoverie('policy', 'test', NETRACK, '--filter', 'no such test')).code).toBe(1)
  })

  it('diff tells what opened, in Russian', async () => {
    const { code, out } = await runDoverie('policy', 'diff', NETRACK, lax, '--lang', 'ru')
    expect(code).toBe(0)
    expect(out).toMatch(
      /Открывается:\n[\s\S]*«Рассылка»: извлечение \(чтение\), использование; .*данные ещё не подтверждены/,
    )
  })

  it('explain tells what would turn the answer', async () => {
    const file = join(folder, 'case.yaml')
    const when = 'when: { actor: newsletter, operation: use, purpose: marketing, data: [email] }'
    writeFileSync(file, `now: 2026-11-23\nentity: start\ngiven: { confirmed: P1D ago }\n${when}\n`)
    const { code, out } = await runDoverie('policy', 'explain', NETRACK, file, '--lang', 'en')
    expect(code).toBe(0)
    expect(out).toContain('The answer would be a permit with:\n  - a consent to “News and offers” for LLC Start\n')
    const russian = await runDoverie('policy', 'explain', NETRACK, file)
    expect(russian.out).toContain('нужно:\n  - согласие на цель «Новости и предложения» для ООО «Старт»\n')
  })

  it('explain rejects a case with a misspelt name, with its place', async () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(
      file,
      'now: 2026-11-23\nentity: start\nwhen: { actor: newsleter, operation: use, purpose: marketing, data: [email] }\n',
    )
    const { code, out } = await runDoverie('policy', 'explain', NETRACK, file)
    expect(code).toBe(1)
    expect(out).toMatch(/^bad\.yaml:3:\d+: unknown actor 'newsleter' \(did you mean 'newsletter'\?\)/)
  })
})

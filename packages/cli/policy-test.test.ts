import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('doverie.ts', import.meta.url))
const NETRACK = fileURLToPath(new URL('../../policies/netrack', import.meta.url))

async function run(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const env = { PATH: process.env['PATH'] ?? '' }
  const child = spawn(process.execPath, [PROGRAM, 'policy', ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, out, err }
}

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
    const { code, out } = await run('test', NETRACK, '--filter', 'offers')
    expect(code).toBe(0)
    expect(out).toMatch(/^netrack@\S+: (\d+) of \1 tests pass\n$/)
  })

  it('test ends with an error where they do not, and tells what came', async () => {
    const { code, out } = await run('test', lax)
    expect(code).toBe(1)
    expect(out).toContain('No offer goes to an unconfirmed address, consent or not')
    expect(out).toMatch(/expected {2}refuse; clause 1\.2; not-confirmed\n +came {6}permit; /)
  })

  it('test rejects a filter that leaves nothing', async () => {
    expect((await run('test', NETRACK, '--filter', 'no such test')).code).toBe(1)
  })

  it('diff tells what opened, in Russian', async () => {
    const { code, out } = await run('diff', NETRACK, lax, '--lang', 'ru')
    expect(code).toBe(0)
    expect(out).toMatch(
      /Открывается:\n[\s\S]*«Рассылка»: извлечение \(чтение\), использование; .*данные ещё не подтверждены/,
    )
  })

  it('explain tells what would turn the answer', async () => {
    const file = join(folder, 'case.yaml')
    const when = 'when: { actor: newsletter, operation: use, purpose: marketing, data: [email] }'
    writeFileSync(file, `now: 2026-11-23\nentity: start\ngiven: { confirmed: P1D ago }\n${when}\n`)
    const { code, out } = await run('explain', NETRACK, file)
    expect(code).toBe(0)
    expect(out).toContain('The answer would be a permit with:\n  - a consent to “News and offers” for LLC Start\n')
  })

  it('explain rejects a case with a misspelt name, with its place', async () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(
      file,
      'now: 2026-11-23\nentity: start\nwhen: { actor: newsleter, operation: use, purpose: marketing, data: [email] }\n',
    )
    const { code, out } = await run('explain', NETRACK, file)
    expect(code).toBe(1)
    expect(out).toMatch(/^bad\.yaml:3:\d+: unknown actor 'newsleter' \(did you mean 'newsletter'\?\)/)
  })
})

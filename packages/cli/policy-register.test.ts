import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('doverie.ts', import.meta.url))
const CLINIC = fileURLToPath(new URL('../../policies/zabota-clinic', import.meta.url))

async function policy(...args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [PROGRAM, 'policy', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, out, err }
}

describe('doverie policy', () => {
  it.each([
    ['csv', 'en', '"Purpose","What it means"'],
    ['jsonld', 'en', '{\n  "@context": {'],
  ])('register writes %s in %s', async (format, lang, begins) => {
    const { code, out, err } = await policy('register', CLINIC, '--format', format, '--lang', lang)
    expect([code, err]).toEqual([0, ''])
    expect(out.startsWith(begins)).toBe(true)
  })

  it('legal lists what a lawyer must still confirm, with place and clause', async () => {
    const { code, out } = await policy('legal', CLINIC, '--lang', 'en')
    expect(code).toBe(0)
    expect(out).toMatch(/^rules\.yaml:\d+: retention medical-record: 323-FZ art\. 22.* \(clause 6\.1\)$/m)
    expect(out).toMatch(/^zabota-clinic@[\d.]+, ru-152fz: \d+ to be confirmed by a lawyer$/m)
  })

  it.each([['a format that is none', ['register', CLINIC, '--format', 'xls']]])(
    'rejects %s with one line',
    async (_, args) => {
      const { code, out, err } = await policy(...args)
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(/^doverie: .+\n$/)
    },
  )
})

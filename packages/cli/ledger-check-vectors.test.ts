import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runDoverie } from './testing/run-doverie.ts'

const SHARED = fileURLToPath(new URL('../../vectors/tlog/merkle-proofs.json', import.meta.url))

describe('doverie ledger check-vectors', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'doverie-vectors-'))
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  const file = (text: string): string => {
    const path = join(folder, 'cases.json')
    writeFileSync(path, text)
    return path
  }

  it('counts the shared cases, all of which pass', async () => {
    expect(await runDoverie('ledger', 'check-vectors', SHARED)).toEqual({
      code: 0,
      out: '259 passed, 0 failed\n',
      err: '',
    })
  })

  it('names the cases that fail, closes with the counts and fails itself', async () => {
    const cases = JSON.parse(readFileSync(SHARED, 'utf8')) as readonly { name: string; wantErr: boolean }[]
    const turned = cases.slice(0, 3).map((one, i) => (i === 1 ? { ...one, wantErr: !one.wantErr } : one))
    const { code, out } = await runDoverie('ledger', 'check-vectors', file(JSON.stringify(turned)))
    expect(out).toBe(`failed: ${turned[1]?.name}\n2 passed, 1 failed\n`)
    expect(code).toBe(1)
  })

  it('fails over no case at all', async () => {
    expect(await runDoverie('ledger', 'check-vectors', file('[]'))).toMatchObject({
      code: 1,
      out: '0 passed, 0 failed\n',
    })
  })

  it.each([
    ['[', 'malformed-json'],
    ['{}', 'invalid-value'],
  ])('rejects a file that holds %s', async (text, code) => {
    const { code: exit, err } = await runDoverie('ledger', 'check-vectors', file(text))
    expect([exit, err]).toEqual([1, expect.stringContaining(`[${code}]`)])
  })

  it('rejects a file that is not there', async () => {
    const { code, err } = await runDoverie('ledger', 'check-vectors', join(folder, 'none.json'))
    expect([code, err]).toEqual([1, expect.stringContaining('[not-found]')])
  })
})

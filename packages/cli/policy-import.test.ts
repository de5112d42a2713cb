import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isDoverieError } from '@doverie/core/base'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { importCommand } from './policy-import.ts'
import { schemaCommand } from './policy-schema.ts'

const NETRACK = fileURLToPath(new URL('../../policies/netrack', import.meta.url))

/** An invented text, as an editor of a decade ago saved it. */
const TERMS = Buffer.from(
  '\ufeffTerms of the reading room\r\n\r\n1. What we ask\r\n\r\n1.1.\u00a0Your name.\r\n\r\n1.2. Nothing else.\r\n\r\n2. Questions\r\n',
  'utf16le',
)

/** What a command prints, and the code of the fault that it ends with. */
async function run(command: Command, ...args: readonly string[]): Promise<{ out: string; fault: string | null }> {
  let out = ''
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  try {
    await command.parseAsync(args, { from: 'user' })
    return { out, fault: null }
  } catch (error) {
    if (isDoverieError(error)) return { out, fault: error.code }
    throw error
  } finally {
    write.mockRestore()
  }
}

describe('doverie policy import', () => {
  let folder: string
  let terms: string
  let out: string

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'doverie-import-'))
    terms = join(folder, 'terms.txt')
    writeFileSync(terms, TERMS)
  })
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('writes the text, keeps the original byte for byte, and tells what nothing binds yet', async () => {
    out = join(folder, 'room')
    const { fault, out: told } = await run(importCommand(), terms, '--out', out)
    expect(fault).toBeNull()
    expect(told).toContain('policy.en.md: 4 clauses (preamble 0, footnotes 0), from text in utf-16le')
    expect(told).toContain('not bound yet: 1, 1.1, 1.2, 2\n')
    expect(readFileSync(join(out, 'policy.en.md'), 'utf8')).toContain('### 1.1\n\nYour name.\n')
    expect(readFileSync(join(out, 'official/policy.en.txt')).equals(TERMS)).toBe(true)
    expect(readdirSync(join(out, 'official'))).toEqual(['policy.en.txt', 'policy.en.txt.sha256'])
  })

  it('may be repeated, and replaces another text only where told to', async () => {
    writeFileSync(join(out, 'policy.en.md'), '# Mine\n')
    const refused = await run(importCommand(), terms, '--out', out)
    expect(refused.fault).toBe('conflict')
    expect(readFileSync(join(out, 'policy.en.md'), 'utf8')).toBe('# Mine\n')
    expect((await run(importCommand(), terms, '--out', out, '--replace')).fault).toBeNull()
    expect((await run(importCommand(), terms, '--out', out)).fault).toBeNull()
  })

  it('tells the clauses that rules name and the text has not, and fails', async () => {
    const { fault, out: told } = await run(
      importCommand(),
      terms,
      '--out',
      join(folder, 'other'),
      '--lang',
      'ru',
      '--rules',
      NETRACK,
    )
    expect(fault).toBe('policy-invalid')
    expect(told).toContain('rules.yaml:')
    expect(told).toContain("unknown clause '5.2.1'")
  })

  it.each([
    ['a file that is not there', 'nowhere.txt', null, 'not-found'],
    ['a text without clauses', 'letter.txt', 'Dear all\n', 'policy-invalid'],
    ['a .docx', 'terms.docx', 'PK\u0003\u0004', 'policy-invalid'],
  ])('refuses %s and writes nothing', async (_, name, content, code) => {
    const file = join(folder, name)
    if (content !== null) writeFileSync(file, content)
    const target = join(folder, `not-${name}`)
    const { fault } = await run(importCommand(), file, '--out', target)
    expect(fault).toBe(code)
    expect(existsSync(target)).toBe(false)
  })
})

describe('doverie policy schema', () => {
  it.each(['rules', 'service', 'campaign', 'test'])('prints the schema of a %s file', async (kind) => {
    const { fault, out } = await run(schemaCommand(), kind)
    expect(fault).toBeNull()
    expect(out).toBe(readFileSync(new URL(`../../policies/schema/${kind}.schema.json`, import.meta.url), 'utf8'))
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../base/index.ts'
import { isProblem, PROBLEM_STATUS, problemOf } from './index.ts'

const documented = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  .split('\n')
  .map((line) => /^\| `([a-z-]+)` \| (\d{3}) \| (.+) \|$/.exec(line))
  .filter((row) => row !== null)
  .map((row) => ({ code: row[1], status: Number(row[2]), meaning: row[3] }))

describe('the closed list of problems', () => {
  it('is the same in the code, in the table of statuses and in docs/errors.md', () => {
    const coded = Object.entries(ERROR_CODES).map(([code, meaning]) => ({
      code,
      status: PROBLEM_STATUS[code as keyof typeof ERROR_CODES],
      meaning,
    }))
    expect(documented).toEqual(coded)
    expect(Object.keys(PROBLEM_STATUS)).toEqual(Object.keys(ERROR_CODES))
  })

  it('knows its own problems and no others', () => {
    expect(isProblem(problemOf('refused', { clauses: ['2.1'] }))).toBe(true)
    expect(isProblem({ type: 'about:blank', code: 'refused' })).toBe(false)
    expect(isProblem({ type: 'urn:doverie:problem:toString', code: 'toString' })).toBe(false)
    expect(isProblem(null)).toBe(false)
  })
})

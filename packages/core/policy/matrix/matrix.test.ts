import { describe, expect, it } from 'vitest'
import { checkPolicy } from '../check.ts'
import { netrack } from '../testing/netrack.ts'
import { variant } from '../testing/variant.ts'
import { clauseMatrix, isUncovered } from './matrix.ts'
import { showMatrix } from './show.ts'

const policy = netrack()

describe('the matrix of clauses', () => {
  it('has every clause of the text that binds, once, in the order of the text', () => {
    expect(clauseMatrix(policy).map(({ clause }) => clause)).toEqual([
      ...(policy.texts.get('ru')?.clauses.keys() ?? []),
    ])
  })

  it('leaves no clause of the shipped policy to nothing', () => {
    expect(clauseMatrix(policy).filter(isUncovered)).toEqual([])
  })

  it('names what acts on a clause: rules apart from declarations, measures and reasons with their words', () => {
    const rows = new Map(clauseMatrix(policy).map((row) => [row.clause, row]))
    expect(rows.get('1.2')?.rules.length).toBeGreaterThan(0)
    expect(rows.get('0.1')?.declarations).toContainEqual(expect.objectContaining({ kind: 'actor', id: 'site' }))
    for (const { clauses, reason } of policy.informational) {
      for (const clause of clauses) expect(rows.get(clause)?.informational).toEqual(reason)
    }
    for (const { id, clauses } of policy.measures) {
      for (const clause of clauses) expect(rows.get(clause)?.measures.map((one) => one.id)).toContain(id)
    }
  })

  it('finds a clause uncovered exactly where the check of the policy does', () => {
    const without = variant(policy, { measures: [], informational: [], retention: [] })
    const uncovered = clauseMatrix(without)
      .filter(isUncovered)
      .map(({ clause }) => clause)
    const told = checkPolicy(without).filter(({ message }) => message.includes('is bound to nothing'))
    expect(uncovered.length).toBeGreaterThan(0)
    expect(told.map(({ clause }) => clause)).toEqual(uncovered)
  })

  it('counts tests by the clauses they expect, and tells decisions as given', () => {
    const decisions = new Map([['1.2', { permitted: 3, refused: 2, acts: 0, otherVersions: 7 }]])
    const tests = [
      { id: 'a', clauses: ['1.2', '2.1'] },
      { id: 'b', clauses: ['1.2'] },
    ]
    const rows = new Map(clauseMatrix(policy, { decisions, tests }).map((row) => [row.clause, row]))
    expect(rows.get('1.2')).toMatchObject({ decisions: { permitted: 3, otherVersions: 7 }, tests: ['a', 'b'] })
    expect(rows.get('2.2')).toMatchObject({ decisions: { permitted: 0, refused: 0 }, tests: [] })
    expect(clauseMatrix(policy)[0]).toMatchObject({ decisions: null, tests: null })
  })
})

describe('the matrix as a text', () => {
  const rows = clauseMatrix(policy, { tests: [] })

  it('is a table of as many columns in every line, whatever the clauses say', () => {
    const [head, , ...lines] = showMatrix([{ ...rows[0]!, title: { ru: 'а | б\nв' } }, ...rows], 'md', 'ru')
      .trim()
      .split('\n')
    const columns = (line: string | undefined): number => (line ?? '').replaceAll('\\|', '').split('|').length
    expect(new Set(lines.map(columns))).toEqual(new Set([columns(head)]))
    expect(lines).toHaveLength(rows.length + 1)
  })

  it('quotes what would break a line of CSV', () => {
    const text = showMatrix([{ ...rows[0]!, clause: '1', title: { ru: 'a "b", c' } }], 'csv', 'ru')
    expect(text.split('\r\n')[1]).toMatch(/^"1","a ""b"", c",/)
  })

  it('says in words that a clause is covered by nothing', () => {
    const bare = { ...rows[0]!, rules: [], declarations: [], measures: [], informational: null }
    expect(showMatrix([bare], 'md', 'ru')).toContain('НЕ ОХВАЧЕН НИЧЕМ')
    expect(JSON.parse(showMatrix([bare], 'json', 'ru'))).toMatchObject({ clauses: [{ clause: bare.clause }] })
  })
})

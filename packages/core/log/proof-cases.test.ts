import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { runProofCase } from './proof-cases.ts'

interface Case {
  readonly name: string
  readonly wantErr: boolean
}

const cases = JSON.parse(
  readFileSync(new URL('../../../vectors/tlog/merkle-proofs.json', import.meta.url), 'utf8'),
) as readonly Case[]

describe('the shared proofs', () => {
  test('are all there, broken ones among them', () => {
    expect(cases).toHaveLength(259)
    expect(cases.filter(({ wantErr }) => wantErr).length).toBeGreaterThan(200)
  })

  test.each(cases)('$name', (one) => {
    expect(runProofCase(one)).toEqual({ name: one.name, passed: true })
  })

  test('do not pass where the opposite is expected', () => {
    for (const one of cases) expect(runProofCase({ ...one, wantErr: !one.wantErr }).passed).toBe(false)
  })
})

const valid = cases.find(({ name }) => name === 'inclusion/1/happy-path.json')

describe('what is no case', () => {
  test.each([
    ['nothing', null],
    ['a text', 'inclusion'],
    ['a case without a name', { wantErr: true }],
    ['a case of an unknown kind', { ...valid, name: 'exclusion/1' }],
    ['a case named like a member of every object', { ...valid, name: 'constructor/1' }],
    ['a case that does not say what it wants', { ...valid, wantErr: 'false' }],
    ['a case without a root that wants a proof', { ...valid, root: undefined }],
    ['a case whose roots are no hashes', { name: 'consistency/x', size1: 1, size2: 1, proof: [], wantErr: false }],
  ])('does not pass: %s', (_, value) => {
    expect(runProofCase(value).passed).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { normaliseValue } from '../../../packages/core/policy/values/index.ts'
import { CanaryMint, capitalised } from './canaries.ts'

describe('canaries', () => {
  it('are unique, and no word is a part of another', () => {
    const mint = new CanaryMint(1)
    for (let i = 0; i < 5_000; i++) {
      mint.word('latin', 'email', i)
      mint.word('cyrillic', 'surname', i)
      mint.digits(10, 'phone', i)
    }
    expect(new Set(mint.canaries.map(({ text }) => text)).size).toBe(15_000)
  })

  it('repeat with their seed and differ with another', () => {
    const first = (seed: number): string => new CanaryMint(seed).word('latin', 'surname', 0)
    expect(first(5)).toBe(first(5))
    expect(first(5)).not.toBe(first(6))
  })

  it('are legal names of their script', () => {
    const mint = new CanaryMint(2)
    for (const script of ['latin', 'cyrillic'] as const) {
      const name = capitalised(mint.word(script, 'surname', 0))
      expect(normaliseValue('person-name', name)).toEqual({ ok: true, value: name })
    }
  })

  it('leaves out what is too short to be told from chance', () => {
    const mint = new CanaryMint(3)
    mint.watch('Ли', 'surname', 0)
    mint.watch('4477', 'payment-last4', 0)
    expect(mint.canaries).toEqual([])
  })
})

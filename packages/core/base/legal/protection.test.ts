import { describe, expect, it } from 'vitest'
import { protectionLevel } from './protection.ts'

describe('the level of protection', () => {
  // Decree 1119 of 01.11.2012, items 9 to 12: below 100,000 people, and beyond.
  it.each([
    [1, 'special', 1, 1],
    [1, 'biometric', 1, 1],
    [1, 'other', 1, 1],
    [1, 'public', 2, 2],
    [2, 'special', 2, 1],
    [2, 'biometric', 2, 2],
    [2, 'other', 3, 2],
    [2, 'public', 3, 2],
    [3, 'special', 3, 2],
    [3, 'biometric', 3, 3],
    [3, 'other', 4, 3],
    [3, 'public', 4, 4],
  ] as const)(
    'of threats of type %i and %s data is %i below the threshold and %i beyond it',
    (threat, data, low, high) => {
      expect(protectionLevel(99_999, data, threat).level).toBe(low)
      expect(protectionLevel(100_000, data, threat).level).toBe(high)
    },
  )

  it('warns before the number of people raises it, and only where it would', () => {
    expect([89_999, 90_000, 99_999, 100_000].map((people) => protectionLevel(people, 'other', 3).warning)).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect(protectionLevel(95_000, 'public', 3).warning).toBe(false)
  })
})

import { describe, expect, it } from 'vitest'
import { REQUEST_KINDS } from '../base/index.ts'
import { IDENTITY_METHODS, isIdentityMethod, levelFor, levelReached } from './identity.ts'
import { stepsFrom } from './machine.ts'

const as = (...methods: readonly string[]) => methods.map((method) => ({ method, level: 1 }))

describe('how sure one must be of who asks', () => {
  it('is said of every kind of request, and is nothing only where nobody need be proved', () => {
    for (const kind of REQUEST_KINDS) {
      expect([0, 1, 2, 3]).toContain(levelFor(kind))
      const steps = stepsFrom(kind, 'registered')
      const unproved = !steps.includes('identity-asked') || steps.includes('identity-waived')
      expect([kind, levelFor(kind) === 0]).toEqual([kind, unproved])
    }
  })

  it('is not reached by one mailbox where something is destroyed or opened to everyone', () => {
    for (const kind of ['erasure', 'publication'] as const)
      expect(levelReached(as('session', 'email-code', 'session'))).toBeLessThan(levelFor(kind))
  })

  it.each([
    [[], 0],
    [['session'], 1],
    [['session', 'email-code'], 1],
    [['session', 'phone-code'], 2],
    [['contract-words', 'email-code'], 2],
    [['passkey'], 2],
    [['passkey', 'session'], 2],
    [['document-in-person'], 3],
    [['hearsay'], 0],
    [['signature-form'], 1],
    [['signature-form', 'email-code'], 1],
  ])('%j reaches %i', (methods, level) => {
    expect(levelReached(as(...methods))).toBe(level)
  })

  it('is, by the form of a signature, what its record says, and never more than 1', () => {
    expect([0, 1, 3].map((level) => levelReached([{ method: 'signature-form', level }]))).toEqual([0, 1, 1])
  })

  it('has a method of every level, each in words', () => {
    const levels = new Set(Object.values(IDENTITY_METHODS).map(({ level }) => level))
    expect([...levels].sort()).toEqual([0, 1, 2, 3])
    for (const { label } of Object.values(IDENTITY_METHODS)) expect(Object.keys(label).sort()).toEqual(['en', 'ru'])
    expect(isIdentityMethod('toString')).toBe(false)
  })
})

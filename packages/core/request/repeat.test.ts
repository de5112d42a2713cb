import { describe, expect, it } from 'vitest'
import { REQUEST_KINDS, type RequestKind } from '../base/index.ts'
import { lawOf } from './law.ts'
import { type Asked, repeatedUntil } from './repeat.ts'

const RU = lawOf('ru-152fz')
const at = (text: string): number => Date.parse(`${text}+03:00`)
const asked = (receivedAt: number, more: Partial<Asked> = {}): Asked => ({
  kind: 'information',
  receivedAt,
  entity: null,
  ...more,
})
const FORMER = asked(at('2026-11-01T23:30:00'))

describe('a request that repeats another', () => {
  it('does so for thirty whole days of the operator’s zone after the receipt, and not on the day after', () => {
    const until = at('2026-12-02T00:00:00')
    expect(repeatedUntil(RU, FORMER, asked(until - 1))).toBe(until)
    expect(repeatedUntil(RU, FORMER, asked(FORMER.receivedAt))).toBe(until)
    expect(repeatedUntil(RU, FORMER, asked(until))).toBeNull()
    expect(repeatedUntil(RU, FORMER, asked(FORMER.receivedAt - 1))).toBeNull()
  })

  it('asks for the same of one’s data again: a copy after information is another request', () => {
    const later = FORMER.receivedAt + 1
    const repeats = (former: RequestKind, kind: RequestKind): boolean =>
      repeatedUntil(RU, { ...FORMER, kind: former }, asked(later, { kind })) !== null
    expect(REQUEST_KINDS.filter((kind) => repeats(kind, kind)).sort()).toEqual(['copy', 'information'])
    for (const kind of REQUEST_KINDS) expect(repeats('information', kind)).toBe(kind === 'information')
  })

  it('asks the same legal entity: an answer of all of them covers each, one’s covers its own alone', () => {
    const later = FORMER.receivedAt + 1
    const covers = (former: string | null, now: string | null): boolean =>
      repeatedUntil(RU, { ...FORMER, entity: former }, asked(later, { entity: now })) !== null
    expect([covers(null, 'a'), covers('a', 'a'), covers('a', 'b'), covers('a', null)]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })

  it('has no term under a law that names none', () => {
    expect(repeatedUntil(lawOf('eu-gdpr'), FORMER, asked(FORMER.receivedAt + 1))).toBeNull()
  })
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDoverieError, utf8 } from '../base/index.ts'
import type { VerifiedSignature } from './note.ts'
import { formatVerifierKey, KEY_TYPES, verifierKey, type VerifierKey } from './note-key.ts'
import { formatTrustPolicy, isWitnessed, parseTrustPolicy, policyKeys } from './trust-policy.ts'

const bytes = (value: number, length = 32): Uint8Array => new Uint8Array(length).fill(value)
const witness = (n: number): VerifierKey => verifierKey(`witness.example/${n}`, bytes(n), KEY_TYPES.cosignature)
const log = verifierKey('example.org/log', bytes(100))
const logLine = `log ${formatVerifierKey(log)}`
const vkey = (n: number): string => formatVerifierKey(witness(n))
const signed = (...keys: readonly VerifierKey[]): readonly VerifiedSignature[] =>
  keys.map(({ name, keyId, type }) => ({ name, keyId, type, time: 1 }))

/** The example of the specification. */
const EXAMPLE = `${logLine}

witness X1 ${vkey(1)}
witness X2 ${vkey(2)} https://x2.example/
witness X3 ${vkey(3)}
group X-witnesses 2 X1 X2 X3

# the others
witness Y1 ${vkey(4)}
\twitness Y2  ${vkey(5)}\t
witness Y3 ${vkey(6)}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`

describe('a policy', () => {
  test('says who signs, who cosigns, and how many it takes', () => {
    const policy = parseTrustPolicy(EXAMPLE)
    expect(policy.logs).toEqual([{ key: log, url: null }])
    expect([...policy.witnesses.keys()]).toEqual(['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3'])
    expect(policy.witnesses.get('X2')).toEqual({ key: witness(2), url: 'https://x2.example/' })
    expect(policy.groups.get('Y-witnesses')).toEqual({ threshold: 1, members: ['Y1', 'Y2', 'Y3'] })
    expect(policyKeys(policy)).toHaveLength(7)
    const quorum = (...keys: readonly number[]): boolean => isWitnessed(policy, signed(log, ...keys.map(witness)))
    expect([quorum(1, 2, 4), quorum(2, 3, 5, 6), quorum(1, 2, 3, 4, 5, 6)]).toEqual([true, true, true])
    expect([quorum(), quorum(1, 2), quorum(1, 4), quorum(4, 5, 6), quorum(1, 2, 9)]).toEqual(Array(5).fill(false))
  })

  test('may ask for no witness, or for one', () => {
    expect(isWitnessed(parseTrustPolicy('quorum none\n'), [])).toBe(true)
    const one = parseTrustPolicy(`witness w ${vkey(1)}\nquorum w\n`)
    expect([isWitnessed(one, signed(witness(1))), isWitnessed(one, signed(witness(2)))]).toEqual([true, false])
  })

  test('takes a key of the same name and another id for another', () => {
    const one = parseTrustPolicy(`witness w ${vkey(1)}\nquorum w\n`)
    expect(isWitnessed(one, [{ ...signed(witness(1))[0]!, keyId: '00000000' }])).toBe(false)
  })

  test('agrees with counting, whatever the groups', () => {
    const shape = fc.record({
      sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
      limits: fc.array(fc.nat(3), { minLength: 5, maxLength: 5 }),
      signers: fc.subarray(Array.from({ length: 16 }, (_, i) => i + 1)),
    })
    fc.assert(
      fc.property(shape, ({ sizes, limits, signers }) => {
        let next = 1
        const lines: string[] = []
        const groups = sizes.map((size, i) => {
          const members = Array.from({ length: size }, () => next++)
          for (const n of members) lines.push(`witness w${n} ${vkey(n)}`)
          const threshold = ((limits[i] ?? 0) % size) + 1
          lines.push(`group g${i} ${threshold} ${members.map((n) => `w${n}`).join(' ')}`)
          return members.filter((n) => signers.includes(n)).length >= threshold
        })
        const limit = ((limits[4] ?? 0) % sizes.length) + 1
        lines.push(`group all ${limit} ${sizes.map((_, i) => `g${i}`).join(' ')}`, 'quorum all', '')
        const policy = parseTrustPolicy(lines.join('\n'))
        expect(isWitnessed(policy, signed(...signers.map(witness)))).toBe(groups.filter(Boolean).length >= limit)
        expect(parseTrustPolicy(formatTrustPolicy(policy))).toEqual(policy)
      }),
    )
  })

  test('has names that are octets, whatever they spell', () => {
    const name = [0xff, 0xfe, 0x4b]
    const file = Uint8Array.from([
      ...utf8('witness '),
      ...name,
      ...utf8(` ${vkey(1)} https://пример.example/\nquorum `),
      ...name,
      0x0a,
    ])
    const policy = parseTrustPolicy(file)
    expect(isWitnessed(policy, signed(witness(1)))).toBe(true)
    expect([...policy.witnesses.values()][0]?.url).toBe('https://пример.example/')
    expect(formatTrustPolicy(policy)).toEqual(file)
    const kelvin = `witness \u212a ${vkey(1)}\nquorum K\n`
    expect(() => parseTrustPolicy(kelvin)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })

  const w = (n: number): string => `witness w${n} ${vkey(n)}\n`
  test.each([
    ['nothing', ''],
    ['no quorum', w(1)],
    ['two quorums', `${w(1)}quorum w1\nquorum w1\n`],
    ['a quorum that is defined later', `quorum w1\n${w(1)}`],
    ['a quorum of two', `${w(1)}${w(2)}quorum w1 w2\n`],
    ['no last newline', 'quorum none'],
    ['a carriage return', 'quorum none\r\n'],
    ['a null', 'quorum none\u0000\n'],
    ['a delete', 'quorum none\u007f\n'],
    ['a word before', 'the quorum none\n'],
    ['a capital', 'Quorum none\n'],
    ['a word too many', `${w(1).trim()} https://a.example/ more\nquorum w1\n`],
    ['a witness without a key', 'witness w\nquorum w\n'],
    ['a key that is none', 'witness w key\nquorum w\n'],
    ['a log key for a witness', `witness w ${formatVerifierKey(log)}\nquorum w\n`],
    ['a witness key for a log', `log ${vkey(1)}\nquorum none\n`],
    ['one witness twice', `${w(1)}${w(1)}quorum w1\n`],
    [
      'one key under two names',
      `${w(1)}witness other ${formatVerifierKey(verifierKey('o', bytes(1), 4))}\nquorum w1\n`,
    ],
    ['one log twice', `${logLine}\nlog ${formatVerifierKey(verifierKey('other', bytes(100)))}\nquorum none\n`],
    ['a witness named none', `witness none ${vkey(1)}\nquorum none\n`],
    ['a group named none', `${w(1)}group none any w1\nquorum none\n`],
    ['a group of the name of a witness', `${w(1)}group w1 any w1\nquorum w1\n`],
    ['a group of nobody', `${w(1)}group g any\nquorum w1\n`],
    ['a group of itself', `${w(1)}group g any w1 g\nquorum g\n`],
    ['none in a group', `${w(1)}group g any none\nquorum g\n`],
    ['a member twice', `${w(1)}group g any w1 w1\nquorum g\n`],
    ['a member of two groups', `${w(1)}${w(2)}group g any w1\ngroup h any w1 w2\nquorum h\n`],
    ['a threshold of none', `${w(1)}group g 0 w1\nquorum g\n`],
    ['a threshold of more than there are', `${w(1)}group g 2 w1\nquorum g\n`],
    ['a threshold with a leading zero', `${w(1)}group g 01 w1\nquorum g\n`],
    ['a threshold that is no number', `${w(1)}group g most w1\nquorum g\n`],
  ])('is not %s', (_, text) => {
    expect(() => parseTrustPolicy(text)).toThrow(expect.objectContaining({ code: 'invalid-value' }))
  })

  test('names the line that is wrong, and does not repeat it', () => {
    const secret = 'quorum none\nwitness w s3cret\n'
    try {
      parseTrustPolicy(secret)
      expect.unreachable()
    } catch (error) {
      if (!isDoverieError(error, 'invalid-value')) throw error
      expect(error.message).toContain('line 2')
      expect(error.message).not.toContain('s3cret')
    }
  })

  test('holds as many as the specification asks for', () => {
    const keys = Array.from({ length: 32 }, (_, i) => i + 1)
    const lines = [
      ...keys.map((n) => `log ${formatVerifierKey(verifierKey(`log.example/${n}`, bytes(n + 100)))}`),
      ...keys.map((n) => w(n).trim()),
      ...keys.map((n) => `group g${n} all w${n}`),
      'quorum g32',
      '',
    ]
    expect(parseTrustPolicy(lines.join('\n'))).toMatchObject({ quorum: 'g32' })
  })

  test('changed anywhere is refused with its code or is another policy of the same syntax', () => {
    const piece = fc.constantFrom('', '\n', ' ', '\t', '#', '+', '0', 'w', '\r', '\u0000', '\u212a', 'none')
    fc.assert(
      fc.property(fc.nat(), piece, (seed, inserted) => {
        const at = seed % (EXAMPLE.length + 1)
        const mutated = EXAMPLE.slice(0, at) + inserted + EXAMPLE.slice(at + (inserted === '' ? 1 : 0))
        try {
          const policy = parseTrustPolicy(mutated)
          expect(parseTrustPolicy(formatTrustPolicy(policy))).toEqual(policy)
        } catch (error) {
          if (!isDoverieError(error, 'invalid-value')) throw error
        }
      }),
      { numRuns: 1000 },
    )
  })
})

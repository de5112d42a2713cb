import { createCipheriv, createHmac } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openKey, type OpenKey, type SealContext, seal, unseal } from './envelope.ts'

const ANNA = '11111111-1111-4111-8111-111111111111'
const BORIS = '22222222-2222-4222-8222-222222222222'
const KEY_ID = '33333333-3333-4333-8333-333333333333'
const OTHER_ID = '44444444-4444-4444-8444-444444444444'
const identity = { keyId: KEY_ID, subject: ANNA, compartment: 'contact', generation: 1 }
const key = openKey(Buffer.alloc(32, 1), identity)
const context: SealContext = { subject: ANNA, compartment: 'contact', generation: 1, part: 'record', version: 1 }
const nonce = Buffer.alloc(12, 5)
const PLAIN = Buffer.from('{"email":"anna@example.org"}')
const sealed = seal(key, context, PLAIN, nonce)

/** What the fault names, or the plain text where nothing was noticed. */
function outcome(under: OpenKey, at: SealContext, bytes: Uint8Array): unknown {
  try {
    return unseal(under, at, bytes).toString('utf8')
  } catch (error) {
    if (!(error instanceof DoverieError) || error.code !== 'sealed-value-damaged') throw error
    expect(JSON.stringify(error)).not.toContain('anna')
    return error.details['what']
  }
}

function flipped(bit: number): Buffer {
  const bad = Buffer.from(sealed)
  bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
  return bad
}

/** The name of what a byte of a sealed value belongs to, as the fault must tell it. */
function partAt(byte: number): string {
  if (byte < 1) return 'format'
  if (byte < 17) return 'key'
  if (byte < 29) return 'tag'
  return byte < 61 ? 'commitment' : 'tag'
}

const elsewhere: readonly (readonly [string, Partial<SealContext>, string])[] = [
  ['person', { subject: BORIS }, 'person'],
  ['compartment', { compartment: 'payment' }, 'person'],
  ['generation', { generation: 2 }, 'generation'],
  ['older version', { version: 2 }, 'tag'],
  ['part', { part: 'event' }, 'tag'],
]

describe('a sealed value', () => {
  it('opens to what was sealed', () => {
    expect(outcome(key, context, sealed)).toBe(PLAIN.toString('utf8'))
    expect(sealed.length).toBe(1 + 16 + 12 + 32 + PLAIN.length + 16)
    expect(sealed.includes('anna')).toBe(false)
  })

  it('refuses any one flipped bit, and names the part', () => {
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      expect([bit, outcome(key, context, flipped(bit))]).toEqual([bit, partAt(bit >> 3)])
    }
  })

  it('refuses any truncation and anything appended', () => {
    for (let length = 0; length < sealed.length; length++) {
      const what = length < 77 ? 'truncated' : 'tag'
      expect([length, outcome(key, context, sealed.subarray(0, length))]).toEqual([length, what])
    }
    expect(outcome(key, context, Buffer.concat([sealed, Buffer.of(0)]))).toBe('tag')
  })

  it.each(elsewhere)('refuses to open in the place of another %s', (_, change, what) => {
    expect(outcome(key, { ...context, ...change }, sealed)).toBe(what)
  })

  it.each(elsewhere)('refuses it also where the same bytes are the key of that other %s', (_, change) => {
    const at = { ...context, ...change }
    const { subject, compartment, generation } = at
    const same = openKey(Buffer.alloc(32, 1), { keyId: KEY_ID, subject, compartment, generation })
    expect(outcome(same, at, sealed)).toMatch(/^(commitment|tag)$/)
  })

  it('refuses a value sealed under another key, by its id and by its commitment', () => {
    const renamed = openKey(Buffer.alloc(32, 1), { ...identity, keyId: OTHER_ID })
    expect(outcome(renamed, context, sealed)).toBe('key')
    const second = openKey(Buffer.alloc(32, 2), identity)
    expect(outcome(second, context, sealed)).toBe('commitment')
  })

  it('binds the key id into the value: a header rewritten to the reader’s own key does not verify', () => {
    const renamed = openKey(Buffer.alloc(32, 1), { ...identity, keyId: OTHER_ID })
    const rewritten = Buffer.from(sealed)
    rewritten.write(OTHER_ID.replaceAll('-', ''), 1, 16, 'hex')
    expect(outcome(renamed, context, rewritten)).toBe('tag')
  })

  it('never opens to another text, whatever bytes come', () => {
    const places = fc.record({
      subject: fc.constantFrom(ANNA, BORIS),
      compartment: fc.constantFrom('contact', 'payment'),
      generation: fc.integer({ min: 1, max: 3 }),
      part: fc.constantFrom('record', 'event'),
      version: fc.integer({ min: 1, max: 3 }),
    })
    const secret = fc.uint8Array({ minLength: 32, maxLength: 32 })
    const bytes = fc.uint8Array({ minLength: 12, maxLength: 12 })
    fc.assert(
      fc.property(
        places,
        places,
        secret,
        bytes,
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(),
        (at, read, k, n, text, cut) => {
          const made = openKey(k, { keyId: KEY_ID, ...at })
          const value = seal(made, at, text, n)
          expect(unseal(made, at, value).equals(text)).toBe(true)
          if (JSON.stringify(at) !== JSON.stringify(read)) expect(() => unseal(made, read, value)).toThrow(DoverieError)
          value[cut % value.length] = (value[cut % value.length] ?? 0) ^ 0x80
          expect(() => unseal(made, at, value)).toThrow(DoverieError)
        },
      ),
    )
  })
})

describe('a value sealed under the first format', () => {
  /** As it was written then: AES-256-GCM under the keys and the words of format 1. */
  function sealedThen(at: SealContext): Buffer {
    const info = `doverie/compartment/v1\n${at.subject}\n${at.compartment}\n${at.generation}\u0001`
    const block = createHmac('sha512', Buffer.alloc(32, 1)).update(info).digest()
    const header = Buffer.concat([Buffer.of(1), Buffer.from(KEY_ID.replaceAll('-', ''), 'hex')])
    const words = `doverie/sealed/v1\n${at.subject}\n${at.compartment}\n${at.generation}\n${at.part}\n${at.version}`
    const cipher = createCipheriv('aes-256-gcm', block.subarray(0, 32), nonce)
    cipher.setAAD(Buffer.concat([header, Buffer.from(words)]))
    const body = Buffer.concat([cipher.update(PLAIN), cipher.final()])
    return Buffer.concat([header, nonce, block.subarray(32), body, cipher.getAuthTag()])
  }
  const old = sealedThen(context)

  it('opens still, at its own place only', () => {
    expect(outcome(key, context, old)).toBe(PLAIN.toString('utf8'))
    for (const [, change, what] of elsewhere) expect(outcome(key, { ...context, ...change }, old)).toBe(what)
  })

  it('refuses any one flipped bit, and does not pass for one of the second format', () => {
    for (let bit = 8; bit < old.length * 8; bit++) {
      const bad = Buffer.from(old)
      bad[bit >> 3] = (bad[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect([bit, outcome(key, context, bad)]).toEqual([bit, partAt(bit >> 3)])
    }
    const [relabelled, other] = [Buffer.from(old), Buffer.from(sealed)]
    relabelled[0] = 2
    other[0] = 1
    expect([outcome(key, context, relabelled), outcome(key, context, other)]).toEqual(['commitment', 'commitment'])
  })
})

describe('a compartment key', () => {
  it('gives encryption key and commitment as HKDF-Expand does (RFC 5869), its info naming person, compartment, generation', () => {
    const info = `doverie/compartment/v2\n${ANNA}\ncontact\n1`
    const first = createHmac('sha512', Buffer.alloc(32, 1)).update(`${info}\u0001`).digest()
    expect(key.encryption).toBe(first.toString('latin1', 0, 32))
    expect(key.commitment).toBe(first.toString('latin1', 32))
  })

  it('differs in both halves for every other person, compartment and generation', () => {
    for (const other of [{ subject: BORIS }, { compartment: 'payment' }, { generation: 2 }]) {
      const made = openKey(Buffer.alloc(32, 1), { ...identity, ...other })
      expect(made.encryption).not.toBe(key.encryption)
      expect(made.commitment).not.toBe(key.commitment)
    }
  })
})

import { readFileSync } from 'node:fs'
import { fromBER } from 'asn1js'
import { ContentInfo, SignedData } from 'pkijs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asStaff } from '../../testing/callers.ts'
import { faultOf } from '../../testing/fault.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { someone } from '../../testing/people.ts'
import { checkSignature } from './check-signature.ts'
import { linkLetter } from './prove-identity.ts'
import { describeRequest } from './queue.ts'
import { readLetter } from './read-letter.ts'
import { registerLetter } from './register-letter.ts'
import { signatureForm } from './signature-form.ts'

/** Signatures made by openssl 3.0 on 2026-11-26, by an RSA and an EC key, each with a certificate of ten years for an invented person. */
const file = (name: string): Buffer => readFileSync(new URL(`../../testing/signatures/${name}`, import.meta.url))
const LETTER = file('letter.txt')
const DAY = 86_400_000
const THEN = Date.UTC(2026, 10, 26, 20)

/** The same file naming GOST R 34.10-2012 and 34.11-2012 (RFC 9215) in place of what signed it. */
function asGost(der: Buffer): Uint8Array {
  const info = new ContentInfo({ schema: fromBER(Uint8Array.from(der).buffer).result })
  const signed = new SignedData({ schema: info.content as unknown })
  for (const signer of signed.signerInfos) {
    signer.digestAlgorithm.algorithmId = '1.2.643.7.1.1.2.2'
    signer.signatureAlgorithm.algorithmId = '1.2.643.7.1.1.3.2'
  }
  const again = new ContentInfo({ contentType: '1.2.840.113549.1.7.2', content: signed.toSchema(true) as unknown })
  return new Uint8Array((again.toSchema() as { toBER(): ArrayBuffer }).toBER())
}

describe('a detached signature', () => {
  it.each(['rsa.p7s', 'rsa-text.p7s', 'rsa-noattr.p7s', 'ec.p7s', 'ec-noattr.p7s'])(
    'matches what was signed, and tells who its certificate says: %s',
    (name) => {
      const { verdict, signers } = signatureForm(file(name), LETTER, THEN)
      expect(verdict).toBe('matches')
      const subject = { CN: 'Анна Образцова', surname: 'Образцова', givenName: 'Анна', INN: '500100732259' }
      expect(signers).toMatchObject([
        {
          subject: { ...subject, SNILS: '11223344595' },
          digest: 'sha256',
          digestMatches: true,
          signatureMatches: true,
        },
      ])
      expect([signers[0]?.inTerm, signers[0]?.cades]).toEqual([true, ['rsa.p7s', 'ec.p7s'].includes(name)])
    },
  )

  it.each(['rsa.p7s', 'ec.p7s', 'rsa-noattr.p7s'])(
    'does not match one letter more, nor one bit of another signature: %s',
    (name) => {
      expect(signatureForm(file(name), Buffer.concat([LETTER, Buffer.from('!')]), THEN).verdict).toBe('wrong')
      const flipped = Buffer.from(file(name))
      flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
      expect(signatureForm(flipped, LETTER, THEN).verdict).toBe('wrong')
    },
  )

  it('is wrong where it was made outside the certificate’s term, or is said to come', () => {
    expect(signatureForm(file('rsa-noattr.p7s'), LETTER, THEN + 4000 * DAY).verdict).toBe('wrong')
    expect(signatureForm(file('rsa.p7s'), LETTER, THEN - 10 * DAY).verdict).toBe('wrong')
  })

  it('by GOST is read for its form alone: nothing is said to match', () => {
    const { verdict, signers } = signatureForm(asGost(file('ec.p7s')), LETTER, THEN)
    expect(verdict).toBe('form')
    const named = { digest: 'GOST R 34.11-2012 (256)', signature: 'GOST R 34.10-2012 (256)', inTerm: true }
    expect(signers).toMatchObject([{ ...named, digestMatches: null, signatureMatches: null }])
  })

  it('is none where it carries the content, lacks the certificate, or is anything else, cut or changed anywhere', () => {
    const nested = Buffer.alloc(100_000, 0x30)
    const others = [Buffer.alloc(0), Buffer.from('%PDF-1.7'), Buffer.from('AAAA'), nested, Buffer.alloc(300_000, 0x30)]
    const cut = file('rsa.p7s').subarray(0, 400)
    for (const one of [file('rsa-whole.p7s'), file('rsa-bare.p7s'), cut, ...others])
      expect(() => signatureForm(one, LETTER, THEN)).toThrow(
        expect.objectContaining({ code: 'invalid-value' }) as Error,
      )
    // Whatever a byte is changed to, it is read, found wrong, or no signature; never any other fault.
    const whole = file('ec.p7s')
    for (let at = 0; at < whole.length; at += 3) {
      const changed = Buffer.from(whole)
      changed[at] = (changed[at] ?? 0) ^ 0x15
      try {
        signatureForm(changed, LETTER, THEN)
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid-value' })
      }
    }
  })
})

describe('a signature on a letter', () => {
  let test: TestVault
  const dpo = asStaff('dpo')
  beforeAll(async () => {
    test = await openTestVault()
  })
  afterAll(() => test.close())

  async function signed(signature: Buffer | Uint8Array, text = LETTER.toString()) {
    const { subject } = await someone(test.vault, { confirmed: true })
    const type = 'application/octet-stream'
    const parts = [
      { name: 'letter.p7s', type, content: signature },
      { name: 'scan.txt', type, content: LETTER },
    ]
    const given = { channel: 'mail', text, kinds: ['erasure'], parts } as const
    const { letter, requests } = await registerLetter(test.vault, dpo, { ...given, parts })
    const [p7s, scan] = (await readLetter(test.vault, dpo, letter.id)).content?.parts.map(({ id }) => id) ?? []
    return { letter: letter.id, request: requests[0]?.id ?? '', subject, signature: p7s ?? '', scan: scan ?? '' }
  }

  it('proves who wrote once staff say who found it qualified, and not by its form alone; its names stand nowhere in the ledger', async () => {
    const { letter, request, subject, signature, scan } = await signed(file('ec.p7s'))
    for (const content of [null, scan]) {
      const { form, letter: row } = await checkSignature(test.vault, dpo, { letter, content, signature })
      expect([form.verdict, row.identity]).toEqual(['matches', 'none'])
    }
    const claim = { letter, content: null, signature, checkedBy: 'gosuslugi' } as const
    await faultOf(checkSignature(test.vault, dpo, claim), 'conflict')
    await linkLetter(test.vault, dpo, { letter, subject })
    const { letter: proved } = await checkSignature(test.vault, dpo, claim)
    expect(proved.proof).toMatchObject([{ method: 'qualified-signature', level: 3, passed: true, by: 'dpo-1' }])
    expect((await describeRequest(test.vault, dpo, request)).request.state).toBe('deciding')
    const bodies = (await ledgerBodies(test.vault)).filter(({ act }) => act === 'check-signature')
    expect(bodies.at(-1)?.detail).toEqual({ verdict: 'matches', digests: ['sha256'], checkedBy: 'gosuslugi' })
    expect(JSON.stringify(bodies)).not.toMatch(/Образцова|5001007/)
  })

  it('by GOST proves with the same word; one of another text, or no signature, with none', async () => {
    const gost = await signed(asGost(file('ec.p7s')))
    await linkLetter(test.vault, dpo, { letter: gost.letter, subject: gost.subject })
    const claim = {
      letter: gost.letter,
      content: null,
      signature: gost.signature,
      checkedBy: 'certified-software',
    } as const
    const { form, letter } = await checkSignature(test.vault, dpo, claim)
    expect([form.verdict, letter.identity]).toEqual(['form', 'proved'])
    const other = await signed(file('ec.p7s'), 'Другое письмо')
    await linkLetter(test.vault, dpo, { letter: other.letter, subject: other.subject })
    const wrong = { letter: other.letter, content: null, signature: other.signature, checkedBy: 'gosuslugi' } as const
    await faultOf(checkSignature(test.vault, dpo, wrong), 'conflict')
    await faultOf(checkSignature(test.vault, dpo, { ...wrong, signature: other.scan }), 'invalid-value')
    await faultOf(checkSignature(test.vault, dpo, { ...wrong, signature: gost.signature }), 'not-found')
    await faultOf(checkSignature(test.vault, dpo, { ...wrong, content: other.signature }), 'invalid-request')
    await faultOf(checkSignature(test.vault, { ...dpo, name: 'analyst' }, wrong), 'forbidden')
  })
})

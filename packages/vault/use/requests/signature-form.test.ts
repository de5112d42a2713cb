import { readFileSync } from 'node:fs'
import { parseBundle } from '@doverie/core/policy'
import { fromBER, Integer, ObjectIdentifier, Utf8String } from 'asn1js'
import { AttributeTypeAndValue, Certificate, ContentInfo, IssuerAndSerialNumber, SignedData } from 'pkijs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadLetterKey } from '../../guard/letter-keys.ts'
import { transaction } from '../../store/database.ts'
import { asStaff, SUPPORT_TICKET } from '../../testing/callers.ts'
import { faultOf } from '../../testing/fault.ts'
import { ledgerBodies } from '../../testing/ledger-bodies.ts'
import { message, queuedTo } from '../../testing/messages.ts'
import { netrackBundle, openTestVault, type TestVault } from '../../testing/open-test-vault.ts'
import { someone } from '../../testing/people.ts'
import { insertPart } from '../../store/letters.ts'
import { insertAddition, listAdditions } from '../../store/mail-in.ts'
import { checkSignature } from './check-signature.ts'
import { partInfo, type PartInfo, sealAddition } from './letter-content.ts'
import { correctValues } from '../correct-values.ts'
import { linkLetter, recordCheck } from './prove-identity.ts'
import { describeRequest } from './queue.ts'
import { readLetter } from './read-letter.ts'
import { registerLetter } from './register-letter.ts'
import { signatureForm } from './signature-form.ts'
import { takeMessage } from './take-message.ts'

/** Signatures made by openssl 3.0 on 2026-11-26, by an RSA and an EC key, each with a certificate of ten years for an invented person. */
const file = (name: string): Buffer => readFileSync(new URL(`../../testing/signatures/${name}`, import.meta.url))
const LETTER = file('letter.txt')
const DAY = 86_400_000
const THEN = Date.UTC(2026, 10, 26, 20)

/** The same file as `change` leaves its SignedData. */
function altered(der: Buffer, change: (signed: SignedData) => void): Uint8Array {
  const info = new ContentInfo({ schema: fromBER(Uint8Array.from(der).buffer).result })
  const signed = new SignedData({ schema: info.content as unknown })
  change(signed)
  const again = new ContentInfo({ contentType: '1.2.840.113549.1.7.2', content: signed.toSchema(true) as unknown })
  return new Uint8Array((again.toSchema() as { toBER(): ArrayBuffer }).toBER())
}

/** The same file naming GOST R 34.10-2012 and 34.11-2012 (RFC 9215) in place of what signed it. */
const asGost = (der: Buffer): Uint8Array =>
  altered(der, (signed) => {
    for (const signer of signed.signerInfos) {
      signer.digestAlgorithm.algorithmId = '1.2.643.7.1.1.2.2'
      signer.signatureAlgorithm.algorithmId = '1.2.643.7.1.1.3.2'
    }
  })

const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.47'
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const SURNAME = '2.5.4.4'

/** Leaves out an attribute of what was signed. */
function leaveOut(signed: SignedData, oid: string): void {
  for (const { signedAttrs } of signed.signerInfos)
    if (signedAttrs !== undefined) signedAttrs.attributes = signedAttrs.attributes.filter(({ type }) => type !== oid)
}

/** A copy of the signer's certificate, of the same issuer and number, as `change` leaves it. */
function copyOfCertificate(signed: SignedData, change: (certificate: Certificate) => void): Certificate {
  const [own] = signed.certificates ?? []
  if (!(own instanceof Certificate)) throw new Error('no certificate')
  const copy = new Certificate({ schema: fromBER(own.toSchema().toBER()).result })
  change(copy)
  copy.subject.valueBeforeDecode = new ArrayBuffer(0)
  copy.tbsView = new Uint8Array(copy.encodeTBS().toBER())
  return copy
}

/** The same file by GOST, which names no certificate by its hash, with the certificate as `change` leaves it: nothing computed here sees it. */
const ofCertificate = (der: Buffer, change: (certificate: Certificate, signed: SignedData) => void): Uint8Array =>
  altered(Buffer.from(asGost(der)), (signed) => {
    leaveOut(signed, SIGNING_CERTIFICATE)
    signed.certificates = [
      copyOfCertificate(signed, (copy) => {
        change(copy, signed)
      }),
    ]
  })

const rename = ({ subject }: Certificate, surname: string): void => {
  for (const one of subject.typesAndValues) if (one.type === SURNAME) one.value = new Utf8String({ value: surname })
}

/** The same file, signed twice: a second time by `second`, where it is given. */
const twice = (der: Buffer, second: (whole: Buffer) => Uint8Array = (whole) => whole): Uint8Array =>
  altered(der, (signed) => {
    const info = new ContentInfo({ schema: fromBER(Uint8Array.from(second(der)).buffer).result })
    signed.signerInfos.push(...new SignedData({ schema: info.content as unknown }).signerInfos)
  })

describe('a detached signature', () => {
  it.each(['rsa.p7s', 'rsa-text.p7s', 'ec.p7s'])(
    'matches what was signed, and tells who its certificate says: %s',
    (name) => {
      const { verdict, signers } = signatureForm(file(name), LETTER, THEN)
      expect([verdict, signatureForm(file(name), LETTER, THEN, 0).verdict]).toEqual(['matches', 'matches'])
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

  it.each(['rsa.p7s', 'ec.p7s'])('does not match one letter more, nor one bit of another signature: %s', (name) => {
    expect(signatureForm(file(name), Buffer.concat([LETTER, Buffer.from('!')]), THEN).verdict).toBe('wrong')
    const flipped = Buffer.from(file(name))
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    expect(signatureForm(flipped, LETTER, THEN).verdict).toBe('wrong')
  })

  it('is wrong where it was made outside the certificate’s term, or is said to come', () => {
    const timeless = altered(Buffer.from(asGost(file('ec.p7s'))), (signed) => {
      leaveOut(signed, SIGNING_TIME)
    })
    expect(signatureForm(timeless, LETTER, THEN).verdict).toBe('form')
    expect(signatureForm(timeless, LETTER, THEN + 4000 * DAY).verdict).toBe('wrong')
    expect(signatureForm(file('rsa.p7s'), LETTER, THEN - 10 * DAY).verdict).toBe('wrong')
  })

  it('by GOST is read for its form alone: nothing is said to match', () => {
    const { verdict, signers } = signatureForm(asGost(file('ec.p7s')), LETTER, THEN)
    expect(verdict).toBe('form')
    const named = { digest: 'GOST R 34.11-2012 (256)', signature: 'GOST R 34.10-2012 (256)', inTerm: true }
    expect(signers).toMatchObject([{ ...named, digestMatches: null, signatureMatches: null }])
  })

  it('of two signers matches where both do, is a form where one is, and wrong where one is wrong', () => {
    const whole = file('ec.p7s')
    expect(signatureForm(twice(whole), LETTER, THEN)).toMatchObject({ verdict: 'matches', signers: [{}, {}] })
    expect(signatureForm(twice(whole, asGost), LETTER, THEN).verdict).toBe('form')
    const flipped = (der: Buffer): Buffer => {
      const bad = Buffer.from(der)
      bad[bad.length - 1] = (bad.at(-1) ?? 0) ^ 1
      return bad
    }
    expect(signatureForm(twice(whole, flipped), LETTER, THEN).verdict).toBe('wrong')
  })

  it.each([
    ['digest', { digestMatches: false, digest: 'unknown' }],
    ['signature', { signatureMatches: false, signature: 'unknown' }],
  ] as const)('by a %s algorithm that nobody knows is wrong, and its identifier is repeated nowhere', (what, said) => {
    const invented = altered(Buffer.from(asGost(file('ec.p7s'))), (signed) => {
      for (const info of signed.signerInfos) info[`${what}Algorithm`].algorithmId = '1.2.643.7.7.7.20261126'
    })
    expect(signatureForm(invented, LETTER, THEN)).toMatchObject({ verdict: 'wrong', signers: [said] })
  })

  it('keeps to one certificate: no second one that fits, no other than it names, no doubled name, no endless number', () => {
    const whole = file('ec.p7s')
    const gost = Buffer.from(asGost(whole))
    const two = altered(gost, (signed) => {
      const forged = copyOfCertificate(signed, (copy) => {
        rename(copy, 'Чужая')
      })
      signed.certificates = [forged, ...(signed.certificates ?? [])]
    })
    const other = altered(gost, (signed) => {
      signed.certificates = [
        copyOfCertificate(signed, (copy) => {
          rename(copy, 'Чужая')
        }),
      ]
    })
    const doubled = ofCertificate(whole, ({ subject }) => {
      const value = new Utf8String({ value: 'Чужая' })
      subject.typesAndValues.push(new AttributeTypeAndValue({ type: SURNAME, value }))
    })
    const endless = ofCertificate(whole, (copy, { signerInfos }) => {
      const number = (): Integer => new Integer({ valueHex: new Uint8Array(64).fill(7).buffer })
      copy.serialNumber = number()
      for (const { sid } of signerInfos) if (sid instanceof IssuerAndSerialNumber) sid.serialNumber = number()
    })
    expect(
      signatureForm(
        ofCertificate(whole, () => undefined),
        LETTER,
        THEN,
      ),
    ).toMatchObject({
      verdict: 'form',
      signers: [{ cades: false }],
    })
    for (const [bad, why] of [
      [two, /More than one certificate/],
      [other, /another certificate/],
      [doubled, /twice/],
      [endless, /no detached signature/],
    ] as const)
      expect(() => signatureForm(bad, LETTER, THEN)).toThrow(
        expect.objectContaining({ code: 'invalid-value', message: expect.stringMatching(why) as string }) as Error,
      )
  })

  it('is none without signed attributes, with those of something else than data, or of three signers', () => {
    const whole = file('ec.p7s')
    const confused = altered(Buffer.from(asGost(whole)), ({ signerInfos }) => {
      for (const { signedAttrs } of signerInfos)
        for (const one of signedAttrs?.attributes ?? [])
          if (one.type === '1.2.840.113549.1.9.3')
            one.values = [new ObjectIdentifier({ value: '1.2.840.113549.1.7.2' })]
    })
    const three = twice(Buffer.from(twice(whole)), () => whole)
    for (const one of [file('rsa-noattr.p7s'), file('ec-noattr.p7s'), confused, three])
      expect(() => signatureForm(one, LETTER, THEN)).toThrow(
        expect.objectContaining({ code: 'invalid-value' }) as Error,
      )
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
    for (let at = 0; at < whole.length; at += 11) {
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
  const OWN = { surname: 'Образцова', 'given-name': 'Анна' }
  const ON = { entity: 'start', ticket: SUPPORT_TICKET }
  beforeAll(async () => {
    test = await openTestVault()
  })
  afterAll(() => test.close())

  async function signed(signature: Buffer | Uint8Array, values = OWN, text = LETTER.toString()) {
    const { subject } = await someone(test.vault, { confirmed: true, values })
    const type = 'application/octet-stream'
    const parts = [
      { name: 'letter.p7s', type, content: signature },
      { name: 'scan.txt', type, content: LETTER },
    ]
    const given = { channel: 'mail', text, kinds: ['erasure', 'information'], parts } as const
    const { letter, requests } = await registerLetter(test.vault, dpo, { ...given, parts })
    const [p7s, scan] = (await readLetter(test.vault, dpo, letter.id)).content?.parts.map(({ id }) => id) ?? []
    const stateOf = async (kind: string) => {
      const id = requests.find((one) => one.kind === kind)?.id ?? ''
      return (await describeRequest(test.vault, dpo, id)).request.state
    }
    return { letter: letter.id, stateOf, subject, signature: p7s ?? '', scan: scan ?? '' }
  }

  const word = (
    { letter, signature }: { readonly letter: string; readonly signature: string },
    checkedBy: 'gosuslugi' | null = 'gosuslugi',
    passed = true,
    content: string | null = null,
    demand = true,
  ) =>
    recordCheck(test.vault, dpo, {
      letter,
      method: 'qualified-signature',
      passed,
      ...(passed ? { signed: { content, signature, demand } } : {}),
      ...(checkedBy === null ? {} : { checkedBy }),
    })

  it('proves who wrote by its file and staff’s word on where it was checked, by neither alone; no name stands in the ledger', async () => {
    const one = await signed(file('ec.p7s'))
    const { letter, stateOf, subject, signature, scan } = one
    for (const content of [null, scan]) {
      const { form, likeness, letter: row } = await checkSignature(test.vault, dpo, { letter, content, signature })
      expect([form.verdict, row.identity, row.proof, likeness]).toEqual(['matches', 'none', [], [{}]])
    }
    await faultOf(word(one), 'conflict')
    await linkLetter(test.vault, dpo, { letter, subject })
    // What was found while the letter was about nobody was held against nobody.
    await faultOf(word(one), 'conflict')
    const checked = await checkSignature(test.vault, dpo, { letter, content: null, signature })
    expect(checked.likeness).toEqual([{ surname: 'match', 'given-names': 'match' }])
    expect([checked.letter.identity, await stateOf('information')]).toEqual(['claimed', 'registered'])
    await faultOf(word(one, null), 'invalid-request')
    // Of another part nothing was found, and of this one it must be said that what is asked stands in it.
    await faultOf(word(one, 'gosuslugi', true, scan), 'conflict')
    await faultOf(word(one, 'gosuslugi', true, null, false), 'invalid-request')
    const inPerson = { letter, method: 'document-in-person', passed: true, checkedBy: 'gosuslugi' } as const
    await faultOf(recordCheck(test.vault, dpo, inPerson), 'invalid-request')
    const proved = await word(one)
    expect(proved.proof).toMatchObject([
      { method: 'signature-form', level: 0, passed: true, by: null },
      { method: 'qualified-signature', level: 3, passed: true, by: 'dpo-1', signed: { content: null, signature } },
    ])
    expect(proved.proof[0]?.signed?.hash).toMatch(/^[0-9a-f]{64}$/)
    expect([await stateOf('erasure'), await stateOf('information')]).toEqual(['deciding', 'deciding'])
    const bodies = (await ledgerBodies(test.vault)).filter(({ act }) => /check|compare/.test(act))
    const said = bodies.map(({ act, detail }) => [act, detail])
    const found = { verdict: 'matches', digests: ['sha256'], names: ['match'] }
    expect(said).toContainEqual(['check-signature', found])
    expect(said).toContainEqual([
      'check-identity',
      { by: 'dpo-1', checkedBy: 'gosuslugi', methods: ['qualified-signature'], passed: true, signed: 'text' },
    ])
    expect(JSON.stringify(bodies)).not.toMatch(/Образцова|Анна|5001007/)
  })

  it.each([
    ['another text', asGost, OWN, 'Другое письмо', 'form', true],
    ['this text, by GOST', asGost, OWN, undefined, 'form', true],
    ['another text, computed', (whole: Buffer) => whole, OWN, 'Другое письмо', 'wrong', false],
    ['somebody else', (whole: Buffer) => whole, { ...OWN, 'given-name': 'Яна' }, undefined, 'matches', false],
  ])('of %s goes as far as its finding does', async (_, as, values, text, verdict, passed) => {
    const one = await signed(as(file('ec.p7s')), values, text)
    const { letter, signature, subject } = one
    await linkLetter(test.vault, dpo, { letter, subject })
    const { form, letter: row } = await checkSignature(test.vault, dpo, { letter, content: null, signature })
    expect([form.verdict, row.proof.at(-1)?.passed]).toEqual([verdict, passed])
    if (passed) expect((await word(one)).identity).toBe('proved')
    else await faultOf(word(one), 'conflict')
    expect((await word(one, null, false)).proof.at(-1)?.passed).toBe(false)
  })

  it('comes with a mail beside its document, or later with an answer to ours from the same address', async () => {
    const type = 'application/pkcs7-signature'
    const [document, p7s] = [
      { name: 'letter.txt', type, content: LETTER },
      { name: 'letter.sig', type, content: file('rsa.p7s') },
    ]
    const known = { own: ['info@netrack.ru'], authenticates: 'mx.netrack.ru' }
    const heading = 'Запрос информации о порядке обработки персональных данных'
    const first = message(test.vault, { from: 'a.obraztsova@example.org', heading, parts: [document] })
    expect(await takeMessage(test.vault, first, known)).toBe('registered')
    const [receipt] = await queuedTo(test.vault, 'a.obraztsova@example.org')
    const references = [`${receipt?.id ?? ''}@netrack.ru`]
    const second = message(test.vault, {
      from: 'a.obraztsova@example.org',
      heading: 'Re',
      text: 'подпись',
      references,
      parts: [p7s],
    })
    expect(await takeMessage(test.vault, second, known)).toBe('joined')
    const { rows } = await test.vault.data.query<{ id: string }>(
      'SELECT letter_id AS id FROM letter ORDER BY number DESC LIMIT 1',
    )
    const letter = rows[0]?.id ?? ''
    const { content, additions } = await readLetter(test.vault, dpo, letter)
    const idOf = (parts: readonly PartInfo[] = [], name: string) => parts.find((part) => part.name === name)?.id ?? ''
    const given = {
      letter,
      content: idOf(content?.parts, 'letter.txt'),
      signature: idOf(additions[0]?.parts, 'letter.sig'),
    }
    expect((await checkSignature(test.vault, dpo, given)).form.verdict).toBe('matches')
  })

  it('found right for one person says nothing of another whom the letter turns out to be about', async () => {
    const one = await signed(file('ec.p7s'))
    const { letter, subject, signature } = one
    await linkLetter(test.vault, dpo, { letter, subject })
    await checkSignature(test.vault, dpo, { letter, content: null, signature })
    const other = await someone(test.vault, { confirmed: true })
    await linkLetter(test.vault, dpo, { letter, subject: other.subject })
    await faultOf(word(one), 'conflict')
  })

  it('by its form alone shows who wrote as far as the policy says, for what destroys nothing, and only where a name is theirs', async () => {
    const rules = netrackBundle().get('rules.yaml') ?? ''
    const lenient = new Map([...netrackBundle(), ['rules.yaml', rules.replace('form-alone: 0', 'form-alone: 1')]])
    const before = test.vault.policy()
    const parsed = parseBundle(lenient)
    if (!parsed.ok) throw new Error('no policy')
    test.vault.setPolicy(parsed.value)
    try {
      for (const [as, values, identity] of [
        [(whole: Buffer) => whole, OWN, 'proved'],
        [asGost, OWN, 'claimed'],
        [(whole: Buffer) => whole, { ...OWN, surname: 'Другая' }, 'claimed'],
      ] as const) {
        const one = await signed(as(file('ec.p7s')), values)
        await linkLetter(test.vault, dpo, { letter: one.letter, subject: one.subject })
        const { letter } = await checkSignature(test.vault, dpo, { ...one, content: null })
        expect(letter.identity).toBe(identity)
        const information = identity === 'proved' ? 'deciding' : 'registered'
        expect([await one.stateOf('erasure'), await one.stateOf('information')]).toEqual(['registered', information])
      }
    } finally {
      test.vault.setPolicy(before)
    }
  })

  it('is refused with parts that are no signature, another letter’s or one and the same, without the duty, and after ten wrong names', async () => {
    const one = await signed(file('ec.p7s'), { ...OWN, surname: 'Иная' })
    const { letter, signature, subject, scan } = one
    const check = { letter, content: null, signature }
    await faultOf(checkSignature(test.vault, dpo, { ...check, signature: scan }), 'invalid-value')
    const other = await signed(file('ec.p7s'))
    await faultOf(checkSignature(test.vault, dpo, { ...check, signature: other.signature }), 'not-found')
    await faultOf(checkSignature(test.vault, dpo, { ...check, content: signature }), 'invalid-request')
    await faultOf(checkSignature(test.vault, { ...dpo, name: 'analyst' }, check), 'forbidden')
    await linkLetter(test.vault, dpo, { letter, subject })
    for (let i = 0; i < 10; i++) await checkSignature(test.vault, dpo, check)
    await faultOf(checkSignature(test.vault, dpo, check), 'rate-limited')
    // Each signer's names are a guess.
    const both = await signed(twice(file('ec.p7s')), { ...OWN, surname: 'Иная' })
    await linkLetter(test.vault, dpo, both)
    for (let i = 0; i < 5; i++) await checkSignature(test.vault, dpo, { ...both, content: null })
    await faultOf(checkSignature(test.vault, dpo, { ...both, content: null }), 'rate-limited')
  })

  it('whose names were compared with nothing proves nobody: the policy refuses it, or the certificate has none', async () => {
    const nameless = ofCertificate(file('ec.p7s'), ({ subject }) => {
      subject.typesAndValues = subject.typesAndValues.filter(({ type }) => type === '2.5.4.3')
    })
    const bare = await signed(nameless)
    await linkLetter(test.vault, dpo, bare)
    const found = await checkSignature(test.vault, dpo, { ...bare, content: null })
    expect([found.form.verdict, found.likeness, found.uncompared, found.passed]).toEqual(['form', [{}], null, false])
    await faultOf(word(bare), 'conflict')
    // Their data are blocked: for people's rights staff compare nothing, under the law whoever the policy lets.
    const one = await signed(file('ec.p7s'))
    await linkLetter(test.vault, dpo, one)
    const { subject } = one
    const given = { channel: 'paper', text: '', kinds: ['inaccuracy'], subject } as const
    const { letter } = await registerLetter(test.vault, dpo, given)
    await recordCheck(test.vault, dpo, { letter: letter.id, method: 'document-in-person', passed: true })
    const refused = await checkSignature(test.vault, asStaff('support'), { ...one, content: null })
    expect(refused).toMatchObject({ likeness: [{}], uncompared: 'refused', passed: false })
    await faultOf(word(one), 'conflict')
    const { uncompared, passed, likeness } = await checkSignature(test.vault, dpo, { ...one, content: null })
    expect([uncompared, passed, likeness[0]?.surname]).toEqual([null, true, 'match'])
    expect((await word(one)).identity).toBe('proved')
  })

  it('is of the letter itself: nothing that joined it by mail counts as signed, and nothing of that counts as read by the check', async () => {
    const { vault } = test
    const { letter, signature } = await signed(file('ec.p7s'))
    const key = await loadLetterKey(vault, letter, vault.now())
    const [id, part] = [vault.newId(), vault.newId()]
    const added = { name: 'demand.txt', type: 'text/plain', content: LETTER }
    const words = { heading: '', text: '', messageId: '', parts: [partInfo({ id: part, part: added })] }
    const sender = { name: '', email: '', phone: '', address: '' }
    const addition = { ...words, sender, mail: { remarks: [], authentication: null, answers: null } }
    await transaction(vault.data, async (tx) => {
      const sealed = sealAddition(key, id, addition)
      await insertAddition(tx, { letter, id, receivedAt: vault.now(), sealed, seenAt: null })
      await insertPart(tx, letter, part, key.seal(part, LETTER))
    })
    await checkSignature(vault, dpo, { letter, content: null, signature })
    await faultOf(checkSignature(vault, dpo, { letter, content: part, signature }), 'not-found')
    expect((await listAdditions(vault.data, letter)).map(({ seenAt }) => seenAt)).toEqual([null])
  })

  it('is found right or wrong part by part; one found wrong later takes back what was said of it; signed long before is said', async () => {
    const timeless = altered(Buffer.from(asGost(file('ec.p7s'))), (all) => {
      leaveOut(all, SIGNING_TIME)
    })
    const one = await signed(timeless)
    const computed = await signed(file('ec.p7s'), OWN, 'Другое письмо')
    const { scan } = computed
    await linkLetter(test.vault, dpo, computed)
    await checkSignature(test.vault, dpo, { ...computed, content: scan })
    expect((await checkSignature(test.vault, dpo, { ...computed, content: null })).passed).toBe(false)
    await faultOf(word(computed), 'conflict')
    expect((await word(computed, 'gosuslugi', true, scan)).identity).toBe('proved')
    await linkLetter(test.vault, dpo, one)
    await checkSignature(test.vault, dpo, { ...one, content: null })
    expect([(await word(one)).identity, await one.stateOf('erasure')]).toEqual(['proved', 'deciding'])
    test.pass(40 * DAY)
    const late = await signed(file('ec.p7s'))
    expect((await checkSignature(test.vault, dpo, { ...late, content: null })).early).toEqual([true])
    expect((await checkSignature(test.vault, dpo, { ...one, content: null })).early).toEqual([false])
    // The certificate ran out meanwhile: what was signed is judged as the letter came. The person's name is another now.
    test.pass(4000 * DAY)
    expect((await checkSignature(test.vault, dpo, { ...one, content: null })).form.verdict).toBe('form')
    await correctValues(test.vault, dpo, { ...one, ...ON, values: { surname: 'Иная' } })
    const { letter } = await checkSignature(test.vault, dpo, { ...one, content: null })
    expect([letter.identity, ...letter.proof.map(({ passed }) => passed)]).toEqual(['claimed', false, false])
  })
})

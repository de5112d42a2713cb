import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { DoverieError, type Instant } from '@doverie/core/base'
import { fromBER, type OctetString, type UTCTime } from 'asn1js'
import { Certificate, ContentInfo, IssuerAndSerialNumber, SignedData, type SignerInfo } from 'pkijs'

/** What a file with a signature says of one signer, and whether it goes with what was signed. Nothing here says that anybody is to be trusted. */
export interface SignerForm {
  /** Names of the certificate, as it has them: `CN`, `surname`, `INN` … */
  readonly subject: Readonly<Record<string, string>>
  readonly issuer: Readonly<Record<string, string>>
  /** Hex. */
  readonly serial: string
  readonly notBefore: Instant
  readonly notAfter: Instant
  /** What the signer says of when; null where they say nothing. It is in nobody's hands but theirs. */
  readonly signedAt: Instant | null
  /** True where the signature names its certificate, as CAdES-BES has it (ETSI EN 319 122). */
  readonly cades: boolean
  /** By name where it is known here, else the object identifier. */
  readonly digest: string
  readonly signature: string
  /** Null where this algorithm is not computed here. */
  readonly digestMatches: boolean | null
  readonly signatureMatches: boolean | null
  /** True where the certificate was valid at the moment the signer names, or else now. */
  readonly inTerm: boolean
}

export interface SignatureForm {
  /**
   * `matches`: the signature goes with the content and its certificate. `form`: it is a signature of this kind, by an algorithm that is not
   * computed here. `wrong`: it does not go with the content, or its certificate was not valid.
   */
  readonly verdict: 'matches' | 'form' | 'wrong'
  readonly signers: readonly SignerForm[]
}

/** Larger files are no signatures of a letter. */
const LARGEST = 262_144
const MOST_SIGNERS = 10

const DIGESTS: Readonly<Record<string, string>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
/** What is only named: GOST R 34.11-2012 and 34.10-2012 (RFC 9215), which Node does not compute. */
const GOST: Readonly<Record<string, string>> = {
  '1.2.643.7.1.1.2.2': 'GOST R 34.11-2012 (256)',
  '1.2.643.7.1.1.2.3': 'GOST R 34.11-2012 (512)',
  '1.2.643.7.1.1.1.1': 'GOST R 34.10-2012 (256)',
  '1.2.643.7.1.1.1.2': 'GOST R 34.10-2012 (512)',
  '1.2.643.7.1.1.3.2': 'GOST R 34.10-2012 (256)',
  '1.2.643.7.1.1.3.3': 'GOST R 34.10-2012 (512)',
}
/** RSA PKCS#1 v1.5 and ECDSA; where the algorithm names a digest, which. Null: that of the signer's information. */
const SIGNATURES: Readonly<
  Record<string, { readonly name: string; readonly type: 'rsa' | 'ec'; readonly hash: string | null }>
> = {
  '1.2.840.113549.1.1.1': { name: 'RSA', type: 'rsa', hash: null },
  '1.2.840.113549.1.1.11': { name: 'RSA', type: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { name: 'RSA', type: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { name: 'RSA', type: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { name: 'ECDSA', type: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { name: 'ECDSA', type: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { name: 'ECDSA', type: 'ec', hash: 'sha512' },
}
const NAMES: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.4': 'surname',
  '2.5.4.42': 'givenName',
  '2.5.4.10': 'O',
  '2.5.4.12': 'title',
  '2.5.4.6': 'C',
  '1.2.643.3.131.1.1': 'INN',
  '1.2.643.100.3': 'SNILS',
  '1.2.643.100.1': 'OGRN',
  '1.2.643.100.5': 'OGRNIP',
}
const CONTENT_TYPE = '1.2.840.113549.1.9.3'
const MESSAGE_DIGEST = '1.2.840.113549.1.9.4'
const SIGNING_TIME = '1.2.840.113549.1.9.5'
const SIGNING_CERTIFICATE = '1.2.840.113549.1.9.16.2.47'
const SIGNED_DATA = '1.2.840.113549.1.7.2'

/**
 * Reads a detached signature (CMS SignedData, RFC 5652; DER, PEM or base64) and holds it against what was signed. Both are an attacker's.
 * Throws `invalid-value` where the bytes are no such signature, name no certificate, or carry content of their own.
 */
export function signatureForm(file: Uint8Array, content: Uint8Array, now: Instant): SignatureForm {
  const signed = signedDataOf(file)
  const signers = signed.signerInfos.map((info) => {
    try {
      return signerForm(signed, info, content, now)
    } catch (error) {
      // Members of other types than the standard has: the parser leaves them to us.
      throw error instanceof DoverieError ? error : unfit()
    }
  })
  const wrong = signers.some((one) => one.digestMatches === false || one.signatureMatches === false || !one.inTerm)
  const computed = signers.every((one) => one.digestMatches === true && one.signatureMatches === true)
  return { verdict: wrong ? 'wrong' : computed ? 'matches' : 'form', signers }
}

function signedDataOf(file: Uint8Array): SignedData {
  if (file.length > LARGEST) throw unfit()
  let signed: SignedData
  try {
    const parsed = fromBER(Uint8Array.from(derOf(file)).buffer)
    if (parsed.offset === -1) throw unfit()
    const info = new ContentInfo({ schema: parsed.result })
    if (info.contentType !== SIGNED_DATA) throw unfit()
    signed = new SignedData({ schema: info.content as unknown })
  } catch {
    // Also of a nesting that is too deep: whatever is wrong is one fault, that repeats nothing.
    throw unfit()
  }
  if (signed.encapContentInfo.eContent !== undefined)
    throw unfit('The signature carries content of its own: a detached one is wanted.')
  if (signed.signerInfos.length === 0 || signed.signerInfos.length > MOST_SIGNERS) throw unfit()
  return signed
}

/** As it is, or what a PEM or base64 text stands for. */
function derOf(file: Uint8Array): Uint8Array {
  if (file[0] === 0x30) return file
  const text = Buffer.from(file)
    .toString('latin1')
    .replace(/-----[A-Z0-9 ]+-----/g, '')
    .replace(/\s/g, '')
  if (!/^[A-Za-z0-9+/]+=*$/.test(text)) throw unfit()
  return Buffer.from(text, 'base64')
}

function signerForm(signed: SignedData, info: SignerInfo, content: Uint8Array, now: Instant): SignerForm {
  const certificate = certificateOf(signed, info)
  const digestOid = info.digestAlgorithm.algorithmId
  const signatureOid = info.signatureAlgorithm.algorithmId
  const hash = DIGESTS[digestOid]
  const said = attribute(info, MESSAGE_DIGEST)
  if (info.signedAttrs !== undefined && (said === undefined || attribute(info, CONTENT_TYPE) === undefined))
    throw unfit()
  const digestMatches = hash === undefined ? null : matchesDigest(info, hash, content, said)
  const time = attribute(info, SIGNING_TIME)
  const signedAt = time === undefined ? null : (time as UTCTime).toDate().getTime()
  const notBefore = certificate.notBefore.value.getTime()
  const notAfter = certificate.notAfter.value.getTime()
  const at = signedAt ?? now
  return {
    subject: namesOf(certificate.subject),
    issuer: namesOf(certificate.issuer),
    serial: Buffer.from(certificate.serialNumber.valueBlock.valueHexView).toString('hex'),
    notBefore,
    notAfter,
    signedAt,
    cades: attribute(info, SIGNING_CERTIFICATE) !== undefined,
    digest: hash ?? GOST[digestOid] ?? digestOid,
    signature: SIGNATURES[signatureOid]?.name ?? GOST[signatureOid] ?? signatureOid,
    digestMatches,
    signatureMatches: hash === undefined ? null : matchesSignature(info, certificate, hash, content),
    inTerm: notBefore <= at && at <= notAfter && at <= now + 86_400_000,
  }
}

function matchesDigest(info: SignerInfo, hash: string, content: Uint8Array, said: unknown): boolean {
  if (info.signedAttrs === undefined) return true
  const digest = Buffer.from((said as OctetString).valueBlock.valueHexView)
  return digest.equals(createHash(hash).update(content).digest())
}

/** By the certificate's key, over the signed attributes, or over the content where there are none. Null for what is not computed here. */
function matchesSignature(
  info: SignerInfo,
  certificate: Certificate,
  hash: string,
  content: Uint8Array,
): boolean | null {
  const algorithm = SIGNATURES[info.signatureAlgorithm.algorithmId]
  if (algorithm === undefined) return null
  let key: KeyObject
  try {
    const spki = Buffer.from(certificate.subjectPublicKeyInfo.toSchema().toBER())
    key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    return false
  }
  if (key.asymmetricKeyType !== algorithm.type) return false
  const over = info.signedAttrs === undefined ? content : new Uint8Array(info.signedAttrs.encodedValue)
  const signature = Buffer.from(info.signature.valueBlock.valueHexView)
  return verify(algorithm.hash ?? hash, over, key, signature)
}

function certificateOf(signed: SignedData, { sid }: SignerInfo): Certificate {
  const certificates = (signed.certificates ?? []).filter((one) => one instanceof Certificate)
  const found = certificates.find((one) => {
    if (sid instanceof IssuerAndSerialNumber)
      return one.issuer.isEqual(sid.issuer) && one.serialNumber.isEqual(sid.serialNumber)
    return certificates.length === 1
  })
  if (found === undefined) throw unfit('The signer’s certificate is not in the file.')
  return found
}

function attribute({ signedAttrs }: SignerInfo, oid: string): unknown {
  const found = signedAttrs?.attributes.filter(({ type }) => type === oid) ?? []
  return found.length === 1 ? (found[0]?.values[0] as unknown) : undefined
}

function namesOf(name: Certificate['subject']): Readonly<Record<string, string>> {
  const found: Record<string, string> = {}
  for (const { type, value } of name.typesAndValues) {
    const known = NAMES[type]
    const text: unknown = value.valueBlock.value
    if (known !== undefined && typeof text === 'string') found[known] = text.slice(0, 300)
  }
  return found
}

function unfit(message = 'This is no detached signature (CMS, RFC 5652).'): DoverieError {
  return new DoverieError('invalid-value', message, { field: 'signature' })
}

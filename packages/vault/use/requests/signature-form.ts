import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { DoverieError, type Instant } from '@doverie/core/base'
import { fromBER, type ObjectIdentifier, OctetString, type Sequence, type UTCTime } from 'asn1js'
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
  /** True where the signature names its certificate by its hash, as CAdES-BES has it (ETSI EN 319 122); null where it does by one not computed here. */
  readonly cades: boolean | null
  /** By name where it is known here, else `unknown`: an object identifier can be anybody's text. */
  readonly digest: string
  readonly signature: string
  /** Null where this algorithm is known (GOST) and not computed here; false also for one that is not known. */
  readonly digestMatches: boolean | null
  readonly signatureMatches: boolean | null
  /** True where the certificate was valid at the moment the signer names, or else as the letter came. */
  readonly inTerm: boolean
}

export interface SignatureForm {
  /**
   * `matches`: the signature goes with the content and its certificate. `form`: it is a signature by GOST, which is not
   * computed here. `wrong`: it does not go with the content, its certificate was not valid, or its algorithm is unknown.
   */
  readonly verdict: 'matches' | 'form' | 'wrong'
  readonly signers: readonly SignerForm[]
}

/** Larger files are no signatures of a letter. */
const LARGEST = 262_144
/** Somebody, and whoever stands for them. */
const MOST_SIGNERS = 2
/** Octets: 20 at most (RFC 5280, 4.1.2.2), and the sign's. */
const LONGEST_SERIAL = 21

const SHA256 = '2.16.840.1.101.3.4.2.1'
const DIGESTS: Readonly<Record<string, string>> = {
  [SHA256]: 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
}
/** What is only named: GOST R 34.11-2012 and 34.10-2012 (RFC 9215), which Node does not compute. */
const GOST_DIGESTS: Readonly<Record<string, string>> = {
  '1.2.643.7.1.1.2.2': 'GOST R 34.11-2012 (256)',
  '1.2.643.7.1.1.2.3': 'GOST R 34.11-2012 (512)',
}
const GOST_SIGNATURES: Readonly<Record<string, string>> = {
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
const KEY_IDENTIFIER = '2.5.29.14'
const SIGNED_DATA = '1.2.840.113549.1.7.2'
const DATA = '1.2.840.113549.1.7.1'

/** The content's digest by an algorithm, computed once. */
type DigestOf = (hash: string) => Buffer

/**
 * Reads a detached signature (CMS SignedData, RFC 5652; DER, PEM or base64) and holds it against what was signed. Both are an attacker's.
 * Throws `invalid-value` where the bytes are no such signature, or carry content of their own, and where it is not one certificate alone
 * that fits a signer, or is not the one that they name. `came`: when the letter did, by which a certificate is judged where the signer names no
 * moment; a moment that they name may be later than that, and not to come.
 */
export function signatureForm(file: Uint8Array, content: Uint8Array, now: Instant, came: Instant = now): SignatureForm {
  const signed = signedDataOf(file)
  const digests = new Map<string, Buffer>()
  const digestOf: DigestOf = (hash) => {
    const digest = digests.get(hash) ?? createHash(hash).update(content).digest()
    digests.set(hash, digest)
    return digest
  }
  const signers = signed.signerInfos.map((info) => {
    try {
      return signerForm(signed, info, digestOf, { now, came })
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
  if (signed.signerInfos.length === 0 || signed.signerInfos.length > MOST_SIGNERS)
    throw unfit('A signature of one or two signers is wanted.')
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

function signerForm(
  signed: SignedData,
  info: SignerInfo,
  digestOf: DigestOf,
  { now, came }: { readonly now: Instant; readonly came: Instant },
): SignerForm {
  const said = digestSaid(info)
  const certificate = certificateOf(signed, info)
  const digestOid = info.digestAlgorithm.algorithmId
  const signatureOid = info.signatureAlgorithm.algorithmId
  const hash = DIGESTS[digestOid]
  const time = attribute(info, SIGNING_TIME)
  const signedAt = time === undefined ? null : (time as UTCTime).toDate().getTime()
  const notBefore = certificate.notBefore.value.getTime()
  const notAfter = certificate.notAfter.value.getTime()
  const at = signedAt ?? came
  const serial = certificate.serialNumber.valueBlock.valueHexView
  if (serial.length > LONGEST_SERIAL) throw unfit()
  return {
    subject: namesOf(certificate.subject),
    issuer: namesOf(certificate.issuer),
    serial: Buffer.from(serial).toString('hex'),
    notBefore,
    notAfter,
    signedAt,
    cades: namesCertificate(info, certificate),
    digest: hash ?? GOST_DIGESTS[digestOid] ?? UNKNOWN,
    signature: SIGNATURES[signatureOid]?.name ?? GOST_SIGNATURES[signatureOid] ?? UNKNOWN,
    digestMatches: hash === undefined ? unlessUnknown(GOST_DIGESTS, digestOid) : said.equals(digestOf(hash)),
    signatureMatches: matchesSignature(info, certificate, hash),
    inTerm: notBefore <= at && at <= notAfter && at <= now + 86_400_000,
  }
}

const UNKNOWN = 'unknown'

/** Null for what is known and not computed here; what nobody knows is no signature of anything. */
function unlessUnknown(known: Readonly<Record<string, string>>, oid: string): false | null {
  return Object.hasOwn(known, oid) ? null : false
}

/**
 * The digest that the signed attributes say. INVARIANT: what is signed are attributes, each once, that say that it is data (RFC 5652, 5.3 and
 * 11.1): a signature over the content itself could be one that was made over the attributes of something else.
 */
function digestSaid(info: SignerInfo): Buffer {
  const types = info.signedAttrs?.attributes.map(({ type }) => type) ?? []
  if (new Set(types).size !== types.length) throw unfit()
  const said = attribute(info, MESSAGE_DIGEST)
  const type = attribute(info, CONTENT_TYPE) as ObjectIdentifier | undefined
  if (said === undefined || type?.valueBlock.toString() !== DATA)
    throw unfit('The signature has no signed attributes (RFC 5652, 5.3), or not those of a letter.')
  return Buffer.from((said as OctetString).valueBlock.valueHexView)
}

/** By the certificate's key, over the signed attributes. Null for what is known and not computed here. */
function matchesSignature(info: SignerInfo, certificate: Certificate, hash: string | undefined): boolean | null {
  const { algorithmId } = info.signatureAlgorithm
  const algorithm = SIGNATURES[algorithmId]
  if (algorithm === undefined) return unlessUnknown(GOST_SIGNATURES, algorithmId)
  const digest = algorithm.hash ?? hash
  let key: KeyObject
  try {
    const spki = Buffer.from(certificate.subjectPublicKeyInfo.toSchema().toBER())
    key = createPublicKey({ key: spki, format: 'der', type: 'spki' })
  } catch {
    return false
  }
  if (key.asymmetricKeyType !== algorithm.type || digest === undefined || info.signedAttrs === undefined) return false
  const signature = Buffer.from(info.signature.valueBlock.valueHexView)
  return verify(digest, new Uint8Array(info.signedAttrs.encodedValue), key, signature)
}

/** INVARIANT: one certificate alone fits a signer. Of two of the same issuer and number nothing would say whose name is compared. */
function certificateOf(signed: SignedData, { sid }: SignerInfo): Certificate {
  const certificates = (signed.certificates ?? []).filter((one) => one instanceof Certificate)
  const fitting = certificates.filter((one) => {
    if (sid instanceof IssuerAndSerialNumber)
      return one.issuer.isEqual(sid.issuer) && one.serialNumber.isEqual(sid.serialNumber)
    return keyIdentifierOf(one)?.equals(Buffer.from((sid as OctetString).valueBlock.valueHexView)) === true
  })
  const [found] = fitting
  if (found === undefined) throw unfit('The signer’s certificate is not in the file.')
  if (fitting.length > 1) throw unfit('More than one certificate in the file fits the signer.')
  return found
}

function keyIdentifierOf({ extensions = [] }: Certificate): Buffer | null {
  const found = extensions.find(({ extnID }) => extnID === KEY_IDENTIFIER)
  if (found === undefined) return null
  const { result } = fromBER(Uint8Array.from(found.extnValue.valueBlock.valueHexView).buffer)
  return Buffer.from((result as OctetString).valueBlock.valueHexView)
}

/** Holds the certificate against what the signature names by its hash (RFC 5035, ESSCertIDv2: the first is the signer's). */
function namesCertificate(info: SignerInfo, certificate: Certificate): boolean | null {
  const named = attribute(info, SIGNING_CERTIFICATE) as Sequence | undefined
  if (named === undefined) return false
  const [ids] = named.valueBlock.value as unknown as readonly Sequence[]
  const [id] = (ids?.valueBlock.value ?? []) as unknown as readonly Sequence[]
  const [first, second] = (id?.valueBlock.value ?? []) as unknown as readonly (Sequence | OctetString)[]
  const plain = first instanceof OctetString
  const oid = plain
    ? SHA256
    : ((first?.valueBlock.value ?? [])[0] as ObjectIdentifier | undefined)?.valueBlock.toString()
  const said = plain ? first : second
  if (oid === undefined || !(said instanceof OctetString)) throw unfit()
  const hash = DIGESTS[oid]
  if (hash === undefined && Object.hasOwn(GOST_DIGESTS, oid)) return null
  const digest =
    hash === undefined ? null : createHash(hash).update(Buffer.from(certificate.toSchema().toBER())).digest()
  if (digest?.equals(Buffer.from(said.valueBlock.valueHexView)) === true) return true
  throw unfit('The signature names another certificate than the file has.')
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
    if (known === undefined) continue
    // Of two surnames one would be shown and the other compared.
    if (Object.hasOwn(found, known) || typeof text !== 'string')
      throw unfit('A name stands twice in the certificate, or is none.')
    found[known] = text.slice(0, 300)
  }
  return found
}

function unfit(message = 'This is no detached signature (CMS, RFC 5652).'): DoverieError {
  return new DoverieError('invalid-value', message, { field: 'signature' })
}

import { DoverieError, equalBytes, fromBase64url, fromHex, fromUtf8, utf8 } from '@doverie/core/base'
import type { ConsentReceipt } from '@doverie/core/contract'
import { sha256 } from '@doverie/core/log'
import { byWebCrypto } from './checkpoint.ts'
import { type ReceiptTrust, type VerifiedReceipt, verifyReceipt } from './receipt.ts'

/** A key as `/log/jwks.json` shows it (RFC 8037). */
export interface ReceiptKey {
  readonly kid?: string
  readonly kty?: string
  readonly crv?: string
  readonly x?: string
}

export interface VerifiedConsent {
  /** ISO/IEC TS 27560 in DPV's terms (`readConsentReceipt` of core/policy reads it). */
  readonly consent: Readonly<Record<string, unknown>>
  /** The entry that commits to it. */
  readonly entry: VerifiedReceipt
}

/**
 * Verifies a consent receipt offline: one of the keys signed it, and the ledger has an entry that commits to exactly this
 * document. Throws `invalid-value` where either does not hold, the receipt has no proof yet (`proveReceipt` makes it), or too few of the
 * policy's witnesses cosigned the tree.
 */
export async function verifyConsentReceipt(
  receipt: ConsentReceipt,
  keys: readonly ReceiptKey[],
  trust: ReceiptTrust,
): Promise<VerifiedConsent> {
  const { alg, kid } = jsonOf(receipt.protected)
  const key = keys.find((one) => one.kid === kid && one.kty === 'OKP' && one.crv === 'Ed25519')
  const publicKey = fromBase64url(key?.x ?? '')
  const signature = fromBase64url(receipt.signature)
  // The algorithm is ours, whatever the header says: a header that says another is none of our receipts.
  if (alg !== 'Ed25519' || publicKey?.length !== 32 || signature?.length !== 64) throw refused('signature')
  const message = utf8(`${receipt.protected}.${receipt.payload}`)
  if (!(await (trust.ed25519 ?? byWebCrypto)(signature, message, publicKey))) throw refused('signature')
  const { proof } = receipt.header
  if (proof === null) throw refused('proof')
  const entry = await verifyReceipt(proof, trust)
  if (!entry.checkpoint.witnessed) throw refused('witnesses')
  const named = entry.body.detail?.['receipt']
  const committed = typeof named === 'string' ? fromHex(named) : null
  if (committed === null || !equalBytes(committed, sha256(bytesOf(receipt.payload)))) throw refused('proof')
  return { consent: jsonOf(receipt.payload), entry }
}

function bytesOf(text: string): Uint8Array {
  const bytes = fromBase64url(text)
  if (bytes === null) throw refused('payload')
  return bytes
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(fromUtf8(bytesOf(text))) as Readonly<Record<string, unknown>>
  } catch {
    throw refused('payload')
  }
}

function refused(field: string): DoverieError {
  return new DoverieError('invalid-value', 'This receipt does not verify.', { field })
}

import { DoverieError } from '@doverie/core/base'
import {
  type Checkpoint,
  isLogKey,
  isWitnessed,
  KEY_TYPES,
  parseCheckpoint,
  parseNote,
  parseTrustPolicy,
  policyKeys,
  signaturesToVerify,
  type TrustPolicy,
  type VerifiedSignature,
} from '@doverie/core/log'

/** Verifies a bare Ed25519 signature (RFC 8032). */
export type VerifyEd25519 = (
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
) => Promise<boolean> | boolean

/** Whom to believe, and how to verify what they say. */
export interface Trust {
  /** The ledger's keys, its witnesses and their quorum (c2sp.org/tlog-policy), as its file says it. */
  readonly policy: TrustPolicy | string
  /** Where the platform's WebCrypto has no Ed25519; it has in every browser since 2025 and in Node. */
  readonly ed25519?: VerifyEd25519
}

/** A checkpoint that its ledger signed. */
export interface VerifiedCheckpoint extends Checkpoint {
  /** Who signed and cosigned, as far as it was verified; ML-DSA-44 is left to those who know it. */
  readonly verified: readonly VerifiedSignature[]
  /** Whether enough witnesses cosigned it for the policy; true where the policy asks for none. */
  readonly witnessed: boolean
}

/**
 * Verifies a checkpoint offline: one of the policy's log keys, named as its origin, signed it. Throws `invalid-value` where that
 * does not hold, or any signature of a known key does not verify. Whether its witnesses suffice is told, not enforced.
 */
export async function verifyCheckpoint(note: string, trust: Trust): Promise<VerifiedCheckpoint> {
  const policy = trustPolicyOf(trust)
  const parsed = parseNote(note)
  const verified: VerifiedSignature[] = []
  for (const { key, message, signature, time } of signaturesToVerify(parsed, policyKeys(policy))) {
    if (key.type === KEY_TYPES.mlDsa44) continue
    if (!(await (trust.ed25519 ?? byWebCrypto)(signature, message, key.publicKey))) throw rejected()
    verified.push({ name: key.name, keyId: key.keyId, type: key.type, time })
  }
  const checkpoint = parseCheckpoint(parsed.text)
  const logs = new Set(policy.logs.map(({ key }) => `${key.name} ${key.keyId}`))
  const own = verified.some(
    (one) => one.name === checkpoint.origin && isLogKey(one) && logs.has(`${one.name} ${one.keyId}`),
  )
  if (!own) throw rejected()
  return { ...checkpoint, verified, witnessed: isWitnessed(policy, verified) }
}

function trustPolicyOf({ policy }: Trust): TrustPolicy {
  return typeof policy === 'string' ? parseTrustPolicy(policy) : policy
}

/** Ed25519 of the platform; a signature by bytes that are no key does not hold. */
export async function byWebCrypto(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): Promise<boolean> {
  const { subtle } = globalThis.crypto
  const key = await subtle.importKey('raw', publicKey as BufferSource, 'Ed25519', false, ['verify'])
  return subtle.verify('Ed25519', key, signature as BufferSource, message as BufferSource)
}

function rejected(): DoverieError {
  return new DoverieError('invalid-value', 'The ledger did not sign this checkpoint.', { field: 'checkpoint' })
}

import { createPrivateKey, createPublicKey } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, FlattenedSign, type JWK } from 'jose'

/** PKCS #8 before a 32-byte Ed25519 seed (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

/** A signed document: JWS, flattened JSON serialisation (RFC 7515 section 7.2.2), Ed25519 (RFC 9864). */
export interface SignedDocument {
  readonly payload: string
  readonly protected: string
  readonly signature: string
}

export interface DocumentSigner {
  /** The public key with its thumbprint as `kid` (RFC 7638). */
  readonly jwk: JWK
  /** Signs a text of the media type `application/<type>`. */
  sign(text: string, type: string): Promise<SignedDocument>
}

/** What signs documents, from 32 secret bytes that are used for nothing else. */
export async function documentSigner(seed: Uint8Array): Promise<DocumentSigner> {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
  const bare = await exportJWK(createPublicKey(key))
  const kid = await calculateJwkThumbprint(bare)
  return {
    jwk: { ...bare, kid, alg: 'Ed25519', use: 'sig' },
    sign: async (text, type) => {
      const signed = await new FlattenedSign(Buffer.from(text, 'utf8'))
        .setProtectedHeader({ alg: 'Ed25519', kid, typ: type })
        .sign(key)
      return { payload: signed.payload, protected: signed.protected ?? '', signature: signed.signature }
    },
  }
}

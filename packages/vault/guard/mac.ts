import { createHmac, timingSafeEqual } from 'node:crypto'
import type { VaultSecrets } from './secrets.ts'

/** HMAC-SHA-256 under the vault's secret, separated by what it is for: what is only compared is stored as this. */
export function mac(
  vault: { readonly secrets: Pick<VaultSecrets, 'mac'> },
  what: string,
  message: string | Uint8Array,
): Buffer {
  return createHmac('sha256', vault.secrets.mac).update(`doverie/${what}/v1\n`).update(message).digest()
}

export function sameMac(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b)
}

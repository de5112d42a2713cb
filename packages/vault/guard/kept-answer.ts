import { createCipheriv, createDecipheriv } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import { mac } from './mac.ts'
import type { Vault } from './vault.ts'

/**
 * Answers kept for a repeat of their request. An answer may name what is personal (the number of the contract just made), so it
 * is sealed under a key made of the sender's own idempotency key: who has only the databases cannot open it, and neither can we.
 */
export function sealAnswer(vault: Vault, key: string, answer: object): string {
  const nonce = vault.random(12)
  const cipher = createCipheriv('aes-256-gcm', mac(vault, 'idempotency-answer', key), nonce)
  const body = Buffer.concat([cipher.update(JSON.stringify(answer)), cipher.final()])
  return Buffer.concat([nonce, body, cipher.getAuthTag()]).toString('base64url')
}

/** The answer as it was given. Throws `sealed-value-damaged`. */
export function openAnswer(vault: Vault, key: string, sealed: string): unknown {
  const bytes = Buffer.from(sealed, 'base64url')
  try {
    const decipher = createDecipheriv('aes-256-gcm', mac(vault, 'idempotency-answer', key), bytes.subarray(0, 12))
    decipher.setAuthTag(bytes.subarray(-16))
    const text = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('utf8')
    return JSON.parse(text)
  } catch {
    throw new DoverieError('sealed-value-damaged', 'A kept answer does not verify.')
  }
}

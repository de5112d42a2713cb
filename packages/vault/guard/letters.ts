import { createCipheriv, createDecipheriv } from 'node:crypto'
import { DoverieError, type Uuid } from '@doverie/core/base'
import { insertMail, type OutboxRow } from '../store/outbox.ts'
import type { Queryable } from '../store/database.ts'
import type { Vault } from './vault.ts'

/** A letter to go out. Personal: it lies sealed until it is sent, and nowhere after. */
export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** Queues a letter in the caller's transaction, sealed under the vault's mail key with the letter's own id bound in. */
export async function queueLetter(vault: Vault, tx: Queryable, holder: Uuid, letter: Letter): Promise<void> {
  const id = vault.newId()
  const nonce = vault.random(12)
  const cipher = createCipheriv('aes-256-gcm', vault.secrets.mail, nonce).setAAD(
    Buffer.from(`doverie/letter/v1\n${id}`),
  )
  const body = Buffer.concat([cipher.update(JSON.stringify(letter)), cipher.final()])
  const sealed = Buffer.concat([Buffer.of(1), nonce, body, cipher.getAuthTag()])
  await insertMail(tx, { id, holder, sealed, attempts: 0, createdAt: vault.now(), sentAt: null })
}

/** Opens a queued letter. Throws `sealed-value-damaged`. */
export function openLetter(vault: Vault, row: OutboxRow): Letter {
  const bytes = Buffer.from(row.sealed)
  try {
    const decipher = createDecipheriv('aes-256-gcm', vault.secrets.mail, bytes.subarray(1, 13))
    decipher.setAAD(Buffer.from(`doverie/letter/v1\n${row.id}`)).setAuthTag(bytes.subarray(-16))
    const text = Buffer.concat([decipher.update(bytes.subarray(13, -16)), decipher.final()]).toString('utf8')
    return JSON.parse(text) as Letter
  } catch {
    throw new DoverieError('sealed-value-damaged', 'A queued letter does not verify.')
  }
}

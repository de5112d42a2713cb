import { createDecipheriv } from 'node:crypto'
import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { openXaes, sealXaes, XAES_NONCE } from '../seal/xaes.ts'
import type { Queryable } from '../store/database.ts'
import { insertSent } from '../store/mail-sent.ts'
import { insertMail, type MailChannel, type OutboxRow } from '../store/outbox.ts'
import { sharePassingEpoch } from '../store/passing.ts'
import type { PassingKeys } from './secrets.ts'
import type { Vault } from './vault.ts'

/** A letter to go out. Personal: it lies sealed until it is sent, and nowhere after. */
export interface Letter {
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Files that go with it; `content` is base64. */
  readonly attachments?: readonly { readonly name: string; readonly type: string; readonly content: string }[]
  /** The message that it answers. */
  readonly inReplyTo?: string
  /** From then on it is of no use, and is not sent any more. */
  readonly until?: Instant
  /** What wrote it (RFC 3834): a person, a machine in answer to a message, or, unless told, a machine. */
  readonly author?: 'person' | 'answering-machine'
}

/** A sealed letter, version 2: `02 | nonce (24) | XAES-256-GCM`, the letter's own id bound in. Version 1 was AES-GCM under the bare key. */
const FORMAT = 2
const FORMER = 1

/**
 * Queues a letter in the caller's transaction, sealed under the key of the epoch that is current to its commit. The key dies
 * with the epoch: then no old copy of the letter opens, sent or not. Its random id, which stands in its Message-ID however often it is
 * sent, stays known: with whose it is, and the letter of the register that it answers (`answers`).
 */
export async function queueLetter(
  vault: Vault,
  tx: Queryable,
  holder: Uuid,
  letter: Letter,
  channel: MailChannel = 'mail',
  answers: Uuid | null = null,
): Promise<void> {
  const id = vault.newId()
  const epoch = await sharePassingEpoch(tx)
  const keys = await vault.secrets.passing(epoch)
  const sealed = sealLetter(vault, keys, id, Buffer.from(JSON.stringify(letter)))
  await insertMail(tx, { id, holder, sealed, epoch, attempts: 0, createdAt: vault.now(), sentAt: null, channel })
  // A phone answers nothing.
  if (channel === 'mail') await insertSent(tx, { id, holder, letter: answers }, vault.now())
}

/** Opens a queued letter. Throws `sealed-value-damaged`, and `key-missing` where its epoch's key is gone. */
export async function openLetter(vault: Vault, row: OutboxRow): Promise<Letter> {
  return JSON.parse(unsealLetter(await vault.secrets.passing(row.epoch), row).toString('utf8')) as Letter
}

/** The same letter under another epoch's key. */
export function resealLetter(vault: Vault, from: PassingKeys, to: PassingKeys, row: OutboxRow): Buffer {
  return sealLetter(vault, to, row.id, unsealLetter(from, row))
}

function sealLetter(vault: Vault, { seal }: PassingKeys, id: Uuid, letter: Buffer): Buffer {
  const nonce = vault.random(XAES_NONCE)
  return Buffer.concat([
    Buffer.of(FORMAT),
    nonce,
    sealXaes(seal, nonce, letter, Buffer.from(`doverie/letter/v2\n${id}`)),
  ])
}

function unsealLetter({ seal, raw }: PassingKeys, { id, sealed }: OutboxRow): Buffer {
  const bytes = Buffer.from(sealed)
  try {
    if (bytes[0] === FORMAT) {
      const nonce = bytes.subarray(1, 1 + XAES_NONCE)
      return openXaes(seal, nonce, bytes.subarray(1 + XAES_NONCE), Buffer.from(`doverie/letter/v2\n${id}`))
    }
    if (bytes[0] !== FORMER) throw new RangeError()
    const decipher = createDecipheriv('aes-256-gcm', raw, bytes.subarray(1, 13))
    decipher.setAAD(Buffer.from(`doverie/letter/v1\n${id}`)).setAuthTag(bytes.subarray(-16))
    return Buffer.concat([decipher.update(bytes.subarray(13, -16)), decipher.final()])
  } catch {
    throw new DoverieError('sealed-value-damaged', 'A queued letter does not verify.')
  }
}

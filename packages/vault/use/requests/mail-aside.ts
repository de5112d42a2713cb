import { DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import type { Caller } from '../../guard/caller.ts'
import { loadLetterKey } from '../../guard/letter-keys.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import {
  type AsideRow,
  countAside,
  deleteAside,
  dismissAside as dismiss,
  listAside as list,
  lockAside,
  type Place,
} from '../../store/mail-in.ts'
import { assertDuty } from '../duties.ts'
import { clausesOf, policyOf } from './law.ts'
import { letterOfMessage, type ReadMessage } from './message-in.ts'
import { type RegisteredLetter, registerLetter } from './register-letter.ts'

/** The part under which a message that was set aside is sealed, with keys of its own as a letter has. */
export const ASIDE = 'aside'

const PAGE = 50

/** A message that was set aside, without what it says. */
export type AsideMessage = Omit<AsideRow, 'sealed'>

export interface AsidePage {
  readonly messages: readonly AsideMessage[]
  /** How many of each reason nobody has looked through. */
  readonly counts: ReadonlyMap<string, number>
  readonly next: string | null
}

/**
 * What came by mail and was not taken for a letter, the newest first, for whoever sees to requests: nothing personal is in it. `all` also
 * lists what was looked through. Throws `forbidden`, `invalid-request`.
 */
export async function listAside(
  vault: Vault,
  caller: Caller,
  which: { readonly reason?: string | undefined; readonly all?: boolean; readonly after?: string | undefined },
): Promise<AsidePage> {
  await assertDuty(vault, caller, 'requests')
  const before = readPlace(which.after)
  const found = await list(vault.data, { reason: which.reason, all: which.all === true, before }, PAGE + 1)
  const messages = found.slice(0, PAGE).map(({ sealed: _, ...row }) => row)
  const last = messages.at(-1)
  return {
    messages,
    counts: await countAside(vault.data),
    next: found.length > PAGE && last !== undefined ? `${last.receivedAt}.${last.id}` : null,
  }
}

function readPlace(text: string | undefined): Place | undefined {
  if (text === undefined) return undefined
  const [at, id] = text.split('.')
  if (at === undefined || id === undefined || !/^\d{1,15}$/.test(at) || !isUuid(id)) {
    throw new DoverieError('invalid-request', 'This is no place in the list.', { field: 'after' })
  }
  return { at: Number(at), id }
}

/** Opens a message that was set aside, as it came. The reading is in the ledger before anything is given. Throws `not-found`. */
export async function readAside(
  vault: Vault,
  caller: Caller,
  id: string,
): Promise<{ readonly message: AsideMessage; readonly raw: Buffer }> {
  await assertDuty(vault, caller, 'requests')
  const clauses = clausesOf(policyOf(vault))
  const found = await transaction(vault.data, async (tx) => {
    const row = isUuid(id) ? await lockAside(tx, id) : null
    if (row?.sealed == null) throw new DoverieError('not-found', undefined, { field: 'aside' })
    await recordAct(vault, tx, 'read-mail', caller, clauses, { reason: row.reason })
    return { row, sealed: row.sealed }
  })
  const key = await loadLetterKey(vault, found.row.id, vault.now())
  const { sealed: _, ...message } = found.row
  return { message, raw: key.open(ASIDE, found.sealed) }
}

/**
 * Registers a message that was set aside after all: its clocks count from when the mailbox took it. `read` is the message taken apart. It
 * is about nobody until staff say so, and nobody is sent a receipt.
 */
export async function registerAside(
  vault: Vault,
  caller: Caller,
  given: { readonly id: string; readonly raw: Uint8Array; readonly read: ReadMessage | null },
): Promise<RegisteredLetter> {
  await assertDuty(vault, caller, 'requests')
  const { id, raw, read } = given
  const { receivedAt } = await asideOf(vault, id)
  const remarks = read === null ? (['unreadable'] as const) : read.remarks
  const letter = letterOfMessage(
    { read, raw, receivedAt },
    { remarks, authentication: null, answers: null },
    read?.text ?? '',
    vault.now(),
  )
  return registerLetter(vault, caller, { ...letter, source: `aside ${id}` }, (tx) => deleteAside(tx, id))
}

/** Notes that a member of staff has looked a message through, and that it is no letter. It stays until its term is over. */
export async function dismissAside(vault: Vault, caller: Caller, id: string): Promise<void> {
  const { pseudonym } = await assertDuty(vault, caller, 'requests')
  const clauses = clausesOf(policyOf(vault))
  await transaction(vault.data, async (tx) => {
    const row = isUuid(id) ? await lockAside(tx, id) : null
    if (row === null) throw new DoverieError('not-found', undefined, { field: 'aside' })
    if (row.dismissedAt !== null) return
    await dismiss(tx, row.id, vault.now(), pseudonym)
    await recordAct(vault, tx, 'dismiss-mail', caller, clauses, { reason: row.reason })
  })
}

async function asideOf(vault: Vault, id: Uuid): Promise<AsideRow> {
  const row = isUuid(id) ? await lockAside(vault.data, id) : null
  if (row === null) throw new DoverieError('not-found', undefined, { field: 'aside' })
  return row
}

import type { BlockReason } from '@doverie/core/base'
import { type Caller, isPersonSide } from '../guard/caller.ts'
import { change, type ChangeRequest } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { about, checkPerson, lawPurpose, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'

/** Stops processing for a time (152-FZ art. 21): from the answer on, only what the policy spares is read. */
export async function blockPerson(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly reason: BlockReason },
): Promise<Decided> {
  return decidedOf(
    await change(vault, blocking(vault, caller, request, 'block', { reason: request.reason }), (changing) => {
      changing.apply({ kind: 'blocked', reason: request.reason, at: changing.at })
      return Promise.resolve()
    }),
  )
}

/** Lifts a block: processing goes on. */
export async function unblockPerson(vault: Vault, caller: Caller, request: OnPerson): Promise<Decided> {
  return decidedOf(
    await change(vault, blocking(vault, caller, request, 'unblock', {}), (changing) => {
      changing.apply({ kind: 'unblocked', at: changing.at })
      return Promise.resolve()
    }),
  )
}

function blocking(
  vault: Vault,
  caller: Caller,
  request: OnPerson,
  act: string,
  detail: { readonly [key: string]: string },
): ChangeRequest {
  const subject = checkPerson(vault, request)
  const purpose = isPersonSide(caller) ? rightsPurpose(vault) : lawPurpose(vault)
  return { caller, subject, act, operation: 'block', purpose, fields: [], detail, ...about(request) }
}

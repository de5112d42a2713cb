import type { BlockReason, Uuid } from '@doverie/core/base'
import { type Caller, isPersonSide } from '../guard/caller.ts'
import { change, type ChangeRequest, type Changing } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { subjectsOfOpen } from '../store/matters.ts'
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

/**
 * Lifts a block: processing goes on. Staff lift with it what a request holds that is over, about somebody else or not there (any more):
 * nobody else ever would.
 */
export async function unblockPerson(vault: Vault, caller: Caller, request: OnPerson): Promise<Decided> {
  return decidedOf(
    await change(vault, blocking(vault, caller, request, 'unblock', {}), async (changing) => {
      const { at } = changing
      changing.apply({ kind: 'unblocked', at })
      if (isPersonSide(caller)) return
      for (const by of await holderless(changing)) changing.apply({ kind: 'unblocked', by, at })
    }),
  )
}

async function holderless(changing: Changing): Promise<readonly Uuid[]> {
  const { blocks = [], erasure } = changing.facts()
  const named = blocks.flatMap(({ by }) => (by === null || by === erasure?.id ? [] : [by]))
  const holding = await subjectsOfOpen(changing.tx, named)
  return named.filter((by) => holding.get(by) !== changing.permit.subject)
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

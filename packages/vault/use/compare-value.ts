import { timingSafeEqual } from 'node:crypto'
import { DoverieError } from '@doverie/core/base'
import { normaliseValue } from '@doverie/core/policy'
import { type Caller, counterOf } from '../guard/caller.ts'
import { asList } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { ask, type Decided, decidedOf, unsealAnswer } from './open-fields.ts'

export interface CompareRequest {
  readonly subject: string
  readonly purpose: string
  readonly entity: string
  readonly field: string
  /** What the caller was told; normalised like a collected value before it is compared. */
  readonly value: string
  readonly ticket?: string | undefined
}

export interface Compared extends Decided {
  readonly matches: boolean
}

/**
 * Says whether a person's field holds this value, without showing it (operation `use`): is this the caller's phone? A value
 * that has not the field's form matches nothing. Each comparison counts as reaching the person, and wrong guesses are bounded.
 */
export async function compareValue(vault: Vault, caller: Caller, request: CompareRequest): Promise<Compared | Decided> {
  const guesser = `${counterOf(caller)} ${request.subject} ${request.field}`
  const giveBack = await vault.guesses.take(guesser, vault.now())
  let wrong = false
  try {
    const compared = await compare(vault, caller, request)
    wrong = 'matches' in compared && !compared.matches
    return compared
  } finally {
    if (!wrong) await giveBack()
  }
}

async function compare(
  vault: Vault,
  caller: Caller,
  { field, value, ...access }: CompareRequest,
): Promise<Compared | Decided> {
  const answer = await ask(vault, caller, { ...access, fields: [field] }, 'compare', 'use', true)
  if (answer.permit === null) return decidedOf(answer)
  const kind = vault.policy()?.fields.get(field)?.kind
  if (kind === undefined) throw new DoverieError('unknown-field', undefined, { field: 'field' })
  const values = await unsealAnswer(vault, answer, answer.permit)
  const held = values.get(field)?.reveal(answer.permit) ?? []
  const given = normaliseValue(kind, value)
  const matches = given.ok && asList(held).some((one) => sameText(one, given.value))
  return { ...decidedOf(answer), matches }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

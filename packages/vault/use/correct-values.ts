import { DoverieError } from '@doverie/core/base'
import { checkValues } from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import { change, type Changing } from '../guard/change.ts'
import { type Letter, queueLetter } from '../guard/letters.ts'
import { currentValues, differing, type Values, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { about, checkPerson, invalidValues, type OnPerson, RIGHTS } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { sendCode, type SentCode } from './request-code.ts'

export interface Corrected extends Decided {
  /** The fields whose content is another now. */
  readonly changed?: readonly string[]
  /** Where the person changed their own e-mail: a code went to the new address, to prove it. The old one is told. */
  readonly signIn?: SentCode | null
}

/**
 * Corrects or supplements values (clause 5.2; 152-FZ art. 20 part 3). What was inaccurate is replaced, no history is kept. A
 * changed identifier is no longer proved. Bad values throw with every field named, and change nothing.
 */
export async function correctValues(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly values: Readonly<Record<string, unknown>> },
): Promise<Corrected> {
  const subject = checkPerson(vault, request)
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const checked = checkValues(policy, request.values)
  if (!checked.ok) throw invalidValues(checked.error)
  const groups = new Map(Object.entries(checked.value))
  const fields = [...groups.values()].flatMap((values) => Object.keys(values))
  if (fields.length === 0) throw new DoverieError('invalid-request', 'No value is given.', { field: 'values' })
  const outcome = await change(
    vault,
    { caller, subject, act: 'correct', operation: 'clarify:change', purpose: RIGHTS, fields, ...about(request) },
    async (changing) => {
      const before = await currentValues(changing)
      const changed = [...groups].flatMap(([name, given]) => differing(before.get(name) ?? {}, given))
      for (const field of changed) {
        const identifier = changing.policy.fields.get(field)?.identifies
        if (identifier) changing.apply({ kind: 'identifier-changed', identifier, at: changing.at })
      }
      await writeValues(vault, changing, groups)
      const signIn = changed.includes('email') ? await tellAddresses(vault, changing, caller, before, groups) : null
      return { changed, signIn }
    },
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), ...outcome.value } : decidedOf(outcome)
}

/**
 * Tells the old mailbox of the change (a hijacked session must not go unseen) and, where the person made it, sends a code to
 * the new one. Both letters belong to the change's transaction.
 */
async function tellAddresses(
  vault: Vault,
  { tx }: Changing,
  caller: Caller,
  before: ReadonlyMap<string, Values>,
  given: ReadonlyMap<string, Values>,
): Promise<SentCode | null> {
  const old = before.get('contact')?.['email']
  const next = given.get('contact')?.['email']
  if (typeof old === 'string') await queueLetter(vault, tx, vault.newId(), changedLetter(old))
  if (caller.kind !== 'subject' || typeof next !== 'string') return null
  return sendCode(vault, tx, caller.subject, next)
}

function changedLetter(to: string): Letter {
  return {
    to,
    subject: 'Адрес изменён / Address changed',
    text: [
      'Вместо этого адреса в ваших данных указан другой. Если это сделали не вы, сообщите нам сразу.',
      '',
      'Another address stands in your data instead of this one. If that was not you, tell us at once.',
    ].join('\n'),
  }
}

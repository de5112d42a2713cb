import { DoverieError } from '@doverie/core/base'
import { checkValues } from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import { change, type Changing } from '../guard/change.ts'
import { currentValues, differing, type Values, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { tellRecipients } from './notices/notices.ts'
import { assertMayShow } from './publications/changes-public.ts'
import { tellAddresses } from './changed-address.ts'
import { about, checkPerson, invalidValues, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import type { SentCode } from './request-code.ts'

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
    {
      caller,
      subject,
      act: 'correct',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields,
      ...about(request),
    },
    (changing) => writeCorrections(vault, changing, caller, groups),
  )
  return outcome.effect === 'permit' ? { ...decidedOf(outcome), ...outcome.value } : decidedOf(outcome)
}

/** Writes values over what is held, with what follows from a changed identifier. */
export async function writeCorrections(
  vault: Vault,
  changing: Changing,
  caller: Caller,
  groups: ReadonlyMap<string, Values>,
): Promise<{ readonly changed: readonly string[]; readonly signIn: SentCode | null }> {
  const before = await currentValues(changing)
  const changed = [...groups].flatMap(([name, given]) => differing(before.get(name) ?? {}, given))
  for (const field of changed) {
    const identifier = changing.policy.fields.get(field)?.identifies
    if (identifier) changing.apply({ kind: 'identifier-changed', identifier, at: changing.at })
  }
  assertMayShow(changing, caller, changed)
  await writeValues(vault, changing, groups)
  if (changed.length > 0) await tellRecipients(vault, changing, 'corrected', changed)
  return { changed, signIn: await tellAddresses(vault, changing, caller, before, groups) }
}

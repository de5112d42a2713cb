import { type Caller, isPersonSide } from '../../guard/caller.ts'
import type { Changing } from '../../guard/change.ts'
import { assertProved } from '../requests/identity.ts'

/**
 * What a person's own change of these fields shows to everybody at once (another value, a field opened again) takes the proof that opening them
 * takes: whoever took a session over shows nobody anything. Throws as `assertProved`; nothing for staff, or where none of them is public.
 */
export function assertMayShow(changing: Changing, caller: Caller, fields: readonly string[]): void {
  if (!isPersonSide(caller)) return
  const shown = (changing.facts().publications ?? []).some((one) =>
    fields.some((field) => Object.hasOwn(one.fields, field)),
  )
  if (shown) assertProved(caller, 'publication', changing.at)
}

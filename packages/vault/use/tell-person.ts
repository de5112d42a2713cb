import type { Policy } from '@doverie/core/policy'
import type { Changing } from '../guard/change.ts'
import { queueLetter } from '../guard/letters.ts'
import { currentValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { type FieldPlace, placeOf } from '../guard/vocabulary.ts'
import { pageOf } from './page-of.ts'
import { type OwnLetter, tellMailbox } from './tell-mailbox.ts'

/** Where a person's own phone stands, if the policy has one that people are found by; null otherwise. */
function phonePlace(policy: Policy): FieldPlace | null {
  const field = [...policy.fields.values()].find(
    ({ identifies, source }) => identifies === 'phone' && source !== 'operator',
  )
  return field === undefined ? null : placeOf(policy, field.id)
}

/** The compartments that a change must touch in which the person is told something by every channel. */
export function channelsOf(policy: Policy): readonly string[] {
  const phone = phonePlace(policy)
  const mailbox = placeOf(policy, policy.system.signIn).compartment
  return phone === null ? [mailbox] : [...new Set([mailbox, phone.compartment])]
}

/** The phone of a person under change; undefined where they have none. */
export async function phoneOf(changing: Changing): Promise<string | undefined> {
  const place = phonePlace(changing.policy)
  const held = place === null ? undefined : (await currentValues(changing)).get(place.compartment)?.[place.field]
  return typeof held === 'string' ? held : undefined
}

/**
 * Tells a person under change something by every channel that is proved to be theirs, in the change's transaction: who has taken one
 * of them over does not act unseen. `short` goes to the phone and says nothing of them but that there is something to look at.
 */
export async function tellPerson(vault: Vault, changing: Changing, letter: OwnLetter, short: string): Promise<void> {
  const { page } = letter
  await tellMailbox(vault, changing, letter)
  await tellPhone(vault, changing, page === undefined ? short : `${short} ${pageOf(vault, changing.policy, page)}`)
}

/** The same by phone alone. */
async function tellPhone(vault: Vault, changing: Changing, text: string): Promise<void> {
  if (!vault.phones || !changing.facts().proved.includes('phone')) return
  const to = await phoneOf(changing)
  if (to !== undefined) await queueLetter(vault, changing.tx, changing.permit.subject, { to, subject: '', text }, 'sms')
}

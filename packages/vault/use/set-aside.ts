import { DoverieError } from '@doverie/core/base'
import type { Changing, ChangeRequest } from '../guard/change.ts'
import { type Values, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { insertConflict } from '../store/documents.ts'

/** Values that differ from a person's confirmed ones. Personal: never log. */
export interface Disputed {
  /** All that was submitted together, for staff to judge by. */
  readonly values: ReadonlyMap<string, Values>
  /** The fields that differ. */
  readonly fields: readonly string[]
  readonly purpose: string
  readonly entity: string
  readonly detail?: ChangeRequest['detail']
}

/**
 * Keeps a disputed submission apart, as a person of its own that nothing leads to but the conflict, and that has no ground for
 * anything. All in the transaction of the change to the person whose confirmed values it differs from: there is no moment at
 * which it is lost or there twice.
 */
export async function setAside(vault: Vault, changing: Changing, disputed: Disputed): Promise<void> {
  const { values, fields, purpose, entity, detail } = disputed
  const { subject } = changing.permit
  const other = vault.newId()
  const request: ChangeRequest = {
    caller: { kind: 'subject', subject: other, proved: [] },
    subject: other,
    act: 'set-aside',
    operation: 'collect',
    purpose,
    entity,
    fields,
    compartments: [...values.keys()],
    begins: true,
    ...(detail === undefined ? {} : { detail }),
  }
  const kept = await changing.also(request, (aside) => writeValues(vault, aside, values))
  // Where the policy does not let it be kept, nothing of the submission is taken: what differs must not be lost unseen.
  if (kept.effect === 'refuse') throw new DoverieError('conflict')
  await insertConflict(changing.tx, { id: vault.newId(), subject, other, fields, at: changing.at })
}

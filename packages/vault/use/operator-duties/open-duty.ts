import { DoverieError, type DutyKind, type Instant } from '@doverie/core/base'
import { WHOLE_POLICY } from '@doverie/core/policy'
import { isNotice, isOwed } from '@doverie/core/request'
import type { Caller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import type { DutyRow } from '../../store/duties.ts'
import { assertOfficer } from '../duties.ts'
import { lawFor, policyOf } from '../requests/law.ts'
import { dutyKey, type DutyWords, saying } from './content.ts'
import { enterDuty } from './on-duty.ts'

export interface DutyRequest extends DutyWords {
  readonly kind: DutyKind
  /** The recipient of an agreement or of a transfer abroad, as the policy names it. */
  readonly about?: string
  /** When that takes place, or took place, of which a notice is owed: now where it is not said. */
  readonly start?: Instant
}

const ABOUT_RECIPIENT: readonly DutyKind[] = ['agreement', 'cross-border']

/**
 * Enters a duty that the software cannot find of itself: processing that ends, a change that no version of the policy shows. Throws
 * `invalid-request` for one that the law does not know or that is about nobody the policy declares, `conflict` where it runs already.
 */
export async function openDuty(vault: Vault, caller: Caller, given: DutyRequest): Promise<DutyRow> {
  const officer = assertOfficer(vault, caller)
  const { kind, about, start, ...words } = given
  const policy = policyOf(vault)
  const law = lawFor(vault, policy)
  if (!isOwed(law, kind)) {
    throw new DoverieError('invalid-request', `${law.profile.id} knows no such duty.`, { field: 'kind' })
  }
  if (ABOUT_RECIPIENT.includes(kind) ? !policy.recipients.has(about ?? '') : about !== undefined) {
    throw new DoverieError('invalid-request', 'It is about a recipient that the policy declares, or about none.', {
      field: 'about',
    })
  }
  const now = vault.now()
  if (start !== undefined && start > now && kind !== 'notice-intent') {
    throw new DoverieError('invalid-request', 'That moment is still to come.', { field: 'start' })
  }
  const duty = {
    ...{ kind, about: about ?? (kind === 'notice-change' ? `${policy.id} ${now}` : WHOLE_POLICY), start: start ?? now },
    facts: { version: policy.id, ...(isNotice(kind) ? { start: start ?? now } : {}) },
  }
  const said = Object.keys(words).length === 0 ? {} : { said: await sayingFirst(vault, words) }
  const entered = await transaction(vault.data, (tx) =>
    enterDuty(vault, tx, officer, { policy, law }, { ...duty, ...said }),
  )
  if (entered === null) throw new DoverieError('conflict', 'Such a duty runs already.', { field: 'kind' })
  return entered
}

/** The words under a key of the duty to be. A crash before it is entered, or one that runs already, leaves a key of nothing. */
async function sayingFirst(vault: Vault, words: DutyWords): Promise<Pick<DutyRow, 'id' | 'sealed'>> {
  const id = vault.newId()
  return { id, sealed: saying(await dutyKey(vault, id), null, words) }
}

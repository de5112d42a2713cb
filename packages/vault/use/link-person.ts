import { DoverieError, type Facts, type Uuid } from '@doverie/core/base'
import type { SubjectCaller } from '../guard/caller.ts'
import { change, type ChangeRequest } from '../guard/change.ts'
import { CONSENT, withEvidence } from '../guard/evidence.ts'
import { asList, currentValues, type Values, tagsOf, writeValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { insertConflict } from '../store/documents.ts'
import { proveTags } from '../store/tags.ts'
import { reconcile } from './collect-form.ts'
import { finishDestruction } from './destroy-data.ts'
import { RIGHTS } from './on-person.ts'
import { holderOf } from './request-code.ts'
import { isTargetOf } from './sign-in-code.ts'

/** A person's values and grounds, to be carried over. Personal: lives only inside this file. */
interface Carried {
  readonly values: ReadonlyMap<string, Values>
  readonly facts: Facts
}

/**
 * Takes a proved mailbox into account for the person whose sign-in it ends, and gives whom the session is for. The address
 * must still be theirs. Where somebody else has proved the same address before, this submission is theirs too: it is carried
 * over to them (never over confirmed values) and the submission's own person is destroyed; what conflicts stays for staff.
 * Whose data were confirmed themselves is nobody's submission: they stay whole, and staff look who is who.
 */
export async function linkProved(vault: Vault, subject: Uuid, target: Buffer): Promise<Uuid> {
  const caller: SubjectCaller = { kind: 'subject', subject, proved: ['email'] }
  const outcome = await change(vault, own(vault, caller, 'prove-identifier'), async (changing) => {
    const contact = (await currentValues(changing)).get('contact')?.['email']
    if (typeof contact !== 'string' || !isTargetOf(vault, target, contact)) return null
    const [tag] = tagsOf(vault, 'email', contact)
    const other = tag === undefined ? undefined : await holderOf(vault, tag, subject, changing.tx)
    if (tag === undefined || changing.facts().proved.includes('email') || other === undefined) {
      changing.apply({ kind: 'identifier-proved', identifier: 'email', at: changing.at })
      // This very address: by the time it is marked, the person may have another.
      if (tag !== undefined) changing.afterCommit(() => proveTags(vault.keys, subject, tag))
      return { holder: subject, carry: false }
    }
    if (changing.facts().confirmedAt !== null) {
      const conflict = { id: vault.newId(), subject: other, other: subject, fields: ['email'], at: changing.at }
      await insertConflict(changing.tx, conflict)
    }
    return { holder: other, carry: changing.facts().confirmedAt === null }
  })
  if (outcome.effect === 'refuse' || outcome.value === null) {
    throw new DoverieError('code-invalid', undefined, { field: 'code' })
  }
  const { holder, carry } = outcome.value
  if (carry) await carryOver(vault, caller, holder)
  return holder
}

function own(vault: Vault, caller: SubjectCaller, act: string): ChangeRequest {
  const policy = vault.policy()
  const entity = policy === null ? undefined : [...policy.entities.keys()][0]
  if (policy === null || entity === undefined) throw new DoverieError('policy-absent')
  return {
    caller,
    subject: caller.subject,
    act,
    operation: 'clarify:update',
    purpose: RIGHTS,
    entity,
    fields: [],
    compartments: [...policy.compartments.keys()],
  }
}

async function carryOver(vault: Vault, from: SubjectCaller, to: Uuid): Promise<void> {
  const read = await change(vault, own(vault, from, 'carry-over'), async (changing): Promise<Carried> => {
    return { values: await currentValues(changing), facts: changing.facts() }
  })
  if (read.effect === 'refuse') throw new DoverieError('conflict')
  const { values, facts } = read.value
  const given = new Map([...values].filter(([compartment]) => !['consent', 'contract'].includes(compartment)))
  const target: SubjectCaller = { kind: 'subject', subject: to, proved: ['email'] }
  const outcome = await change(vault, own(vault, target, 'link'), async (changing) => {
    const { taken, conflicts } = await reconcile(vault, changing, given)
    const before = await currentValues(changing)
    const lists = joinLists(before, values)
    await writeValues(vault, changing, new Map([...taken, ...lists]))
    for (const { purpose, entity, until } of facts.consents) {
      changing.apply({ kind: 'consent-given', purpose, entity, until, at: changing.at })
    }
    for (const { id, entity, service, endedAt } of facts.contracts) {
      // As where a contract is made: of a service without numbers there is one in force, of others as many as were ordered.
      const numbered = changing.policy.services.get(service)?.numbered === true
      const same = changing
        .facts()
        .contracts.some((one) => one.service === service && one.entity === entity && one.endedAt === null)
      if (endedAt !== null || (same && !numbered)) continue
      changing.apply({ kind: 'contract-began', id, entity, service, at: changing.at })
    }
    if (conflicts.length > 0) {
      const conflict = { id: vault.newId(), subject: to, other: from.subject, fields: conflicts, at: changing.at }
      await insertConflict(changing.tx, conflict)
    }
    return conflicts
  })
  if (outcome.effect === 'refuse') throw new DoverieError('conflict')
  if (outcome.value.length === 0) await destroyCarried(vault, from)
}

/** Evidence and contract numbers of both, one after the other. */
function joinLists(
  before: ReadonlyMap<string, Values>,
  carried: ReadonlyMap<string, Values>,
): ReadonlyMap<string, Values> {
  const joined = new Map<string, Values>()
  const evidence = carried.get(CONSENT)?.['consent-records']
  if (evidence !== undefined) {
    joined.set(CONSENT, withEvidence(before.get(CONSENT), asList(evidence)))
  }
  const numbers = carried.get('contract')?.['contract-numbers']
  if (numbers !== undefined) {
    const own = before.get('contract')?.['contract-numbers'] ?? []
    joined.set('contract', { 'contract-numbers': [...asList(own), ...asList(numbers)] })
  }
  return joined
}

/** What was carried over is destroyed where it came from: one person, one set of data. */
async function destroyCarried(vault: Vault, from: SubjectCaller): Promise<void> {
  const outcome = await change(vault, own(vault, from, 'carry-over'), (changing) => {
    changing.apply({ kind: 'destruction-begun', compartments: changing.facts().held, person: true, at: changing.at })
    return Promise.resolve(changing.facts().held)
  })
  if (outcome.effect === 'permit') await finishDestruction(vault, from.subject, outcome.value, true)
}

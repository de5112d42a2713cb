import type { Localised, PublicBan } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { Personal } from '../../personal.ts'
import type { Permit } from '../../permit.ts'
import type { Vault } from '../../guard/vault.ts'
import { findPublication } from '../../store/publications.ts'
import { unsealAnswer } from '../open-fields.ts'
import { disseminatorOf, inNameOf } from './disseminator.ts'
import { publicationIn } from './make-public.ts'

/** What everybody may see, with what they may not do with it. */
export interface PublicData {
  readonly handle: string
  readonly operator: string
  readonly entity: Localised
  readonly purpose: Localised
  readonly since: number
  readonly fields: readonly PublicField[]
}

export interface PublicField {
  readonly field: string
  readonly label: Localised
  /** Opened by `permit`. */
  readonly value: Personal
  readonly permit: Permit
  readonly bans: readonly PublicBan[]
}

/**
 * Opens to whoever asks what a person made public under this name (operation `transfer:disseminate`; clause 3.1, 152-FZ art. 10.1): each field
 * that is still so by the facts and the policy of now, with its entry in the person's history before a value leaves. Null for everything else,
 * whether it never was or is no more. `people`: so many asked, and are served together; the entry says it where it is more than one. INVARIANT: once a withdrawal or a ban is acknowledged, nothing that it ends is served.
 */
export async function servePublic(vault: Vault, handle: string, people: number): Promise<PublicData | null> {
  const policy = vault.policy()
  const row = policy === null ? null : await findPublication(vault.data, handle)
  if (policy === null || row === null) return null
  const { subject, purpose, entity } = row
  const { facts } = await vault.people.get(subject, vault.now())
  const live = publicationIn(facts, purpose, entity)
  if (facts === null || live === null) return null
  const services = new Map<string, string[]>()
  for (const field of Object.keys(live.fields)) {
    const { by } = disseminatorOf(policy, { purpose, entity, field }, facts, vault.now())
    if (by !== null) services.set(by, [...(services.get(by) ?? []), field])
  }
  const fields: PublicField[] = []
  for (const [service, names] of services) {
    const answer = await vault.reads.ask({
      caller: inNameOf(policy, service, purpose),
      subject,
      act: 'serve-public',
      operation: 'transfer:disseminate',
      ...{ purpose, entity, fields: names, ticket: undefined, opens: true, people },
    })
    const { permit } = answer
    // INVARIANT: what is shown is what the facts of the entry say is public, not those looked at before.
    const now = publicationIn(answer.person.facts, purpose, entity)
    if (permit === null || now === null) continue
    const values = await unsealAnswer(vault, answer, permit)
    for (const field of names) {
      const value = values.get(field)
      const bans = now.fields[field]
      if (value !== undefined && bans !== undefined) {
        fields.push({ field, label: labelOf(policy, field), value, permit, bans })
      }
    }
  }
  if (fields.length === 0) return null
  const [entityLabel, purposeLabel] = [policy.entities.get(entity)?.label, policy.purposes.get(purpose)?.label]
  return {
    handle,
    operator: policy.operator.name,
    entity: entityLabel ?? { ru: entity },
    purpose: purposeLabel ?? { ru: purpose },
    since: live.since,
    fields,
  }
}

function labelOf(policy: Policy, field: string): Localised {
  return policy.fields.get(field)?.label ?? { ru: field }
}

import { DoverieError, type Instant, type RequestKind } from '@doverie/core/base'
import { type Law, lawOf, type Marks, withYears } from '@doverie/core/request'
import type { Policy } from '@doverie/core/policy'
import { type Caller, OWN_CREDENTIAL, type ServiceCaller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'

/** The policy in force. Throws `policy-absent`: without it nothing says what a letter asks for, nor by which law it is answered. */
export function policyOf(vault: Vault): Policy {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  return policy
}

/** By what terms requests are counted: the law that the policy names, in its zone, with the operator's own calendar years. */
export function lawFor(vault: Vault, policy: Policy): Law {
  const law = lawOf(policy.profile ?? 'ru-152fz', policy.zone)
  const { calendar } = law
  return calendar === null ? law : { ...law, calendar: withYears(calendar, vault.calendarYears) }
}

/** What marks on letters mean, as the policy asks for them. */
export function marksOf({ operator }: Policy): Marks {
  const kinds = ['withdrawal', 'information'] as const
  return kinds.map((kind) => ({ kind, mark: operator.marks[kind] }))
}

/** Purposes of promotion: those that rest on the law's consent to it. What stops them stops at once. */
export function promotionOf(policy: Policy): readonly string[] {
  return restingOn(policy, 'marketing-consent')
}

/** Purposes of opening data to everyone: those that rest on the law's consent to that. */
export function dissemination(policy: Policy): readonly string[] {
  return restingOn(policy, 'dissemination-consent')
}

function restingOn(policy: Policy, basis: string): readonly string[] {
  return [...policy.purposes.values()].filter((purpose) => purpose.basis.includes(basis)).map(({ id }) => id)
}

/** The clauses that acts on requests name: those on people's rights. */
export function clausesOf(policy: Policy): readonly string[] {
  return policy.purposes.get(policy.system.rights)?.clauses ?? []
}

/** In whose name what is due of itself is done, decided by the rules like anybody's act. */
export function keeperOf(policy: Policy): ServiceCaller {
  return {
    kind: 'service',
    // Of a version without the part it is nobody, who may do nothing.
    name: policy.system.keeper ?? '',
    credential: OWN_CREDENTIAL,
    entities: [...policy.entities.keys()],
    purposes: [policy.system.law, policy.system.rights],
    // No limit: the largest number that can be counted.
    peoplePerHour: 2_000_000_000,
  }
}

/** Who did something, as the register names them: staff by their pseudonym, the person and the software not at all. */
export function registrarOf(caller: Caller | null): string | null {
  return caller?.kind === 'staff' ? caller.pseudonym : caller?.kind === 'service' ? caller.name : null
}

/** The year of a moment where the operator is. */
export function yearOf(zone: string, at: Instant): number {
  return Number(new Intl.DateTimeFormat('en-US', { timeZone: zone, year: 'numeric' }).format(at))
}

/** What a stop is for, once its author is proved; before that it is only claimed. */
export function blockReasonOf(kind: RequestKind): 'inaccuracy' | 'unlawful' | 'subject' {
  return kind === 'inaccuracy' || kind === 'unlawful' ? kind : 'subject'
}

/** Whom an act is decided for where a letter is addressed to the brand. */
export function firstEntity(policy: Policy): string {
  return [...policy.entities.keys()][0] ?? ''
}

/** A number as the register shows it, `2026-000012`. */
export function numberOf(year: number, number: number): string {
  return `${year}-${String(number).padStart(6, '0')}`
}

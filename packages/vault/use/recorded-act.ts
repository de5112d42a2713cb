import type { Instant, Operation } from '@doverie/core/base'
import type { Act, Decision } from '@doverie/core/policy'

/** A ledger entry's body as `guard/entry.ts` writes it, as far as a decision depends on it. */
export interface RecordedAct {
  readonly id: string
  readonly act: string
  readonly actor: {
    readonly kind: 'subject' | 'representative' | 'service' | 'staff' | 'system'
    readonly name: string
  }
  readonly at: Instant
  readonly clauses: readonly string[]
  readonly effect: Decision['effect']
  readonly operation: Operation | null
  readonly policy: string
  readonly purpose?: string
  readonly entity?: string
  readonly fields?: readonly string[]
  readonly reasons?: readonly string[]
  readonly recipient?: string
  readonly channel?: string
  readonly ticket?: string
}

/** What no policy decided, so none would decide it otherwise. */
const NOT_BY_POLICY: ReadonlySet<string> = new Set(['credential-scope', 'outside-authority', 'policy-absent'])
const NO_FIELDS: readonly string[] = []

/** The act that an entry records, as it was put to the policy; null where no policy judged it. */
export function actOf(entry: RecordedAct): Act | null {
  const { actor, operation, purpose, entity, fields, recipient, channel, ticket, reasons, at } = entry
  if (operation === null || purpose === undefined || entity === undefined || actor.kind === 'system') return null
  if (reasons?.some((reason) => NOT_BY_POLICY.has(reason)) === true) return null
  return {
    actor: { kind: actor.kind, name: actor.name },
    operation,
    purpose,
    entity,
    fields: fields ?? NO_FIELDS,
    ticket: ticket !== undefined,
    ...(recipient === undefined ? {} : { recipient }),
    ...(channel === undefined ? {} : { channel }),
    now: at,
  }
}

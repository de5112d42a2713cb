import type { Facts, Instant, Operation } from '../../base/index.ts'
import type { Act } from '../decision.ts'
import { type ActorDeclaration, type Predicate, PERSON } from '../model.ts'
import type { Policy } from '../policy.ts'

/** The moment of all witnesses. What matters is only how other moments lie to it. */
export const NOW: Instant = Date.UTC(2100, 0, 15)
export const DAY = 86_400_000

/** The id under which the one representative of a witness was verified. */
export const REPRESENTATIVE = '00000000-0000-4000-8000-000000000001'

/** A point of the space of acts: one actor, operation, purpose and entity, and one datum (a field, or `person`). */
export interface Point {
  readonly actor: ActorDeclaration
  readonly operation: Operation
  readonly purpose: string
  readonly entity: string
  readonly datum: string
}

/** What a class of points is proved for: the policy, a point of the class, and every predicate that is to be told apart. */
export interface Frame {
  readonly policy: Policy
  readonly point: Point
  readonly asks: readonly Predicate[]
}

export type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** A witness in the making. The values of the axes write into it. */
export interface Draft {
  known: boolean
  ticket: boolean
  recipient: string | null
  now: Instant
  readonly facts: Mutable<Facts>
}

/** A person of whom the data are there and nothing else is known, and an act without ticket and recipient. */
export function blank(policy: Policy): Draft {
  return {
    known: true,
    ticket: false,
    recipient: null,
    now: NOW,
    facts: {
      state: 'live',
      held: [...policy.compartments.keys()],
      dying: [],
      collectedAt: NOW,
      confirmedAt: null,
      proved: [],
      blocked: null,
      contracts: [],
      consents: [],
      closed: {},
      opened: [],
    },
  }
}

/** The act of a witness at a point. */
export function actOf(point: Point, draft: Draft): Act {
  const { actor, operation, purpose, entity, datum } = point
  return {
    actor: { kind: actor.kind, name: nameOf(actor) },
    operation,
    purpose,
    entity,
    fields: datum === PERSON ? [] : [datum],
    ticket: draft.ticket,
    ...(draft.recipient === null ? {} : { recipient: draft.recipient }),
    now: draft.now,
  }
}

function nameOf({ kind, id }: ActorDeclaration): string {
  if (kind === 'subject') return ''
  return kind === 'representative' ? REPRESENTATIVE : id
}

/** The facts of a witness: null where the person is unknown. */
export function factsOf(draft: Draft): Facts | null {
  return draft.known ? draft.facts : null
}

import { BLOCK_REASONS, OPERATIONS, REPRESENTATIVE_KINDS } from '../../base/index.ts'
import type { Declarations } from '../model.ts'
import type { Frame } from './witness.ts'

/** How many points the decision space of a bundle has, exactly. */
export interface SpaceSize {
  /** Kinds of acts: actor, operation, purpose, entity, datum, channel, recipient, ticket. */
  readonly acts: bigint
  /** Kinds of persons, as far as any predicate can tell them apart. */
  readonly persons: bigint
  readonly points: bigint
}

/**
 * The size of the whole space, as the product of its dimensions. Of a contract, a consent and a hold it counts what may
 * be so at one moment (never, live, ended a while ago, ended long ago), for every service, purpose and entity by itself.
 */
export function sizeOf(policy: Declarations, asks: Frame['asks']): SpaceSize {
  const acts = actsOf(policy)
  const persons = personsOf(policy, asks)
  return { acts, persons, points: acts * persons }
}

function actsOf(policy: Declarations): bigint {
  const transfers = OPERATIONS.filter((operation) => operation.startsWith('transfer:')).length
  // An act that is no transfer names no recipient.
  const operations = n(OPERATIONS.length - transfers) + n(transfers) * n(policy.recipients.size + 1)
  const days = n(
    new Set([...policy.services.values(), ...policy.overlays.values()].map(({ effective }) => effective?.day ?? ''))
      .size,
  )
  return (
    n(policy.actors.size) *
    operations *
    n(policy.purposes.size) *
    n(policy.entities.size) *
    n(policy.fields.size + 1) *
    n(policy.channels.size + 1) *
    2n *
    days
  )
}

function personsOf(policy: Declarations, asks: Frame['asks']): bigint {
  const { entities, purposes, compartments, fields, services } = policy
  const terms = new Set(asks.flatMap((one) => (one.is === 'unconfirmed-longer-than' ? [one.milliseconds] : [])))
  const identifiers = new Set(asks.flatMap((one) => (one.is === 'proved' ? [one.identifier] : [])))
  const offered = [...services.values()].reduce((sum, service) => sum + service.entities.length, 0)
  const known =
    3n * // live, being destroyed, destroyed
    3n ** n(compartments.size) * // held, not held, being destroyed
    n(2 + terms.size) * // confirmed, or for how long not
    2n ** n(identifiers.size) *
    n(1 + BLOCK_REASONS.length) *
    4n ** n(offered) * // contracts
    4n ** n(purposes.size * entities.size) * // consents
    2n ** n(fields.size * (purposes.size + 1)) * // closed to a purpose, or to all
    3n * // of age, a minor, not known
    3n ** n(REPRESENTATIVE_KINDS.length) * // none, verified, lapsed
    2n // a legal hold
  return known + 1n // and the unknown person
}

function n(count: number): bigint {
  return BigInt(count)
}

/** `1.2 × 10^34`; exactly where it is short. */
export function roughly(count: bigint): string {
  const digits = count.toString()
  if (digits.length <= 9) return digits.replace(/\B(?=(\d{3})+$)/g, ' ')
  return `${digits[0] ?? ''}.${digits[1] ?? ''} × 10^${digits.length - 1}`
}

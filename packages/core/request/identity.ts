import type { Localised, RequestKind } from '../base/index.ts'
import data from './identity.json' with { type: 'json' }

/** A way in which somebody is shown to be who they say. */
export interface IdentityMethod {
  /** 1: what one mailbox or one secret can show; 2: what two can, or a bound device; 3: a document checked. */
  readonly level: 1 | 2 | 3
  /** What is relied on: two methods that rely on the same show no more than one. */
  readonly channel: string
  /** Who can say that it succeeded. */
  readonly by: 'software' | 'staff'
  readonly label: Localised
  /** For so many days what is relied on must have stood: what a session has added lately shows no more than that session. */
  readonly settlesDays?: number
  /** False for what nobody is asked for, though it proves something. */
  readonly offered?: boolean
}

export type IdentityMethodId = keyof typeof data.methods

/** The methods that there are. A check is recorded by its method, result, who and when; no copy of a document is kept. */
export const IDENTITY_METHODS = data.methods as Readonly<Record<IdentityMethodId, IdentityMethod>>

/** What was proved in a session is believed for so many milliseconds. */
export const PROOF_FRESH: number = data.freshMinutes * 60_000

/** How long, in milliseconds, what a method relies on must have stood before it counts. */
export function settling(method: IdentityMethodId): number {
  return (IDENTITY_METHODS[method].settlesDays ?? 0) * 86_400_000
}

/** True for the name of a method. */
export function isIdentityMethod(name: string): name is IdentityMethodId {
  return Object.hasOwn(IDENTITY_METHODS, name)
}

/** How sure one must be of who asks, by what a mistake would do: 0 is not at all, for what only protects. */
export function levelFor(kind: RequestKind): number {
  return data.levels[kind]
}

/**
 * The level that several proofs reach together: the highest of one, and two where two of level 1 rely on different things. A mailbox
 * alone, however often it is proved, stays at 1: who has taken it over must not be able to destroy.
 */
export function levelReached(methods: readonly string[]): number {
  const known = methods.filter(isIdentityMethod).map((id) => IDENTITY_METHODS[id])
  const best = Math.max(0, ...known.map(({ level }) => level))
  return best === 1 && new Set(known.map(({ channel }) => channel)).size > 1 ? 2 : best
}

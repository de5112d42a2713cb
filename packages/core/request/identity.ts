import type { Localised, RequestKind } from '../base/index.ts'
import data from './identity.json' with { type: 'json' }

/** A way in which somebody is shown to be who they say. */
export interface IdentityMethod {
  /**
   * 1: what one mailbox or one secret can show; 2: what two can, or a bound device; 3: a document checked. 0: nothing by itself; what the
   * policy makes of it stands in the record of the proof, and adds to no other.
   */
  readonly level: 0 | 1 | 2 | 3
  /** What is relied on: two methods that rely on the same show no more than one. */
  readonly channel: string
  /** Who can say that it succeeded. */
  readonly by: 'software' | 'staff'
  readonly label: Localised
  /** For so many days what is relied on must have stood: what a session has added lately shows no more than that session. */
  readonly settlesDays?: number
  /** False for what nobody is asked for, though it proves something. */
  readonly offered?: boolean
  /** The method that must have succeeded for the same letter before: what its record says, nobody's word replaces. */
  readonly after?: string
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

/** By what staff see who somebody is where there is no letter: a document, or a paper that a notary has witnessed. */
export function documentMethods(): readonly string[] {
  const shown = Object.entries(IDENTITY_METHODS).filter(
    ([, { by, level, after }]) => by === 'staff' && level === 3 && after === undefined,
  )
  return shown.map(([id]) => id)
}

/** How sure one must be of who asks, by what a mistake would do: 0 is not at all, for what only protects. */
export function levelFor(kind: RequestKind): number {
  return data.levels[kind]
}

/**
 * The level that several proofs reach together: the highest of one, and two where two of level 1 rely on different things. A mailbox
 * alone, however often it is proved, stays at 1: who has taken it over must not be able to destroy. What is worth nothing by itself
 * counts as its record says, and is no second thing beside another.
 */
export function levelReached(proofs: readonly { readonly method: string; readonly level: number }[]): number {
  const known = proofs.flatMap(({ method, level }) =>
    isIdentityMethod(method) ? [{ ...IDENTITY_METHODS[method], recorded: level }] : [],
  )
  const best = Math.max(0, ...known.map(({ level, recorded }) => (level === 0 ? Math.min(recorded, 1) : level)))
  const things = known.flatMap(({ level, channel }) => (level === 0 ? [] : [channel]))
  return best === 1 && new Set(things).size > 1 ? 2 : best
}

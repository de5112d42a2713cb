import type { Uuid } from '@doverie/core/base'
import { DoverieError } from '@doverie/core/base'

/** What a permit is for. */
export interface PermitScope {
  readonly subject: Uuid
  readonly fields: readonly string[]
  readonly compartments: readonly string[]
  /** The decision it rests on: the id of the ledger entry. */
  readonly decision: Uuid
}

/** What the constructor asks for. TypeScript's `private` is gone at run time, this is not: nobody outside this file holds it. */
const ISSUER = Symbol('permit issuer')

/** Set by the class itself, which alone can call its constructor, and look for its brand. */
let makePermit: (scope: PermitScope) => Permit
let isPermit: (value: object) => boolean

/**
 * Leave to unseal some compartments of one person, once decided and to be recorded.
 * INVARIANT: `store` gives ciphertext and values open only against one of these, and only the guard makes them. It has a
 * private brand: no object literal passes for it when compiling, and at run time only what this constructor made has it.
 */
export class Permit {
  readonly #scope: PermitScope

  private constructor(scope: PermitScope, issuer: symbol) {
    if (issuer !== ISSUER) throw new DoverieError('permit-invalid')
    const { subject, fields, compartments, decision } = scope
    // Copied and frozen: who holds a permit, or the lists it was made from, cannot widen it afterwards.
    this.#scope = {
      subject,
      fields: Object.freeze([...fields]),
      compartments: Object.freeze([...compartments]),
      decision,
    }
  }

  get subject(): Uuid {
    return this.#scope.subject
  }
  get fields(): readonly string[] {
    return this.#scope.fields
  }
  get compartments(): readonly string[] {
    return this.#scope.compartments
  }
  get decision(): Uuid {
    return this.#scope.decision
  }

  static {
    makePermit = (scope) => new Permit(scope, ISSUER)
    isPermit = (value) => #scope in value
  }
}

let taken = false

/**
 * The right to issue permits. It is given once per process, to the guard, which takes it as its module loads; whoever asks
 * later gets `permit-invalid`.
 */
export function takePermitIssuer(): (scope: PermitScope) => Permit {
  if (taken) throw new DoverieError('permit-invalid', 'Only the guard issues permits.')
  taken = true
  return makePermit
}

/** Throws `permit-invalid` unless this very object was issued by the guard. */
export function assertPermit(permit: Permit): void {
  // Called with whatever came in place of a permit, too.
  const value: unknown = permit
  if (typeof value !== 'object' || value === null || !isPermit(value)) throw new DoverieError('permit-invalid')
}

import { inspect } from 'node:util'
import { DoverieError } from '@doverie/core/base'
import { assertPermit, type Permit } from './permit.ts'

const REDACTED = '[personal]'

/**
 * A personal value on its way out. Printing, logging and JSON show a placeholder; only a permit that names its field opens it.
 */
export class Personal {
  readonly #value: string | readonly string[]
  readonly #field: string
  readonly #permit: Permit

  constructor(value: string | readonly string[], field: string, permit: Permit) {
    assertPermit(permit)
    this.#value = value
    this.#field = field
    this.#permit = permit
  }

  /** The value, for the holder of the permit it was unsealed under. Throws `permit-invalid` for any other. */
  reveal(permit: Permit): string | readonly string[] {
    assertPermit(permit)
    if (permit !== this.#permit || !permit.fields.includes(this.#field)) throw new DoverieError('permit-invalid')
    return this.#value
  }

  toString(): string {
    return REDACTED
  }
  toJSON(): string {
    return REDACTED
  }

  static {
    Object.defineProperty(this.prototype, inspect.custom, { value: () => REDACTED })
  }
}

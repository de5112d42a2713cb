import type { DecisionIndex } from './compile.ts'
import type { Declarations } from './model.ts'

/** A parsed bundle: what it declares, and the index that `decide` walks. Immutable. */
export interface Policy extends Declarations {
  readonly index: DecisionIndex
}

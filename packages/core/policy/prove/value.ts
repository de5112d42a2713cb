import type { Axis } from './conditions.ts'
import type { Draft } from './witness.ts'
import type { Words } from './words.ts'

/** One value of an axis, and how a witness of it is made. The first value of every axis is that of a blank person. */
export interface Value {
  readonly axis: Axis
  /** How many facts it adds to a blank person. */
  readonly weight: number
  readonly says: Words
  readonly set: (draft: Draft) => void
}

/** Values of an axis before its name is put on them. */
export type Making = Omit<Value, 'axis'>

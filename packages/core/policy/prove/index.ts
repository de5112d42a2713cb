export type { Invariant } from './invariant.ts'
export { type Proof, type Proved, provePolicy } from './prove.ts'
export { roughly, type SpaceSize } from './size.ts'

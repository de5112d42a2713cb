export { isNarrowing, NARROWING_KINDS, newFacts, type PersonEvent } from './events.ts'
export { applyEvent } from './fold.ts'

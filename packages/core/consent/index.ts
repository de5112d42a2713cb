export { isNarrowing, newFacts, type PersonEvent } from './events.ts'
export { applyEvent } from './fold.ts'

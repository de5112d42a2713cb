import { describe, expect, it } from 'vitest'
import { netrack } from '../testing/netrack.ts'
import { fateOf, type Mutant, widened, withoutConditions, withoutRefusals } from './testing/mutants.ts'

const policy = netrack()
const fate = fateOf(policy)

/** What became of mutants: how many were caught, and those that answer some act otherwise and break no invariant. */
function fates(mutants: readonly Mutant[]): { readonly caught: number; readonly survivors: readonly string[] } {
  const judged = mutants.map((mutant) => ({ name: mutant.name, fate: fate(mutant) }))
  return {
    caught: judged.filter(({ fate }) => 'caught' in fate).length,
    survivors: judged.filter(({ fate }) => 'survives' in fate).map(({ name }) => name),
  }
}

describe('the invariants of the shipped bundle', () => {
  it.each([
    ['a rule of refusal is lost', withoutRefusals(policy), 6],
    ['a condition of a permit is lost', withoutConditions(policy), 40],
    ['a permit is widened to any actor, operation, purpose or datum', widened(policy), 150],
  ])(
    'catch all that opens where %s',
    (_, mutants, least) => {
      const { caught, survivors } = fates(mutants)
      expect(survivors).toEqual([])
      expect(caught).toBeGreaterThanOrEqual(least)
    },
    120_000,
  )
})

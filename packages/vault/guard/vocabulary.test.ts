import { parseBundle, type Policy } from '@doverie/core/policy'
import { describe, expect, it } from 'vitest'
import { faultOf } from '../testing/fault.ts'
import { netrackBundle } from '../testing/netrack-bundle.ts'
import type { Caller } from './caller.ts'
import { outsideScope, refusedAsNobody, refusedWithoutPolicy } from './refusals.ts'
import { checkNames } from './vocabulary.ts'

/** The policy of an operator whose clauses on names are others than NETRACK's. */
function another(): Policy {
  const files = netrackBundle()
  const rules = files.get('rules.yaml') ?? ''
  const from = rules.indexOf('defaults:')
  const own = `defaults:
  no-rule: ['3.2.1']
  no-live-data: ['5.4']
  undeclared: ['0.3']
  unknown: { purpose: ['5.1'], entity: ['6'], field: ['3.2'] }
  acts: { confirm: ['5.3'], destroy: ['5.4'], access: ['6'], adopt: ['0.5'] }
`
  files.set('rules.yaml', rules.slice(0, from) + own + rules.slice(rules.indexOf('\nrules:', from)))
  const parsed = parseBundle(files)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value
}

const policy = another()
const names = { purpose: 'rights', entity: 'start', fields: ['email'] }

describe('a name that the policy does not know', () => {
  it.each([
    [{ purpose: 'marketting' }, 'unknown-purpose', '5.1', 'purpose'],
    [{ entity: 'brand' }, 'unknown-entity', '6', 'entity'],
    [{ fields: ['email', 'shoe-size'] }, 'unknown-field', '3.2', 'fields[1]'],
  ] as const)('%j is a fault with the clause that this policy has for it', async (other, code, clause, field) => {
    const fault = await faultOf(() => {
      checkNames(policy, { ...names, ...other })
    }, code)
    expect(fault.details).toEqual({ field, clause })
  })
})

describe('a refusal that no rule makes', () => {
  const service = (purposes: readonly string[]): Caller => ({
    kind: 'service',
    name: 'site',
    credential: '00000000-0000-4000-8000-000000000002',
    purposes,
    entities: ['start'],
    peoplePerHour: 1,
  })

  it('names this policy’s clauses, and none where there is no policy', () => {
    const ask = { caller: service([]), act: 'open', entity: 'start' }
    expect(outsideScope(policy, { ...ask, purpose: 'nonsense' })?.clauses).toEqual(['3.2.1'])
    expect(outsideScope(policy, { ...ask, purpose: 'identification' })?.clauses).toEqual(['2.2.1'])
    expect(outsideScope(policy, { ...ask, caller: service(['rights']), purpose: 'rights' })).toBeNull()
    expect(refusedAsNobody(policy).clauses).toEqual(['5.4'])
    expect(refusedWithoutPolicy()).toMatchObject({ effect: 'refuse', clauses: [], policy: 'none' })
  })
})

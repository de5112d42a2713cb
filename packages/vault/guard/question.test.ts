import type { Facts } from '@doverie/core/base'
import { newFacts } from '@doverie/core/consent'
import { decide, parseBundle, type Policy } from '@doverie/core/policy'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultOf } from '../testing/fault.ts'
import { netrackBundle } from '../testing/netrack-bundle.ts'
import type { ServiceCaller, StaffCaller } from './caller.ts'
import { bodyOf } from './entry.ts'
import { Person } from './people.ts'
import { type Asked, Question, Questions } from './question.ts'
import { RefKey } from './ref-key.ts'

function loaded(): Policy {
  const parsed = parseBundle(netrackBundle())
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
  return parsed.value
}

const policy = loaded()
const [DAY, NOW] = [86_400_000, Date.UTC(2026, 10, 25)]
const kRef = new RefKey(Buffer.alloc(32, 1))
const service: ServiceCaller = {
  kind: 'service',
  name: 'billing',
  credential: '00000000-0000-4000-8000-000000000002',
  purposes: [...policy.purposes.keys()],
  entities: [...policy.entities.keys()],
  peoplePerHour: 1,
}
const staff: StaffCaller = {
  kind: 'staff',
  name: 'support',
  staff: '00000000-0000-4000-8000-000000000003',
  pseudonym: 's',
}
const person = (facts: Facts | null): Person => new Person('p', facts === null ? 0 : 1, facts, kRef, [])
const asked: Asked = {
  caller: service,
  act: 'open',
  operation: 'extract',
  purpose: 'identification',
  entity: 'start',
  fields: ['email', 'phone'],
  ticket: undefined,
  opens: true,
}

const near = fc.integer({ min: NOW - 40 * DAY, max: NOW + 40 * DAY })
const facts: fc.Arbitrary<Facts> = fc
  .record({
    collectedAt: near,
    confirmedAt: fc.option(near),
    blocked: fc.option(fc.record({ since: near, reason: fc.constant('unconfirmed' as const) })),
    contracts: fc.array(
      fc.record({
        id: fc.constant('c'),
        entity: fc.constant('start'),
        service: fc.constant('dedicated-server'),
        since: near,
        endedAt: fc.option(near),
      }),
      { maxLength: 2 },
    ),
    closed: fc.constantFrom({}, { phone: ['*'] }),
  })
  .map((some) => ({ ...newFacts(0), held: [...policy.compartments.keys()].sort(), ...some }))
const questions: fc.Arbitrary<Asked> = fc.record({
  caller: fc.constantFrom(service, staff, { ...service, purposes: ['payment'] }),
  act: fc.constant('open'),
  operation: fc.constant('extract' as const),
  purpose: fc.constantFrom('identification', 'payment', 'rights', 'delivery'),
  entity: fc.constant('start'),
  fields: fc.subarray(['email', 'phone', 'surname', 'payment-last4'], { minLength: 1 }),
  ticket: fc.constantFrom(undefined, 'SUP-1'),
  opens: fc.boolean(),
})

describe('a question remembered', () => {
  it('is answered for every person at every instant as if it were asked for the first time', () => {
    fc.assert(
      fc.property(
        fc.array(questions, { minLength: 1, maxLength: 3 }),
        fc.array(facts, { maxLength: 3 }),
        fc.array(near),
        (several, people, instants) => {
          const known = new Questions()
          const persons = people.map(person)
          for (const at of instants) {
            for (const one of several) {
              for (const [i, who] of persons.entries()) {
                const judged = known.of(policy, one).judge(who, at)
                const fresh = new Question(policy, one).judge(person(people[i] ?? null), at)
                expect(judged.decision).toEqual(fresh.decision)
                const content = { ...one, decision: fresh.decision }
                expect(bodyOf(content, 'id', 'ref', 1)).toContain(judged.text.beforeId)
                expect(judged.text).toEqual(fresh.text)
              }
            }
          }
        },
      ),
    )
  })

  it('decides as the policy does, within the scope of the credential', () => {
    fc.assert(
      fc.property(facts, near, (some, now) => {
        const { purpose, entity, fields, operation } = asked
        const actor = { kind: 'service', name: 'billing' } as const
        const act = { actor, operation, purpose, entity, fields, ticket: false, now }
        expect(new Question(policy, asked).judge(person(some), now).decision).toEqual(decide(policy, act, some))
        const elsewhere = new Question(policy, { ...asked, caller: { ...service, purposes: ['payment'] } })
        expect(elsewhere.judge(person(some), now).decision.causes[0]?.reason).toBe('credential-scope')
      }),
    )
  })

  it('is another one for another credential, role, scope, act, purpose, list of fields and ticket, and under another policy', () => {
    const known = new Questions()
    const first = known.of(policy, asked)
    expect(known.of(policy, { ...asked, caller: { ...service } })).toBe(first)
    expect(known.of(policy, { ...asked, fields: [...asked.fields] })).toBe(first)
    const others: readonly Partial<Asked>[] = [
      { caller: { ...service, credential: '00000000-0000-4000-8000-000000000009' } },
      { caller: { ...service, purposes: ['payment'] } },
      { caller: staff },
      { caller: { ...staff, name: 'dpo' } },
      { act: 'decide' },
      { operation: 'use' },
      { purpose: 'payment' },
      { fields: ['email'] },
      { ticket: 'SUP-1' },
      { opens: false },
    ]
    for (const other of others) expect(known.of(policy, { ...asked, ...other })).not.toBe(first)
    const again = loaded()
    expect(known.of(again, asked).policy).toBe(again)
    expect(known.of(null, asked).judge(person(null), NOW).decision.policy).toBe('none')
  })

  it('names no name twice, and refuses one that the policy does not declare, also where it is made of two that it does', async () => {
    const known = new Questions()
    expect(known.of(policy, { ...asked, fields: ['email', 'phone', 'email'] }).fields).toEqual(['email', 'phone'])
    known.of(policy, asked)
    await faultOf(() => known.of(policy, { ...asked, fields: ['email\0phone'] }), 'unknown-field')
    await faultOf(
      () => known.of(policy, { ...asked, purpose: `${asked.purpose}\0start`, entity: 'email' }),
      'unknown-purpose',
    )
  })
})

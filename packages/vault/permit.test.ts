/* eslint @typescript-eslint/no-unsafe-class-instance-assignment: off, @typescript-eslint/no-unsafe-return: off -- what the rules forbid is tried here */
import { describe, expect, it } from 'vitest'
import { assertPermit, Permit, type PermitScope, takePermitIssuer } from './permit.ts'
import { Personal } from './personal.ts'
import type { Queryable } from './store/database.ts'
import { ReadLane } from './store/read-lane.ts'
import { lockRecords } from './store/records.ts'

// Vitest gives each test file modules of its own: here, where no guard is loaded, the issuer is still to be had.
const issue = takePermitIssuer()
const scope: PermitScope = {
  subject: '11111111-1111-4111-8111-111111111111',
  fields: ['email'],
  compartments: ['contact'],
  decision: '22222222-2222-4222-8222-222222222222',
}
const invalid = expect.objectContaining({ code: 'permit-invalid' }) as Error
/** A database that must not be asked. */
const untouched: Queryable = { query: () => Promise.reject(new Error('the database was asked')) }

describe('what is no permit for the compiler', () => {
  it('a literal of the same shape', () => {
    // @ts-expect-error -- a permit has a private brand that no literal has
    const literal: Permit = { ...scope }
    expect(() => {
      assertPermit(literal)
    }).toThrow(invalid)
  })

  it('an object of the class made by anybody but the guard', () => {
    // @ts-expect-error -- the constructor is private
    expect(() => new Permit(scope)).toThrow(invalid)
    // @ts-expect-error -- and a class with a private constructor has no subclass
    class Forged extends Permit {}
    expect(() => Reflect.construct(Forged, [scope]) as unknown).toThrow(invalid)
  })

  it('its scope, its absence, or a promise of it, where the store or a value asks for one', async () => {
    const calls = [
      // @ts-expect-error -- the store gives ciphertext against a permit only
      () => lockRecords(untouched),
      // @ts-expect-error -- a scope is no permit
      () => lockRecords(untouched, scope),
      // @ts-expect-error -- nothing is no permit
      () => lockRecords(untouched, null),
      // @ts-expect-error -- a promise of a permit is no permit
      () => lockRecords(untouched, Promise.resolve(issue(scope))),
    ]
    for (const call of calls) expect(call).toThrow(invalid)
    // @ts-expect-error -- a personal value is made under a permit
    expect(() => new Personal('anna@example.org', 'email', scope)).toThrow(invalid)
    const value = new Personal('anna@example.org', 'email', issue(scope))
    // @ts-expect-error -- and opened with it
    expect(() => value.reveal()).toThrow(invalid)
    const call = { subject: scope.subject, version: 1, credential: null, leaf: '00'.repeat(32), body: Buffer.alloc(1) }
    // @ts-expect-error -- a read call carries a permit or says null
    const unpermitted: Parameters<ReadLane['run']>[0] = [{ ...call, permit: scope }]
    expect(unpermitted).toHaveLength(1)
    await Promise.resolve()
  })
})

describe('what is no permit at run time', () => {
  const genuine = issue(scope)
  const forgeries: readonly (readonly [string, () => unknown])[] = [
    ['an object with the prototype of a permit', () => Object.create(Permit.prototype) as unknown],
    ['a literal given that prototype', () => Object.setPrototypeOf({ ...scope }, Permit.prototype) as unknown],
    ['a proxy of a permit', () => new Proxy(genuine, {})],
    ['an object that inherits from a permit', () => Object.create(genuine) as unknown],
    ['a structured clone of one', () => structuredClone(genuine)],
    ['its JSON read back', () => JSON.parse(JSON.stringify(genuine)) as unknown],
    ['nothing', () => undefined],
  ]
  it.each(forgeries)('%s', (_, forge) => {
    const forged = forge() as Permit
    expect(() => {
      assertPermit(forged)
    }).toThrow(invalid)
    expect(() => lockRecords(untouched, forged)).toThrow(invalid)
    expect(() => new Personal('x', 'email', forged)).toThrow(invalid)
    expect(() => new Personal('x', 'email', genuine).reveal(forged)).toThrow(invalid)
  })

  it('what its class constructs for anybody who gets hold of it', () => {
    const constructors = [Permit, genuine.constructor] as (new (...rest: unknown[]) => unknown)[]
    for (const constructor of constructors) {
      expect(() => new constructor(scope)).toThrow(invalid)
      expect(() => new constructor(scope, Symbol('permit issuer'))).toThrow(invalid)
      expect(() => Reflect.construct(Object, [], constructor) as unknown).not.toThrow()
      expect(() => {
        assertPermit(Reflect.construct(Object, [], constructor) as Permit)
      }).toThrow(invalid)
    }
  })

  it('what a second taker of the issuer would make: it is given once', () => {
    expect(() => takePermitIssuer()).toThrow(invalid)
  })

  it('a read lane asks for it before it asks the database', async () => {
    const lane = new ReadLane('postgresql://nobody@127.0.0.1:1/nowhere')
    const permit = Object.create(Permit.prototype) as Permit
    const call = {
      subject: scope.subject,
      version: 1,
      credential: null,
      permit,
      leaf: '00'.repeat(32),
      body: Buffer.of(1),
    }
    await expect(lane.run([call], scope.decision, 0)).rejects.toThrow()
  })
})

describe('an issued permit', () => {
  it('cannot be widened, neither by its holder nor through the lists it was made from', () => {
    const fields = ['email']
    const compartments = ['contact']
    const permit = issue({ ...scope, fields, compartments })
    fields.push('phone')
    compartments.push('payment')
    expect(permit.fields).toEqual(['email'])
    expect(permit.compartments).toEqual(['contact'])
    expect(() => (permit.fields as string[]).push('phone')).toThrow(TypeError)
    expect(() => (permit.compartments as string[]).push('payment')).toThrow(TypeError)
    expect(() => {
      ;(permit as { subject: string }).subject = scope.decision
    }).toThrow(TypeError)
  })
})

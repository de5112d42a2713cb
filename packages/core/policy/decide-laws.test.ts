import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { BLOCK_REASONS, type Facts, OPERATIONS } from '../base/index.ts'
import { parseBundle } from './bundle.ts'
import { touches } from './compile.ts'
import { decide } from './decide.ts'
import type { Act } from './decision.ts'
import { selects } from './model.ts'
import { actor, consent, customer, DAY, netrack, netrackFiles, NOW } from './testing/netrack.ts'

const policy = netrack()
const fields = [...policy.fields.keys()]
const purposes = [...policy.purposes.keys()]
const entities = [...policy.entities.keys()]
const compartments = [...policy.compartments.keys()]

const anyActs: fc.Arbitrary<Act> = fc.record({
  actor: fc.constantFrom(...policy.actors.keys()).map(actor),
  operation: fc.constantFrom(...OPERATIONS),
  purpose: fc.constantFrom(...purposes),
  entity: fc.constantFrom(...entities),
  fields: fc.subarray(fields, { maxLength: 4 }),
  ticket: fc.boolean(),
  now: fc.constant(NOW),
})

/** Acts that some rule permits of some person: of acts at random next to none are permitted, and laws would hold idly. */
const fittingActs: fc.Arbitrary<Act> = fc
  .constantFrom(...policy.rules.filter(({ effect }) => effect === 'permit'))
  .chain((rule) =>
    fc.record({
      actor: fc.constantFrom(...[...policy.actors.keys()].filter((id) => selects(rule.actors, id))).map(actor),
      operation: fc.constantFrom(...OPERATIONS.filter((operation) => selects(rule.operations, operation))),
      purpose: fc.constantFrom(...purposes.filter((purpose) => selects(rule.purposes, purpose))),
      entity: fc.constantFrom(...entities),
      fields: fc.array(fc.constantFrom(...fields.filter((field) => touches(policy, rule.data, field))), {
        minLength: 1,
        maxLength: 3,
      }),
      ticket: fc.constantFrom(true, true, false),
      now: fc.constant(NOW),
    }),
  )
const acts = fc.oneof({ weight: 1, arbitrary: anyActs }, { weight: 4, arbitrary: fittingActs })

const instants = fc.integer({ min: NOW - 60 * DAY, max: NOW + 60 * DAY })
const consents = fc.uniqueArray(
  fc.record({
    purpose: fc.constantFrom(...purposes),
    entity: fc.constantFrom(...entities),
    since: instants,
    until: fc.option(instants),
  }),
  { selector: ({ purpose, entity }) => `${purpose} ${entity}`, maxLength: 5 },
)

const facts: fc.Arbitrary<Facts> = fc.record({
  state: fc.constantFrom('live', 'live', 'live', 'destroying', 'destroyed'),
  held: fc.oneof({ weight: 4, arbitrary: fc.constant(compartments) }, fc.subarray(compartments)),
  dying: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.subarray(compartments)),
  collectedAt: instants,
  confirmedAt: fc.option(instants),
  proved: fc.subarray(['email', 'phone']),
  blocked: fc.option(fc.record({ since: instants, reason: fc.constantFrom(...BLOCK_REASONS) })),
  contracts: fc.array(
    fc.record({
      id: fc.uuid(),
      entity: fc.constantFrom(...entities),
      service: fc.constantFrom(...policy.services.keys()),
      since: instants,
      endedAt: fc.option(instants),
    }),
    { maxLength: 3 },
  ),
  consents,
  closed: fc.oneof(
    fc.constant({}),
    fc.dictionary(fc.constantFrom(...fields), fc.array(fc.constantFrom('*', ...purposes), { minLength: 1 })),
  ),
  opened: fc.constant([]),
})

const runs = { numRuns: 2000 }

describe('laws of the decision', () => {
  it('is tried on permits and on refusals alike', () => {
    const tried = fc.sample(fc.tuple(acts, facts), 3000).map(([act, person]) => decide(policy, act, person).effect)
    expect(tried.filter((effect) => effect === 'permit').length).toBeGreaterThan(300)
    expect(tried.filter((effect) => effect === 'refuse').length).toBeGreaterThan(300)
  })

  it('gives the same act and facts the same decision, and clauses with every one', () => {
    fc.assert(
      fc.property(acts, fc.option(facts), (act, person) => {
        const decision = decide(policy, act, person)
        expect(decide(policy, act, person)).toEqual(decision)
        expect(decision.clauses.length).toBeGreaterThan(0)
        expect(decision.causes.length).toBeGreaterThan(0)
        expect(decision.causes.every(({ reason }) => (reason === 'rule') === (decision.effect === 'permit'))).toBe(true)
      }),
      runs,
    )
  })

  it('refuses everything where the rules are left out', () => {
    const source = netrackFiles().get('rules.yaml') ?? ''
    const without = source.replace(/^rules:\n[\s\S]*?(?=^# -+ retention)/m, '')
    const files = new Map([...netrackFiles(), ['rules.yaml', without], ['services/dedicated-server.yaml', '']])
    files.delete('services/dedicated-server.yaml')
    const bare = parseBundle(files)
    if (!bare.ok) throw new Error(JSON.stringify(bare.error))
    expect(bare.value.rules).toEqual([])
    fc.assert(
      fc.property(acts, fc.option(facts), (act, person) => {
        expect(decide(bare.value, act, person).effect).toBe('refuse')
      }),
      { numRuns: 300 },
    )
  })

  it('permits nothing more to a purpose by a consent to another purpose or entity', () => {
    fc.assert(
      fc.property(
        acts,
        facts,
        fc.constantFrom(...purposes),
        fc.constantFrom(...entities),
        (act, person, purpose, entity) => {
          fc.pre(purpose !== act.purpose || entity !== act.entity)
          const others = person.consents.filter((one) => one.purpose !== purpose || one.entity !== entity)
          const more = { ...person, consents: [...others, consent(purpose, entity)] }
          expect(decide(policy, act, more).effect).toBe(decide(policy, act, { ...person, consents: others }).effect)
        },
      ),
      runs,
    )
  })

  it('closes every purpose that had only that consent when it is withdrawn', () => {
    fc.assert(
      fc.property(acts, facts, (act, person) => {
        fc.pre(act.actor.kind !== 'subject' && policy.purposes.get(act.purpose)?.grounds.join() === 'consent')
        const without = person.consents.filter(({ purpose }) => purpose !== act.purpose)
        expect(decide(policy, act, { ...person, consents: without }).effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('reaches blocked data only to clarify it, for the person, or under law', () => {
    fc.assert(
      fc.property(acts, facts, fc.constantFrom(...BLOCK_REASONS), (act, person, reason) => {
        fc.pre(act.actor.kind !== 'subject' && !act.operation.startsWith('clarify:') && act.purpose !== 'legal')
        expect(decide(policy, act, { ...person, blocked: { since: NOW, reason } }).effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('never lets unconfirmed data widen what confirmed data permit', () => {
    fc.assert(
      fc.property(acts, facts, (act, person) => {
        if (decide(policy, act, { ...person, confirmedAt: null }).effect === 'refuse') return
        expect(decide(policy, act, { ...person, confirmedAt: NOW - DAY }).effect).toBe('permit')
      }),
      runs,
    )
  })

  it('hands nothing to third parties without a norm, and extracts nothing for research', () => {
    fc.assert(
      fc.property(acts, facts, (act, person) => {
        const decision = decide(policy, act, person)
        if (act.operation.startsWith('transfer:') && act.purpose !== 'legal') expect(decision.effect).toBe('refuse')
        if (act.operation === 'transfer:disseminate') expect(decision.effect).toBe('refuse')
        if (act.purpose === 'research' && act.operation !== 'anonymise') expect(decision.effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('holds its answer until the instant it names', () => {
    fc.assert(
      fc.property(acts, facts, fc.double({ min: 0, max: 1, noNaN: true }), (act, person, part) => {
        const decision = decide(policy, act, person)
        const end = decision.until ?? NOW + 400 * DAY
        const moment = Math.min(end - 1, Math.floor(NOW + (end - NOW) * part))
        expect(decision.until === null || decision.until > NOW).toBe(true)
        expect(decide(policy, { ...act, now: moment }, person).effect).toBe(decision.effect)
      }),
      runs,
    )
  })

  it('permits two lots of fields together exactly where it permits each', () => {
    fc.assert(
      fc.property(acts, facts, fc.subarray(fields, { minLength: 1, maxLength: 3 }), (act, person, more) => {
        fc.pre(act.fields.length > 0)
        const each = [act.fields, more].map(
          (some) => decide(policy, { ...act, fields: some }, person).effect === 'permit',
        )
        const both = decide(policy, { ...act, fields: [...act.fields, ...more] }, person).effect === 'permit'
        expect(both).toBe(each.every(Boolean))
      }),
      runs,
    )
  })

  it('answers a destroyed person exactly as an unknown one, save that a form may begin a person', () => {
    fc.assert(
      fc.property(acts, facts, fc.constantFrom('destroying', 'destroyed'), (act, person, state) => {
        fc.pre(act.operation !== 'collect' && act.operation !== 'record')
        expect(decide(policy, act, { ...person, state })).toEqual(decide(policy, act, null))
        expect(decide(policy, act, null).effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('lets the person see, correct and close what is theirs, whatever the state of it', () => {
    fc.assert(
      fc.property(
        facts,
        fc.constantFrom('extract', 'clarify:update', 'clarify:change'),
        fc.constantFrom(...fields),
        (person, operation, field) => {
          const own = { ...customer(), ...person, state: 'live', held: compartments, dying: [] } as const
          const act: Act = {
            actor: actor('subject'),
            operation,
            purpose: 'rights',
            entity: 'start',
            fields: [field],
            ticket: false,
            now: NOW,
          }
          expect(decide(policy, act, own).effect).toBe('permit')
        },
      ),
    )
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AGE_BANDS, BLOCK_REASONS, type Facts, OPERATIONS, REPRESENTATIVE_KINDS } from '../base/index.ts'
import { parseBundle } from './bundle.ts'
import { touches } from './compile.ts'
import { decide } from './decide.ts'
import type { Act } from './decision.ts'
import { isPersonSide, type Predicate, selects } from './model.ts'
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
  recipient: fc.constantFrom(...[...policy.recipients.keys(), 'nobody-declared']),
})

/** A few of these; of a rule for the person as a whole, none. */
function some(names: readonly string[]): fc.Arbitrary<readonly string[]> {
  return names.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...names), { minLength: 1, maxLength: 3 })
}

/** Acts that some rule permits of some person: of acts at random next to none are permitted, and laws would hold idly. */
const fittingActs: fc.Arbitrary<Act> = fc
  .constantFrom(...policy.rules.filter(({ effect }) => effect === 'permit'))
  .chain((rule) =>
    fc.record({
      actor: fc.constantFrom(...[...policy.actors.keys()].filter((id) => selects(rule.actors, id))).map(actor),
      operation: fc.constantFrom(...OPERATIONS.filter((operation) => selects(rule.operations, operation))),
      purpose: fc.constantFrom(...purposes.filter((purpose) => selects(rule.purposes, purpose))),
      entity: fc.constantFrom(...entities),
      fields: some(fields.filter((field) => touches(policy, rule.data, field))),
      ticket: fc.constantFrom(true, true, false),
      now: fc.constant(NOW),
      recipient: fc.constantFrom(...named(rule.when)),
    }),
  )
const recipients = [...policy.recipients.keys(), 'nobody-declared']
const acts: fc.Arbitrary<Act> = fc.oneof({ weight: 1, arbitrary: anyActs }, { weight: 6, arbitrary: fittingActs })

/** The recipients that a rule names by id or kind; all, where it names none. */
function named(when: readonly Predicate[]): readonly string[] {
  const names = when.flatMap((one) => (one.is === 'recipient' ? one.names : []))
  const fits = recipients.filter((id) => names.includes(id) || names.includes(policy.recipients.get(id)?.kind ?? ''))
  return fits.length === 0 ? recipients : fits
}

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

/** Facts as they were stored before anything was known of ages, representatives and holds. */
const oldFacts: fc.Arbitrary<Facts> = fc.record({
  state: fc.constantFrom('live', 'live', 'live', 'destroying', 'destroyed'),
  held: fc.oneof({ weight: 4, arbitrary: fc.constant(compartments) }, fc.subarray(compartments)),
  dying: fc.oneof({ weight: 4, arbitrary: fc.constant([]) }, fc.subarray(compartments)),
  collectedAt: instants,
  confirmedAt: fc.option(instants),
  proved: fc.subarray(['email', 'phone']),
  blocked: fc.option(fc.record({ since: instants, reason: fc.constantFrom(...BLOCK_REASONS) }), { freq: 1 }),
  contracts: fc.array(
    fc.record({
      id: fc.uuid(),
      entity: fc.constantFrom(...entities),
      service: fc.constantFrom('dedicated-server', 'dedicated-server', ...policy.services.keys()),
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

const newMembers = fc.record(
  {
    age: fc.constantFrom(null, null, 'adult', ...AGE_BANDS),
    representatives: fc.array(
      fc.record({
        id: fc.uuid(),
        kind: fc.constantFrom(...REPRESENTATIVE_KINDS),
        since: instants,
        until: fc.option(instants),
      }),
      { maxLength: 2 },
    ),
    hold: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: instants }),
  },
  { requiredKeys: [] },
)
const facts: fc.Arbitrary<Facts> = fc.tuple(oldFacts, newMembers).map(([old, more]) => ({ ...old, ...more }))

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
    const base = [...netrackFiles()].filter(([file]) => !/^(services|entities|tests)\//.test(file))
    const files = new Map([...base, ['rules.yaml', without]])
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
        fc.pre(!isPersonSide(act.actor.kind) && policy.purposes.get(act.purpose)?.grounds.join() === 'consent')
        const without = person.consents.filter(({ purpose }) => purpose !== act.purpose)
        expect(decide(policy, act, { ...person, consents: without }).effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('reaches blocked data only to clarify it, for the person, or under law; a mere claim stops less, which the bundle proves', () => {
    const proved = BLOCK_REASONS.filter((reason) => reason !== 'claimed')
    fc.assert(
      fc.property(acts, facts, fc.constantFrom(...proved), (act, person, reason) => {
        fc.pre(!isPersonSide(act.actor.kind) && !act.operation.startsWith('clarify:') && act.purpose !== 'legal')
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

  it('hands data under law to authorities and the other entity, else to processors, or to third parties on a consent for just that', () => {
    let handed = 0
    fc.assert(
      fc.property(acts, facts, (act, person) => {
        const decision = decide(policy, act, person)
        if (!['transfer:provide', 'transfer:access'].includes(act.operation) || decision.effect === 'refuse') return
        handed += 1
        const to = policy.recipients.get(act.recipient ?? '')
        const kinds = act.purpose === 'legal' ? ['authority', 'entity'] : ['processor', 'third-party']
        expect(kinds).toContain(to?.kind)
        expect(to?.id).not.toBe(act.entity)
        if (to?.kind !== 'third-party') return
        expect(person.consents.some((one) => one.purpose === act.purpose && one.entity === act.entity)).toBe(true)
      }),
      { numRuns: 4000 },
    )
    expect(handed).toBeGreaterThan(20)
  })

  it('opens nothing to everyone but on that very consent, and extracts nothing for research', () => {
    fc.assert(
      fc.property(acts, facts, (act, person) => {
        const decision = decide(policy, act, person)
        if (act.operation === 'transfer:disseminate' && decision.effect === 'permit') {
          expect(act.purpose).toBe('publication')
          expect(person.consents.map(({ purpose }) => purpose)).toContain('publication')
        }
        if (act.purpose === 'research' && act.operation !== 'anonymise') expect(decision.effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('decides facts stored without ages, representatives and holds as those that say there are none', () => {
    fc.assert(
      fc.property(acts, fc.option(oldFacts), (act, old) => {
        const none = old === null ? null : { ...old, age: null, representatives: [], hold: null }
        expect(decide(policy, act, none)).toEqual(decide(policy, act, old))
      }),
      runs,
    )
  })

  it('collects nothing of a minor for whom nobody answers, whoever brings it, and uses nothing but for their rights and under law', () => {
    fc.assert(
      fc.property(acts, facts, (act, person) => {
        const alone: Facts = { ...person, age: 'minor', representatives: [] }
        const effect = decide(policy, act, alone).effect
        const brings = act.operation === 'collect' || act.operation === 'record'
        if (brings ? act.purpose !== 'legal' : !['legal', 'rights'].includes(act.purpose)) expect(effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('takes nothing from a grown person’s permits by a verified representative, and gives nobody else any', () => {
    fc.assert(
      fc.property(acts, facts, (act, person) => {
        fc.pre(act.actor.kind !== 'representative' && person.age !== 'minor')
        const representatives = [{ id: 'r', kind: 'guardian' as const, since: NOW - DAY, until: null }]
        const [answered, without] = [representatives, []].map((some) =>
          decide(policy, act, { ...person, representatives: some }),
        )
        expect(answered?.causes).toEqual(without?.causes)
      }),
      runs,
    )
  })

  it('lets a representative do nothing once their authority has ended, nor on somebody else’s', () => {
    fc.assert(
      fc.property(acts, facts, fc.constantFrom(...REPRESENTATIVE_KINDS), (act, person, kind) => {
        const acting: Act = { ...act, actor: { kind: 'representative', name: 'mine' } }
        const lapsed = { id: 'mine', kind, since: NOW - 2 * DAY, until: NOW }
        const other = { id: 'other', kind, since: NOW - DAY, until: null }
        expect(decide(policy, acting, { ...person, representatives: [lapsed, other] }).effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('destroys nothing while a legal hold stands, and lets nobody but the DPO set or lift one', () => {
    fc.assert(
      fc.property(acts, facts, fc.constantFrom('delete', 'destroy'), (act, person, operation) => {
        expect(decide(policy, { ...act, operation }, { ...person, hold: NOW - DAY }).effect).toBe('refuse')
        const holding: Act = { ...act, operation: 'store', purpose: 'legal', fields: [] }
        const permits = decide(policy, holding, { ...person, state: 'live' }).effect === 'permit'
        expect(permits).toBe(act.actor.name === 'dpo' && act.ticket)
      }),
      runs,
    )
  })

  it('lets analyst, auditor and administrator reach no field at all', () => {
    const kinds = fc.constantFrom('analyst', 'auditor', 'administrator')
    fc.assert(
      fc.property(acts, facts, kinds, (act, person, who) => {
        fc.pre(act.fields.length > 0)
        expect(decide(policy, { ...act, actor: actor(who) }, person).effect).toBe('refuse')
      }),
      runs,
    )
  })

  it('tells whoever may not hand data to a recipient nothing of the person', () => {
    fc.assert(
      fc.property(acts, facts, (act, person) => {
        const handing: Act = { ...act, operation: 'transfer:provide', purpose: 'delivery', recipient: 'registrar' }
        expect(decide(policy, handing, { ...person, consents: [] })).toEqual(decide(policy, handing, null))
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

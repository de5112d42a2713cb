import { describe, expect, it } from 'vitest'
import { netrack } from '../testing/netrack.ts'
import { netrackTestFiles } from '../testing/netrack-tests.ts'
import { parseCase, parseScenarios } from './parse.ts'
import { runScenario } from './run.ts'

const policy = netrack()

const HEAD = 'now: 2026-11-23 12:00\nentity: start\n'
const PERSON = 'people:\n  - { id: customer, contracts: [{ with: start, for: account }] }\n'
const test = (given: string, when: string, then: string): string =>
  `${HEAD}${PERSON}tests:\n  - name: one\n    given: ${given}\n    when: ${when}\n    then: ${then}\n`
const WHEN = '{ actor: site, operation: use, purpose: identification, data: [surname] }'

function problems(source: string): readonly string[] {
  const parsed = parseScenarios(policy, new Map([['tests/x.yaml', source]]))
  return parsed.ok ? [] : parsed.error.map(({ file, line, message }) => `${file}:${line} ${message}`)
}

describe('the reader of policy tests', () => {
  it.each([
    [
      'a name that is misspelt',
      test('customer', WHEN.replace('purpose: id', 'purpose: ip'), "{ permit: ['2.2.1'] }"),
      "tests/x.yaml:8 unknown purpose 'ipentification' (did you mean 'identification'?)",
    ],
    [
      'an actor nobody knows',
      test('customer', WHEN.replace('site', 'sight'), "{ permit: ['2.2.1'] }"),
      "tests/x.yaml:8 unknown actor 'sight'",
    ],
    [
      'a clause that is not there',
      test('customer', WHEN, "{ permit: ['9.9'] }"),
      "tests/x.yaml:9 unknown clause '9.9'",
    ],
    [
      'a person nobody declared',
      test('custommer', WHEN, "{ permit: ['2.2.1'] }"),
      "tests/x.yaml:7 unknown person 'custommer' (did you mean 'customer'?)",
    ],
    [
      'an unknown key',
      test('{ like: customer, confirmd: now }', WHEN, "{ permit: ['2.2.1'] }"),
      "tests/x.yaml:7 unknown key 'confirmd' (did you mean 'confirmed'?)",
    ],
    [
      'a day that does not exist',
      test('{ like: customer, confirmed: 2026-02-30 }', WHEN, "{ permit: ['2.2.1'] }"),
      'tests/x.yaml:7 a moment (now, P5D ago, in PT1H, 2026-11-23 12:00) or never is needed here',
    ],
    [
      'both answers at once',
      test('customer', WHEN, "{ permit: ['2.2.1'], refuse: ['2.1'] }"),
      'tests/x.yaml:9 either permit or refuse is needed here, with the clauses that the answer names',
    ],
    [
      'an answer without a clause',
      test('customer', WHEN, '{ permit: [] }'),
      'tests/x.yaml:9 a list of at least 1 is needed here',
    ],
    [
      'a permit with a reason',
      test('customer', WHEN, "{ permit: ['2.2.1'], reason: blocked }"),
      'tests/x.yaml:9 a permit tells no reason',
    ],
    [
      'the person beside a field',
      test('customer', WHEN.replace('[surname]', '[person, surname]'), "{ permit: ['2.2.1'] }"),
      "tests/x.yaml:8 'person' stands for no field at all and cannot go with others",
    ],
    [
      'an act for no entity',
      test('customer', WHEN, "{ permit: ['2.2.1'] }").replace('entity: start\n', ''),
      "tests/x.yaml:7 the key 'entity' is missing, here and at the head of the file",
    ],
    [
      'a form nobody declared',
      test('customer', '{ form: registartion, values: {} }', "{ permit: ['2.2.1'] }"),
      "tests/x.yaml:8 unknown form 'registartion' (did you mean 'registration'?)",
    ],
    [
      'people like one another in a circle',
      `${HEAD}people:\n  - { id: a, like: b }\n  - { id: b, like: a }\n`,
      "tests/x.yaml:4 'a' is like itself, in a circle",
    ],
    [
      'a person named as nobody is',
      `${HEAD}people:\n  - { id: nobody }\n`,
      "tests/x.yaml:4 'nobody' is declared twice",
    ],
    ['an alias', `${HEAD}people: &x []\ntests: *x\n`, 'tests/x.yaml:3 anchors and aliases are not taken; write it out'],
    ['no YAML', ': : :\n\t- [', 'tests/x.yaml:'],
  ])('rejects %s with its place', (_, source, expected) => {
    expect(problems(source).join('\n')).toContain(expected)
  })

  it('rejects two tests of one name', () => {
    const one = test('customer', WHEN, "{ permit: ['2.2.1'] }")
    const parsed = parseScenarios(
      policy,
      new Map([
        ['tests/a.yaml', one],
        ['tests/b.yaml', one.replace('customer,', 'other,')],
      ]),
    )
    expect(parsed).toMatchObject({
      ok: false,
      error: [{ file: 'tests/b.yaml', message: 'there is another test of this name' }],
    })
  })

  it('never throws, whatever a shipped file is cut to', () => {
    for (const [file, source] of netrackTestFiles()) {
      for (let end = 0; end < source.length; end += 211) {
        expect(() => parseScenarios(policy, new Map([[file, source.slice(0, end)]]))).not.toThrow()
      }
    }
  })

  it('lets a person be like another but for what is written', () => {
    const source = test('{ like: customer, contracts: [] }', WHEN, "{ refuse: ['2.2.1'], reason: no-ground }")
    const parsed = parseScenarios(policy, new Map([['tests/x.yaml', source]]))
    expect(parsed).toMatchObject({ ok: true, value: [{ question: { facts: { contracts: [], confirmedAt: null } } }] })
  })

  it('knows nobody, and nobody with something known', () => {
    const ofNobody = parseScenarios(policy, new Map([['tests/x.yaml', test('nobody', WHEN, "{ refuse: ['1.1'] }")]]))
    expect(ofNobody).toMatchObject({ ok: true, value: [{ question: { facts: null } }] })
    const some = test('{ like: nobody, data: [contact] }', WHEN, "{ refuse: ['1.1'] }")
    expect(parseScenarios(policy, new Map([['tests/x.yaml', some]]))).toMatchObject({
      ok: true,
      value: [{ question: { facts: { held: ['contact'] } } }],
    })
  })

  it('reckons days in the zone of the operator', () => {
    const parsed = parseCase(policy, 'case.yaml', `${HEAD}given: { confirmed: 2026-11-20 }\nwhen: ${WHEN}\n`)
    expect(parsed).toMatchObject({
      ok: true,
      value: {
        act: {
          now: Date.parse('2026-11-23T12:00:00+03:00'),
          entity: 'start',
          actor: { kind: 'service', name: 'site' },
        },
        facts: { confirmedAt: Date.parse('2026-11-20T00:00:00+03:00') },
      },
    })
  })
})

describe('a test that fails', () => {
  const run = (given: string, then: string): readonly string[] => {
    const parsed = parseScenarios(policy, new Map([['tests/x.yaml', test(given, WHEN, then)]]))
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.error))
    return parsed.value.flatMap((scenario) => runScenario(policy, scenario).mismatch)
  }

  it('tells what was expected, what came, and which rule said so', () => {
    const [expected, came, rule] = run('customer', "{ refuse: ['1.2'], reason: blocked }")
    expect(expected).toBe('expected  refuse; clause 1.2; blocked')
    expect(came).toBe('came      permit; clause 2.2.1')
    expect(rule).toMatch(/^ +identify-customer \(rules\.yaml:\d+\) for surname: permits$/)
  })

  it.each([
    ['a clause that the answer does not name', "{ permit: ['2.2.1', '5.3'] }"],
    ['another reason', "{ refuse: ['2.2.1'], reason: ticket-needed }"],
    ['an end that does not come', "{ permit: ['2.2.1'], until: in P1D }"],
  ])('fails on %s', (_, then) => {
    expect(run('customer', then)).not.toEqual([])
  })

  it('passes on some of the clauses that are named', () => {
    expect(run('customer', "{ permit: ['2.2.1'] }")).toEqual([])
  })
})

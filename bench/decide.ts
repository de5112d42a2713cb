// How many decisions a second one core makes over the shipped bundle, beside a walk of the rule list. Started by `node scripts/run.mjs decide`.
import { fileURLToPath } from 'node:url'
import { type Act, decide, parseBundle, type Policy } from '@doverie/core/policy'
import { readBundle } from '@doverie/server/bundle-files'
import { touches } from '../packages/core/policy/compile.ts'
import { selects } from '../packages/core/policy/model.ts'
import { isClosed, judge } from '../packages/core/policy/predicates.ts'
import { newFactsFor } from '../packages/core/policy/testing/facts.ts'

type Facts = ReturnType<typeof newFactsFor>
type Case = readonly [Act, Facts]

const NOW = Date.UTC(2026, 10, 23, 9)
const ROUNDS = 5
const SECONDS = 1

/** What is asked of a running server most, of people in every usual state: both answers, one field and five. */
function casesOf(policy: Policy): readonly Case[] {
  const customer = newFactsFor(policy, NOW)
  const people: readonly Facts[] = [
    customer,
    { ...customer, confirmedAt: null },
    { ...customer, blocked: { since: NOW - 1, reason: 'subject' } },
    { ...customer, consents: [] },
    { ...customer, contracts: [] },
    { ...customer, closed: { email: ['*'] } },
  ]
  const asks = [
    ['service', 'site', 'identification', 'surname given-name patronymic email phone'],
    ['service', 'billing', 'identification', 'phone'],
    ['service', 'billing', 'payment', 'surname email bank-bik bank-account'],
    ['service', 'delivery', 'delivery', 'surname phone postal-address'],
    ['service', 'provisioning', 'performance', 'surname email contract-numbers'],
    ['service', 'newsletter', 'marketing', 'given-name email'],
    ['service', 'newsletter', 'payment', 'bank-account'],
    ['staff', 'support', 'identification', 'surname email'],
    ['staff', 'dpo', 'legal', 'surname email bank-account'],
    ['subject', '', 'rights', 'surname given-name patronymic email phone'],
  ] as const
  return asks.flatMap(([kind, name, purpose, fields]) =>
    people.map((facts): Case => {
      const act = {
        actor: { kind, name },
        operation: 'extract',
        purpose,
        entity: 'start',
        ticket: true,
        now: NOW,
      } as const
      // As they come: from a request, and from the database.
      return JSON.parse(JSON.stringify([{ ...act, fields: fields.split(' ') }, facts])) as Case
    }),
  )
}

/** The same answer from the rules as they are written, one after the other, for every field. */
function walk(policy: Policy, act: Act, facts: Facts): 'permit' | 'refuse' {
  for (const field of act.fields) {
    let permitted = false
    for (const rule of policy.rules) {
      const { name, kind } = act.actor
      if (!selects(rule.actors, kind === 'subject' ? 'subject' : name)) continue
      if (!selects(rule.operations, act.operation) || !selects(rule.purposes, act.purpose)) continue
      if (!selects(rule.entities, act.entity) || !touches(policy, rule.data, field)) continue
      const holds = rule.when.every((predicate) =>
        predicate.is === 'closed-by-subject'
          ? isClosed(facts, field, act.purpose)
          : judge(predicate, act, facts, policy).holds,
      )
      if (!holds) continue
      if (rule.effect === 'refuse') return 'refuse'
      permitted = true
    }
    if (!permitted) return 'refuse'
  }
  return 'permit'
}

/** Calls over all cases in turn, per second of the process's own time: what else the machine does is not in it. */
function rate(cases: readonly Case[], judgeOne: (act: Act, facts: Facts) => unknown): number {
  const began = process.cpuUsage()
  let calls = 0
  let spent = 0
  while (spent < SECONDS * 1e6) {
    for (let i = 0; i < 100; i++) for (const [act, facts] of cases) judgeOne(act, facts)
    calls += 100 * cases.length
    const { user, system } = process.cpuUsage(began)
    spent = user + system
  }
  return calls / (spent / 1e6)
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN

const parsed = parseBundle(await readBundle(fileURLToPath(new URL('../policies/netrack', import.meta.url))))
if (!parsed.ok) throw new Error('the shipped bundle does not parse')
const policy = parsed.value
const cases = casesOf(policy)
const differing = cases.filter(([act, facts]) => decide(policy, act, facts).effect !== walk(policy, act, facts))
const rounds = Array.from({ length: ROUNDS }, () => ({
  decide: rate(cases, (act, facts) => decide(policy, act, facts)),
  walk: rate(cases, (act, facts) => walk(policy, act, facts)),
}))
const decided = median(rounds.map((round) => round.decide))
const walked = median(rounds.map((round) => round.walk))
const permits = cases.filter(([act, facts]) => decide(policy, act, facts).effect === 'permit').length
process.stdout.write(
  [
    `${policy.id}: ${policy.rules.length} rules, ${cases.length} cases (${permits} permits), ${differing.length} answered otherwise by the walk`,
    `decide  ${Math.round(decided)}/s   (goal ≥ 1000000: ${decided >= 1_000_000 ? 'met' : 'not met'})`,
    `walk    ${Math.round(walked)}/s`,
    `decide / walk ${median(rounds.map((round) => round.decide / round.walk)).toFixed(1)} ×`,
    '',
  ].join('\n'),
)
process.exitCode = differing.length === 0 ? 0 : 1

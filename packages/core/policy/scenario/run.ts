import type { FieldProblem, Instant } from '../../base/index.ts'
import { decide } from '../decide.ts'
import type { Decision } from '../decision.ts'
import { formContract } from '../form-contract.ts'
import type { Policy } from '../policy.ts'
import { checkSubmission } from '../submission.ts'
import type { Expected, Question, Scenario } from './scenario.ts'

/** How a test went. */
export interface Outcome {
  readonly scenario: Scenario
  /** What was expected, what came, and who said so, a line each; empty where the test passes. */
  readonly mismatch: readonly string[]
  /** The rules (and retention grounds) that the answer rests on. */
  readonly rules: readonly string[]
}

/** An answer, from whichever door it came. */
interface Answer {
  readonly effect: Decision['effect']
  readonly clauses: readonly string[]
  readonly reasons: readonly string[]
  readonly rules: readonly string[]
  /** Undefined where the door tells no such thing. */
  readonly until: Instant | null | undefined
  /** Who said what, a line each. */
  readonly said: readonly string[]
}

/** Puts a test's question to a policy. Pure: the same policy and test give the same outcome. */
export function runScenario(policy: Policy, scenario: Scenario): Outcome {
  const answer = ask(policy, scenario.question)
  return { scenario, rules: answer.rules, mismatch: compare(scenario.expected, answer) }
}

function ask(policy: Policy, question: Question): Answer {
  return question.kind === 'act'
    ? ofDecision(policy, decide(policy, question.act, question.facts))
    : ofForm(policy, question)
}

function ofDecision(policy: Policy, { effect, clauses, causes, until }: Decision): Answer {
  const ids = causes.flatMap(({ rule }) => rule ?? [])
  return {
    effect,
    clauses,
    until,
    reasons: [...new Set(causes.map(({ reason }) => reason))],
    rules: [...new Set(ids)],
    said: causes.map(({ reason, field, rule }) => {
      const declared = [...policy.rules, ...policy.retention].find(({ id }) => id === rule)
      const who = declared === undefined ? 'no rule' : `${declared.id} (${declared.at.file}:${declared.at.line})`
      return `${who}${field === undefined ? '' : ` for ${field}`}: ${effect === 'permit' ? 'permits' : reason}`
    }),
  }
}

function ofForm(policy: Policy, { form, submission, now }: Question & { readonly kind: 'form' }): Answer {
  const contract = formContract(policy, form, now)
  if (!contract.ok) return refusedForm(policy, [{ field: 'form', ...contract.error }])
  const judged = checkSubmission(policy, contract.value, submission, now)
  if (!judged.ok) return refusedForm(policy, judged.error)
  const { clauses } = contract.value
  return { effect: 'permit', clauses, reasons: [], rules: [], until: undefined, said: [`form ${form}: takes it`] }
}

function refusedForm(policy: Policy, problems: readonly FieldProblem[]): Answer {
  return {
    effect: 'refuse',
    clauses: [...new Set(problems.flatMap(({ clause }) => clause ?? []))].sort(),
    reasons: [...new Set(problems.map(({ code }) => code))],
    rules: [],
    until: undefined,
    // A test may send any name; only those that the policy knows are told.
    said: problems.map(({ field, code }) => `${policy.fields.has(field) ? field : 'the form'}: ${code}`),
  }
}

function compare(expected: Expected, answer: Answer): readonly string[] {
  const missing = expected.clauses.filter((clause) => !answer.clauses.includes(clause))
  const fits =
    expected.effect === answer.effect &&
    missing.length === 0 &&
    (expected.reason === null || answer.reasons.includes(expected.reason)) &&
    (expected.until === undefined || expected.until === answer.until)
  if (fits) return []
  return [
    `expected  ${line(expected.effect, expected.clauses, expected.reason === null ? [] : [expected.reason], expected.until)}`,
    `came      ${line(answer.effect, answer.clauses, answer.effect === 'permit' ? [] : answer.reasons, expected.until === undefined ? undefined : answer.until)}`,
    ...answer.said.map((said) => `          ${said}`),
  ]
}

function line(
  effect: string,
  clauses: readonly string[],
  reasons: readonly string[],
  until: Instant | null | undefined,
): string {
  const parts = [
    effect,
    clauses.length === 0 ? 'no clause' : `clause${clauses.length > 1 ? 's' : ''} ${clauses.join(' ')}`,
  ]
  if (reasons.length > 0) parts.push(reasons.join(', '))
  if (until !== undefined) parts.push(until === null ? 'no end' : `until ${new Date(until).toISOString()}`)
  return parts.join('; ')
}

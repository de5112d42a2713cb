import type { Facts } from '../../base/index.ts'
import { decide } from '../decide.ts'
import type { Act, Decision } from '../decision.ts'
import type { Policy } from '../policy.ts'
import type { Place } from '../problem.ts'
import type { Words } from '../prove/words.ts'
import { type Case, predicatesOf, rulesFor } from './case.ts'
import type { Bench } from './change.ts'
import { changesOf, factOf, holdsOf } from './levers.ts'
import { waysOut } from './ways-out.ts'
import { REASON_WORDS } from './words.ts'

/** A decision and why it fell so, for people. No value of the person is in it. */
export interface Explanation {
  readonly decision: Decision
  /** Each cause once, in words. */
  readonly causes: readonly Words[]
  /** What was looked at, and how it stood. */
  readonly facts: readonly Words[]
  /** The rules, and the grounds of keeping, that made it so. */
  readonly rules: readonly { readonly id: string; readonly at: Place; readonly clauses: readonly string[] }[]
  /** The clauses named, in each language of the bundle; an article of law has no text here. */
  readonly clauses: readonly { readonly number: string; readonly texts: Readonly<Record<string, ClauseWords>> }[]
  /**
   * Each is a smallest set of things that, being otherwise, would make the other answer true: with any of them left out the
   * answer stays. Empty where nothing that may be known of the person changes it.
   */
  readonly otherwise: readonly (readonly Words[])[]
}

interface ClauseWords {
  readonly title: string
  readonly text: string
}

/** Explains the answer of a policy to an act on a person. Pure, and true of `decide` itself: every way out was tried on it. */
export function explain(policy: Policy, act: Act, facts: Facts | null): Explanation {
  const one: Case = { act, facts }
  const bench: Bench = { policy, act }
  const decision = decide(policy, act, facts)
  const rules = rulesFor(policy, act)
  const asked = predicatesOf(rules)
  const ways = waysOut(policy, one)
  const causing = new Set(decision.causes.flatMap(({ rule }) => rule ?? []))
  const used = new Set(ways.flat().map(({ id }) => id))
  const ofCausing = new Set(
    predicatesOf(rules.filter(({ id }) => causing.has(id))).map((predicate) => JSON.stringify(predicate)),
  )
  const mattered = asked.filter(
    (predicate) =>
      ofCausing.has(JSON.stringify(predicate)) || changesOf(bench, predicate, one).some(({ id }) => used.has(id)),
  )
  return {
    decision,
    causes: [...new Set(decision.causes.map(({ reason }) => reason))].map((reason) => REASON_WORDS[reason]),
    facts: distinct(mattered.map((predicate) => factOf(bench, predicate, holdsOf(policy, predicate, one)))),
    rules: [...policy.rules, ...policy.retention]
      .filter(({ id }) => causing.has(id))
      .map(({ id, at, clauses }) => ({ id, at, clauses })),
    clauses: decision.clauses.map((number) => ({ number, texts: textsOf(policy, number) })),
    otherwise: ways.map((way) => way.map(({ says }) => says)),
  }
}

function textsOf(policy: Policy, number: string): Readonly<Record<string, ClauseWords>> {
  return Object.fromEntries(
    policy.languages.flatMap((language) => {
      const clause = policy.texts.get(language)?.clauses.get(number)
      return clause === undefined ? [] : [[language, { title: clause.title, text: clause.text }]]
    }),
  )
}

function distinct(items: readonly Words[]): readonly Words[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

import type { Permitted } from '@doverie/core/contract'
import type { Reply } from '../client/http-client.ts'
import { type Foretold, type Asked, foretell } from './foretell.ts'
import type { PersonState, Told } from './person-state.ts'
import type { Stage } from './stage.ts'

/** What is asked, as the ledger will name it. */
export interface Telling {
  readonly act: string
  readonly actor: Told['actor']
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
}

/**
 * Takes an answer into the tally and the person's own record, and compares it with what was foretold. Gives the answer of a
 * permit; null for a refusal. Any other problem is thrown: the tour asks nothing wrong by mistake.
 */
export function tell<Answer extends Permitted>(
  stage: Stage,
  state: PersonState,
  telling: Telling,
  reply: Reply<Answer>,
  foretold: Foretold | null,
): Answer | null {
  const { answer, problem } = reply
  stage.tally.took(telling.act, reply.took)
  if (problem !== null && problem.code !== 'refused') {
    throw new Error(`${telling.act}: ${problem.status} ${problem.code} ${problem.field ?? ''} ${problem.detail ?? ''}`)
  }
  const told = { ...telling, ...pick(answer ?? problem ?? {}), effect: answer === null ? 'refuse' : 'permit' } as const
  takeTold(stage, state, told, foretold)
  return answer
}

/** Takes one decision into account, however it came. */
export function takeTold(stage: Stage, state: PersonState, told: Told, foretold: Foretold | null): void {
  const { actor, purpose, act, effect, clauses } = told
  const who = actor.name === '' ? 'person' : actor.name
  state.told.push(told)
  stage.tally.decided({ actor: who, purpose, act }, effect, clauses)
  if (foretold === null) return
  const what = `${who} ${act} ${purpose} ${told.fields.join('+')}`
  const clause = clauses.includes(foretold.clause) ? foretold.clause : clauses.join(' ')
  stage.tally.compare(what, `${foretold.effect} under ${foretold.clause}`, `${effect} under ${clause}`)
}

function pick(told: {
  readonly id?: string
  readonly decision?: string
  readonly leaf?: string
  readonly clauses?: readonly string[]
}): Pick<Told, 'id' | 'leaf' | 'clauses'> {
  const { id, decision, leaf, clauses } = told
  // A problem names the decision by its id, an answer by its effect.
  return { id: id ?? decision ?? '', leaf: leaf ?? '', clauses: clauses ?? [] }
}

/** The ledger's name of a service or staff role. */
export function actorNamed(name: string): Told['actor'] {
  if (name === '') return { kind: 'subject', name }
  return { kind: name === 'dpo' || name === 'support' ? 'staff' : 'service', name }
}

/** Foretells an access and says how the ledger will name it. */
export function plan(state: PersonState, asked: Asked, act: string): { telling: Telling; foretold: Foretold } {
  const { actor, purpose, entity, fields } = asked
  return { telling: { act, actor: actorNamed(actor), purpose, entity, fields }, foretold: foretell(state, asked) }
}

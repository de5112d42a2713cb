import * as contract from '@doverie/core/contract'
import { inParallel } from '../journey/in-parallel.ts'
import type { PersonState } from '../journey/person-state.ts'
import { done } from '../journey/set-stage.ts'
import { clientOf, type Stage } from '../journey/stage.ts'
import { actorNamed } from '../journey/tell.ts'

/** One opening of a proof; `state` is null for an id that nobody has any more. */
export interface Opening {
  readonly state: PersonState | null
  readonly subject: string
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
}

const TICKET = 'T-3003'

/** Opens many, a hundred at a time, and gives the answers in order. Each becomes a part of its person's record. */
export async function openMany(
  stage: Stage,
  actor: string,
  openings: readonly Opening[],
): Promise<readonly (contract.OpenedFields | contract.Problem)[]> {
  const batches: Opening[][] = []
  for (let i = 0; i < openings.length; i += contract.BATCH_CALLS)
    batches.push(openings.slice(i, i + contract.BATCH_CALLS))
  const client = clientOf(stage, actor)
  const answers = await inParallel(batches, 4, async (batch) => {
    const calls = batch.map(({ state: _, ...call }) => ({ ...call, ticket: TICKET }))
    const { answers } = done(await client.call(contract.openBatch, { body: { calls } }))
    for (const [i, opening] of batch.entries()) record(actor, opening, answers[i])
    return answers
  })
  return answers.flat()
}

function record(actor: string, opening: Opening, answer: contract.OpenedFields | contract.Problem | undefined): void {
  const { state, purpose, entity, fields } = opening
  if (state === null || answer === undefined) return
  const refused = contract.isProblem(answer)
  const id = refused ? answer.decision : answer.id
  if (id === undefined) return
  state.told.push({
    id,
    leaf: answer.leaf ?? '',
    act: 'open',
    actor: actorNamed(actor),
    purpose,
    entity,
    fields,
    effect: refused ? 'refuse' : 'permit',
    clauses: answer.clauses ?? [],
  })
}

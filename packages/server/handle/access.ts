import * as contract from '@doverie/core/contract'
import {
  type AccessRequest,
  type Caller,
  compareValue,
  decideAccess,
  findBySurname,
  findPerson,
  isOpened,
  openFields,
  type Permit,
  type Personal,
  type Vault,
} from '@doverie/vault'
import { answered, permitted, Refusal } from '../answer.ts'
import { problemFrom } from '../problem.ts'
import { callerOf, type Route, route, staffOf } from '../route.ts'

type Opened = contract.OpenedFields

/** Opened values as they go into an answer; null where a field holds nothing. Revealed here, last of all. */
export function revealed(
  fields: readonly string[],
  values: ReadonlyMap<string, Personal>,
  permit: Permit,
): Opened['values'] {
  const shown: Record<string, string | readonly string[] | null> = {}
  for (const field of fields) shown[field] = values.get(field)?.reveal(permit) ?? null
  return shown
}

/** Opens one call's fields. */
export async function openOne(vault: Vault, caller: Caller, request: AccessRequest): Promise<Opened | Refusal> {
  const outcome = await openFields(vault, caller, request)
  if (!isOpened(outcome)) return new Refusal(outcome)
  const values = revealed(request.fields, outcome.values, outcome.permit)
  const { decision, id, leaf } = outcome
  return { decision: 'permit', id, leaf, clauses: decision.clauses, policy: decision.policy, values }
}

/** One call of a batch: whatever goes wrong with it is its own answer. */
async function openInBatch(vault: Vault, caller: Caller, request: AccessRequest): Promise<Opened | contract.Problem> {
  try {
    const answer = await openOne(vault, caller, request)
    return answer instanceof Refusal ? answer.problem : answer
  } catch (error) {
    return problemFrom(error)
  }
}

export const accessRoutes: readonly Route[] = [
  route(contract.open, ({ vault }, call) => openOne(vault, callerOf(call), call.body)),
  route(contract.openByQuery, ({ vault }, call) => {
    const { fields, ...query } = call.query
    return openOne(vault, callerOf(call), { ...query, fields: fields.split(',', 51) })
  }),
  route(contract.openBatch, async ({ vault }, call) => {
    const caller = callerOf(call)
    return { answers: await Promise.all(call.body.calls.map((one) => openInBatch(vault, caller, one))) }
  }),
  route(contract.decideAccess, async ({ vault }, call) => {
    const outcome = await decideAccess(vault, callerOf(call), call.body)
    const { effect, causes, until } = outcome.decision
    return { ...permitted(outcome), decision: effect, causes, until }
  }),
  route(contract.compare, async ({ vault }, call) => {
    const outcome = await compareValue(vault, callerOf(call), call.body)
    return answered(outcome, (given) => ({ matches: 'matches' in given && given.matches }))
  }),
  route(contract.search, async ({ vault }, call) => {
    const outcome = await findPerson(vault, callerOf(call), call.body)
    return answered(outcome, (given) => ({ subjects: 'subjects' in given ? given.subjects : [] }))
  }),
  route(contract.searchBySurname, async ({ vault }, call) => {
    const outcome = await findBySurname(vault, staffOf(call), call.body)
    return answered(outcome, (given) =>
      'candidates' in given
        ? { candidates: given.candidates, tooMany: given.tooMany }
        : { candidates: [], tooMany: false },
    )
  }),
]

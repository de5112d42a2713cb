import { DoverieError } from '@doverie/core/base'
import { type Explanation, explain } from '@doverie/core/policy'
import type { Caller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { loadEventsOfChanged } from '../store/simulation.ts'
import { policyIfKept } from './adopt-policy.ts'
import { checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import { factsBefore, timelineOf } from './person-timeline.ts'
import { readHistory } from './read-history.ts'
import { actOf, type RecordedAct } from './recorded-act.ts'

export interface ExplainedDecision extends Decided {
  /** The entry as it stands in the ledger. */
  readonly recorded?: RecordedAct
  /**
   * Judged again by the version that judged it, on the facts as they stood at that moment. Null where no policy judged the act or
   * that version cannot be read, and where the facts that are kept do not lead to the recorded answer: then it is better not
   * explained than wrongly.
   */
  readonly explanation?: Explanation | null
}

/**
 * Explains one recorded decision about a person: the facts that mattered, the rules and clauses, and what would have made the
 * other answer true. Asked by the person, or by staff with a ticket (clause 5.3); asking is itself decided and recorded.
 * Throws `not-found` for an entry that is not in this person's history: whose it is, is not told.
 */
export async function explainDecision(
  vault: Vault,
  caller: Caller,
  request: OnPerson & { readonly decision: string },
): Promise<ExplainedDecision> {
  const subject = checkPerson(vault, request)
  const { entity, ticket } = request
  const answer = await vault.reads.ask({
    caller,
    subject,
    act: 'explain',
    operation: 'use',
    purpose: rightsPurpose(vault),
    entity,
    fields: [],
    ticket,
    opens: false,
  })
  const { facts } = answer.person
  if (answer.decision.effect === 'refuse' || facts === null) return decidedOf(answer)
  const history = await readHistory(vault, { kind: 'subject', subject, proved: [] })
  const recorded = history.map(({ body }) => JSON.parse(body) as RecordedAct).find(({ id }) => id === request.decision)
  if (recorded === undefined) throw new DoverieError('not-found')
  const act = actOf(recorded)
  if (act === null) return { ...decidedOf(answer), recorded, explanation: null }
  const policy = await policyIfKept(vault, recorded.policy)
  if (policy === null) return { ...decidedOf(answer), recorded, explanation: null }
  const events = await loadEventsOfChanged(vault.data, [subject], recorded.at)
  const before = factsBefore(timelineOf(facts, events.get(subject) ?? [], recorded.at), recorded.at)
  const explanation = explain(policy, act, before)
  const same = explanation.decision.effect === recorded.effect
  return { ...decidedOf(answer), recorded, explanation: same ? explanation : null }
}

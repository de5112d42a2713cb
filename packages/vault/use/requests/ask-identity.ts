import { isDoverieError } from '@doverie/core/base'
import { stepsFrom, unprovedAt } from '@doverie/core/request'
import type { Vault } from '../../guard/vault.ts'
import { listReplies } from '../../store/replies.ts'
import { type Case, caseOf } from './on-request.ts'
import { makeReply } from './send-reply.ts'

/** The share of a term, in percent, that staff have to ask for a proof themselves. */
const OURS = 50
/** Whoever has less time than this to answer is asked by staff, who see to it: the officer was told. */
const LEAST = 86_400_000

/**
 * Asks who wrote to show that it is them, where half of a term has passed and staff have neither asked nor decided: by mail, at the address that the
 * letter names. So a letter that nobody looks at ends inside its clock all the same, with an answer or a reasoned refusal. Where there is no
 * mailbox, or what is asked may go on without a proof, it stays with staff, and its clock tells the officer. Gives the case as it is then.
 */
export async function askUnasked(vault: Vault, found: Case): Promise<Case> {
  const { law, request } = found
  const { kind, state, fold } = request
  const steps = stepsFrom(kind, state)
  if (state !== 'registered' || !steps.includes('identity-asked') || steps.includes('identity-waived')) return found
  if (!fold.tracks.some(({ end, told }) => end === null && told >= OURS)) return found
  const until = unprovedAt(law, { ...fold, state: 'identifying' })
  if (until === null || until - vault.now() < LEAST) return found
  if ((await listReplies(vault.data, request.id)).some(({ kind: sent }) => sent === 'identity')) return found
  await makeReply(vault, null, { request: request.id, kind: 'identity', channel: 'mail' }).catch((error: unknown) => {
    // No mailbox, or somebody was first.
    if (!isDoverieError(error, 'conflict')) throw error
  })
  return caseOf(vault, request.id)
}

import { isDoverieError } from '@doverie/core/base'
import { unprovedAt } from '@doverie/core/request'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import { listReplies } from '../../store/replies.ts'
import { type RequestRow, wakeLater } from '../../store/requests.ts'
import { tellOfficer } from '../deputies/tell-officer.ts'
import { actOnRequest, type Case, caseOf } from './on-request.ts'
import { makeReply } from './send-reply.ts'

/** How often one that staff have to post is looked at again. */
const AGAIN = 3_600_000

/**
 * Ends the wait for a proof of who asks once its moment has come (`unprovedAt`): nobody is left without an answer because nobody
 * showed who they are. Who is proved at the same moment is not refused. Gives the case as it stands then.
 */
export async function failUnproved(vault: Vault, found: Case): Promise<Case> {
  if (found.request.state !== 'identifying' || !isDue(vault, found)) return found
  await actOnRequest(vault, found, {
    name: 'step-request',
    operation: 'use',
    caller: null,
    events: (_, at) => [{ kind: 'step', step: 'identity-failed', at }],
  }).catch((error: unknown) => {
    // Proved meanwhile, or taken back.
    if (!isDoverieError(error, 'conflict')) throw error
  })
  return caseOf(vault, found.request.id)
}

/**
 * Sends the reasoned refusal to who is refused for want of a proof, if staff have not by its moment: by mail or to their page, which
 * ends the request; on paper it is made once, with a letter to the officer that it is to be posted the same day.
 */
export async function refuseUnproved(vault: Vault, found: Case): Promise<RequestRow> {
  const { policy, request } = found
  if (request.state !== 'refusing' || !isDue(vault, found)) return request
  if ((await listReplies(vault.data, request.id)).some(({ kind }) => kind === 'refusal')) {
    await wakeLater(vault.data, request.id, vault.now() + AGAIN)
    return request
  }
  const toBePosted = async (tx: Queryable): Promise<void> => {
    await tellOfficer(vault, tx, policy, posting(request.number))
  }
  const sent = await makeReply(vault, null, { request: request.id, kind: 'refusal' }, toBePosted)
  return sent.request
}

function isDue(vault: Vault, { law, request }: Case): boolean {
  const at = unprovedAt(law, request.fold)
  return at !== null && vault.now() >= at
}

function posting(number: string): { readonly subject: string; readonly text: string } {
  return {
    subject: `Обращение ${number}: отправьте отказ сегодня / request ${number}: post the refusal today`,
    text: [
      `По обращению ${number} никто не подтвердил личность. Отказ с причиной составлен и ждёт печати: отправьте его сегодня и отметьте это, сегодня последний день.`,
      '',
      `Nobody showed who they are on request ${number}. The refusal, with its reason, is made and waits to be printed: post it today and mark it; today is the last day.`,
    ].join('\n'),
  }
}

import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  cancelMailbox,
  confirmMailbox,
  listWaitingMailboxes,
  myWaitingMailbox,
  proposeMailbox,
  proveMailbox,
  sendMailboxCode,
} from '@doverie/vault'
import { answered, recorded } from '../answer.ts'
import { type Route, route, staffOf, subjectOf } from '../route.ts'

export const lostMailboxRoutes: readonly Route[] = [
  route(contract.proposeMailbox, async ({ vault }, call) =>
    answered(await proposeMailbox(vault, staffOf(call), { ...call.params, ...call.body }), ({ change, code }) => {
      if (change === undefined || code === undefined) throw new DoverieError('internal')
      return { change, code }
    }),
  ),
  route(contract.sendMailboxCode, ({ vault }, call) =>
    sendMailboxCode(vault, staffOf(call), { ...call.params, ...call.body }),
  ),
  route(contract.proveMailbox, async ({ vault }, call) => {
    await proveMailbox(vault, staffOf(call), { ...call.params, ...call.body })
    return null
  }),
  route(contract.confirmMailbox, async ({ vault }, call) =>
    recorded(await confirmMailbox(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.cancelMailbox, async ({ vault }, call) =>
    recorded(await cancelMailbox(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.listMailboxes, async ({ vault }, call) => ({
    waiting: await listWaitingMailboxes(vault, staffOf(call)),
  })),
  route(contract.showMyMailbox, async ({ vault }, call) => ({
    waiting: await myWaitingMailbox(vault, subjectOf(call)),
  })),
  route(contract.cancelMyMailbox, async ({ vault }, call) => {
    const caller = subjectOf(call)
    return recorded(await cancelMailbox(vault, caller, { subject: caller.subject, ...call.body }))
  }),
]

import * as contract from '@doverie/core/contract'
import { issueDestructionAct, listDestructions, printDestructionAct } from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

export const destructionRoutes: readonly Route[] = [
  route(contract.listDestructions, async ({ vault }, call) => {
    const { subject, before } = call.query
    const which = { subject, before: before === undefined ? undefined : Number(before) }
    return { destructions: await listDestructions(vault, staffOf(call), which) }
  }),
  route(contract.issueDestructionAct, async ({ vault }, call) => {
    const { statement, note } = await issueDestructionAct(vault, staffOf(call), call.params.act)
    return { statement: { ...statement }, note }
  }),
  route(contract.printDestructionAct, async ({ vault }, call) =>
    printDestructionAct(vault, staffOf(call), call.params.act),
  ),
]

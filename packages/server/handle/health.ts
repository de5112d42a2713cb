import * as contract from '@doverie/core/contract'
import { currentPolicy, readCheckpoint } from '@doverie/vault'
import { type Route, route } from '../route.ts'
import { VERSION } from '../version.ts'

export const healthRoutes: readonly Route[] = [
  route(contract.healthz, async ({ vault, jobs }, { reply }) => {
    const answering = await readCheckpoint(vault).then(
      () => true,
      () => false,
    )
    const well = answering && !jobs.ledgerStopped
    if (!well) void reply.code(503)
    return {
      status: well ? 'ok' : 'failing',
      policy: currentPolicy(vault)?.id ?? null,
      ledger: jobs.ledgerStopped ? 'stopped' : 'running',
      storage: answering ? 'answering' : 'silent',
    }
  }),
  route(contract.showOpenApi, () => Promise.resolve(contract.openApi(VERSION))),
]

import * as contract from '@doverie/core/contract'
import { currentPolicy, readCheckpoint, witnessing } from '@doverie/vault'
import { type Route, route } from '../route.ts'
import { VERSION } from '../version.ts'

/** How long what is signed may wait for its witnesses before that is told. */
const PATIENCE_MS = 60_000
const ok = (): boolean => true
const failed = (): boolean => false

export const healthRoutes: readonly Route[] = [
  route(contract.healthz, async ({ vault, jobs }, { reply }) => {
    const witnesses = await witnessing(vault, PATIENCE_MS).catch(() => null)
    const answering = witnesses !== null && (await readCheckpoint(vault).then(ok, failed))
    const policy = currentPolicy(vault)?.id ?? null
    // Without a policy in force all is refused: to whoever sends requests here, that is down.
    const well = answering && !jobs.ledgerStopped && policy !== null
    if (!well) void reply.code(503)
    return {
      status: well ? 'ok' : 'failing',
      policy,
      witnesses: witnesses ?? 'behind',
      ledger: jobs.ledgerStopped ? 'stopped' : 'running',
      waiting: jobs.waiting,
      storage: answering ? 'answering' : 'silent',
    }
  }),
  route(contract.showOpenApi, () => Promise.resolve(contract.openApi(VERSION))),
]

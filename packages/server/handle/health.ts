import * as contract from '@doverie/core/contract'
import { currentPolicy, mailboxState, readCheckpoint, witnessing } from '@doverie/vault'
import { mailboxName } from '../intake/imap-settings.ts'
import { isReached } from '../intake/run-intake.ts'
import { type Route, route } from '../route.ts'
import { VERSION } from '../version.ts'

/** How long what is signed may wait for its witnesses before that is told. */
const PATIENCE_MS = 60_000
const ok = (): boolean => true
const failed = (): boolean => false

export const healthRoutes: readonly Route[] = [
  route(contract.healthz, async ({ vault, jobs, settings }, { reply }) => {
    const witnesses = await witnessing(vault, PATIENCE_MS).catch(() => null)
    const answering = witnesses !== null && (await readCheckpoint(vault).then(ok, failed))
    const policy = currentPolicy(vault)?.id ?? null
    const mailbox =
      settings.imap === null ? null : await mailboxState(vault, mailboxName(settings.imap)).catch(() => null)
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
      mailbox:
        settings.imap === null ? 'none' : mailbox !== null && isReached(mailbox, Date.now()) ? 'reached' : 'unreached',
      mailFetchedAt: mailbox?.reachedAt ?? null,
    }
  }),
  route(contract.showOpenApi, () => Promise.resolve(contract.openApi(VERSION))),
]

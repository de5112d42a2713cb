import { setTimeout as delay } from 'node:timers/promises'
import { isDoverieError } from '@doverie/core/base'
import {
  askForReview,
  carryOutErasures,
  countClauses,
  currentPolicy,
  endDeputies,
  forgetLetters,
  forgetMail,
  integrateLedger,
  keepDuties,
  keepEpochs,
  keepRetention,
  measureProtection,
  packLedger,
  pruneLedger,
  replaceMailboxes,
  recountRequests,
  refreshPolicy,
  sendDueMail,
  sweep,
  tendIncidents,
  tendDemands,
  tendNotices,
  tendRequests,
  type Vault,
  watchBacklog,
} from '@doverie/vault'
import type { Logger } from 'pino'
import { WitnessRounds } from './ask-witnesses.ts'
import { runIntake } from './intake/run-intake.ts'
import { addressOf, type Mailer } from './mail.ts'
import { loggable } from './problem.ts'
import type { Settings } from './settings.ts'
import type { PhoneGateway } from './sms.ts'

/** What the jobs say of themselves. */
export interface JobState {
  /** True once the ledger was found in a state that its writer does not know: nothing is integrated until a restart. */
  readonly ledgerStopped: boolean
  /** Entries that wait for their place in the ledger, as counted last. */
  readonly waiting: number
}

/** By what messages go out; null where there is none. */
export interface Outlets {
  readonly mailer: Mailer | null
  readonly gateway: PhoneGateway | null
}

export interface Jobs {
  readonly state: JobState
  /** Resolves when what was under way has ended. */
  stop(): Promise<void>
}

const INTEGRATE_MS = 200
const COUNT_MS = 60_000
const PACK_MS = 60_000
/** Between two packs: five thousand entries a second are more than a server makes, and what an upgrade finds must not hold up reads. */
const PACK_PAUSE_MS = 200
/** What is asked about at once (receipts, explanations, a history looked at) is found unpacked. */
const PACK_AFTER_MS = 600_000
const BACKLOG_MS = 1_000
const MAIL_MS = 500
const POLICY_MS = 2_000
const ERASURE_MS = 60_000
const REQUESTS_MS = 5_000
const INCIDENTS_MS = 500
const SWEEP_MS = 3_600_000
const EPOCH_MS = 600_000
const PLAN_MS = 6 * 3_600_000
const HOUR_MS = 3_600_000
const YEAR_MS = 366 * 24 * HOUR_MS
const SLOWEST_RETRY_MS = 30_000

/** What the operator is told when the ledger's writer stops. */
const STOPPED =
  'the writer of the ledger found a state that it does not know and has stopped: nothing is signed any more. Nothing is lost: ' +
  'acts go on, their entries wait, and reads are turned away once LEDGER_BACKLOG of them do. Change nothing in the databases; ' +
  'stop the server, keep a copy, run `doverie ledger verify`, and follow docs/operations.md, "When the ledger stops"'

/** Integrates the ledger, has it witnessed, keeps the policy that is in force, sends letters, carries out destructions that waited, sweeps, ends epochs and destroys what nothing keeps, each in its own loop until stopped. A fault delays its loop and ends none. */
export function startJobs(vault: Vault, logger: Logger, outlets: Outlets, settings: Settings): Jobs {
  const stopping = new AbortController()
  const state = { ledgerStopped: false, waiting: 0 }
  const loops = [
    repeat('ledger', logger, stopping.signal, async () => {
      const { more } = await integrateLedger(vault)
      return more ? 0 : INTEGRATE_MS
    }).catch(() => {
      state.ledgerStopped = true
      logger.error({ job: 'ledger' }, STOPPED)
    }),
    repeat('backlog', logger, stopping.signal, async () => {
      state.waiting = await watchBacklog(vault, settings.ledgerBacklog)
      return BACKLOG_MS
    }),
    // An adoption in another process, and the first day of one adopted ahead.
    repeat('policy', logger, stopping.signal, async () => {
      await refreshPolicy(vault)
      return POLICY_MS
    }),
    // What the matrix of clauses counts: it is caught up here, so that a question finds little left to do.
    repeat('counts', logger, stopping.signal, async () => ((await countClauses(vault)) ? 0 : COUNT_MS)),
    // What the ledger takes on the disk. A damaged entry ends this loop alone: verifying the ledger names it.
    repeat('pack', logger, stopping.signal, async () =>
      (await packLedger(vault, vault.now() - PACK_AFTER_MS)) ? PACK_PAUSE_MS : PACK_MS,
    ).catch(() => undefined),
    ...(settings.ledgerKeepYears === 0
      ? []
      : [
          repeat('prune', logger, stopping.signal, async () => {
            await pruneLedger(vault, vault.now() - settings.ledgerKeepYears * YEAR_MS)
            return SWEEP_MS
          }),
        ]),
    // What people asked to be destroyed, once their day has come.
    repeat('erasure', logger, stopping.signal, async () => {
      await carryOutErasures(vault)
      return ERASURE_MS
    }),
    repeat('sweep', logger, stopping.signal, async () => {
      await forgetLetters(vault)
      await forgetMail(vault)
      await sweep(vault)
      await recountRequests(vault)
      return SWEEP_MS
    }),
    // Ends an epoch that is due, goes on with an end or a rotation that was interrupted, and forgets keys that are gone.
    repeat('epoch', logger, stopping.signal, async () => {
      await keepEpochs(vault, settings.epochHours * HOUR_MS)
      return EPOCH_MS
    }),
    repeat('retention', logger, stopping.signal, async () => {
      await tendRetention(vault, logger, settings)
      return PLAN_MS
    }),
  ]
  if (vault.trust.quorum !== 'none') {
    const witnesses = new WitnessRounds(vault, logger)
    loops.push(
      repeat('witness', logger, stopping.signal, async () => {
        await witnesses.round()
        return settings.witnessSeconds * 1000
      }).catch(() => {
        state.ledgerStopped = true
      }),
    )
  }
  loops.push(...answering(vault, logger, stopping.signal))
  loops.push(...sending(vault, logger, outlets, stopping.signal))
  loops.push(...taking(vault, logger, settings, stopping.signal))
  return {
    state,
    stop: async () => {
      stopping.abort()
      await Promise.allSettled(loops)
    },
  }
}

/** The loops that keep the clocks of what people, authorities and incidents ask for. Each by itself: a fault of one holds up no other. */
function answering(vault: Vault, logger: Logger, signal: AbortSignal): Promise<void>[] {
  return [
    // Escalations of clocks, and what people's requests have the software do: stop, destroy on the day, lift a block.
    repeat('requests', logger, signal, async () => ((await tendRequests(vault)) > 0 ? 0 : REQUESTS_MS)),
    // Mailboxes in place of lost ones, once their day has come.
    repeat('mailboxes', logger, signal, async () => {
      await replaceMailboxes(vault)
      return ERASURE_MS
    }),
    // Reminders of incidents, the search for whom they affected, and letters to them.
    repeat('incidents', logger, signal, async () => ((await tendIncidents(vault)) > 0 ? INCIDENTS_MS : REQUESTS_MS)),
    // What the operator must tell the authority and have in writing, with its terms.
    repeat('duties', logger, signal, async () => {
      await endDeputies(vault)
      return (await keepDuties(vault)) > 0 ? 0 : REQUESTS_MS
    }),
    // Terms of authorities' demands, and letters to recipients whose data were corrected or destroyed.
    repeat('demands', logger, signal, async () => {
      const seen = (await tendDemands(vault)) + (await tendNotices(vault))
      return seen > 0 ? 0 : REQUESTS_MS
    }),
  ]
}

/** The loop that takes letters from the mailbox, where there is one. */
function taking(vault: Vault, logger: Logger, settings: Settings, signal: AbortSignal): Promise<void>[] {
  const { imap, mailFrom, authserv } = settings
  if (imap === null) return []
  return [runIntake(vault, logger, imap, { own: [addressOf(mailFrom)], authenticates: authserv }, signal)]
}

/** A loop for each way by which messages go out. */
function sending(vault: Vault, logger: Logger, { mailer, gateway }: Outlets, signal: AbortSignal): Promise<void>[] {
  const ways = [
    ...(mailer === null ? [] : [{ channel: 'mail' as const, outlet: mailer }]),
    ...(gateway === null ? [] : [{ channel: 'sms' as const, outlet: gateway }]),
  ]
  return ways.map(({ channel, outlet }) =>
    repeat(channel, logger, signal, async () =>
      (await sendDueMail(vault, (letter, id) => outlet.send(letter, id), channel)) > 0 ? 0 : MAIL_MS,
    ),
  )
}

/** Plans what nothing keeps, destroys what is planned for now, and warns before the number of people asks for more protection. */
async function tendRetention(vault: Vault, logger: Logger, { planDays, threatType }: Settings): Promise<void> {
  if (currentPolicy(vault) === null) return
  const done = await keepRetention(vault, planDays)
  if (done !== null && done.planned + done.dropped + done.people + done.refused > 0) {
    logger.info({ job: 'retention', ...done }, 'what nothing keeps')
  }
  if (done !== null && done.late > 0) {
    logger.warn({ job: 'retention', late: done.late }, 'the law’s term ends within the pause after a restore')
  }
  const review = await askForReview(vault)
  if (review !== null && (review.asked > 0 || review.refused)) {
    logger.info({ job: 'retention', ...review }, 'people asked whether their data are still right')
  }
  const { warning, people: held, threshold, level, levelBeyond } = await measureProtection(vault, threatType)
  if (warning) logger.warn({ people: held, threshold, level, levelBeyond }, 'the level of protection is about to rise')
}

/** Runs `work` again after the milliseconds it asks for. Only `ledger-inconsistent` ends it, by rejecting. */
async function repeat(job: string, logger: Logger, signal: AbortSignal, work: () => Promise<number>): Promise<void> {
  let faults = 0
  while (!signal.aborted) {
    let pause: number
    try {
      pause = await work()
      faults = 0
    } catch (error) {
      logger.error({ job, ...loggable(error) }, 'a job failed')
      if (isDoverieError(error, 'ledger-inconsistent')) throw error
      pause = Math.min(SLOWEST_RETRY_MS, 500 * 2 ** faults)
      faults += 1
    }
    await delay(pause, undefined, { signal }).catch(() => undefined)
  }
}

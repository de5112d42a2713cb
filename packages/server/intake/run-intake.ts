import { setTimeout as delay } from 'node:timers/promises'
import { isDoverieError, type Instant } from '@doverie/core/base'
import {
  type IntakeSettings,
  intakeAlone,
  type MailboxState,
  type MailFate,
  type MailFault,
  type MessageIn,
  noteFailing,
  noteReached,
  readingOf,
  saveReading,
  takeMessage,
  currentPolicy,
  type Vault,
} from '@doverie/vault'
import type { Logger } from 'pino'
import { loggable } from '../problem.ts'
import { type ImapSettings, mailboxName } from './imap-settings.ts'
import {
  fetchRaw,
  inFolder,
  isCut,
  type Listed,
  listFresh,
  markTaken,
  type OpenMailbox,
  openMailbox,
  waitForMail,
  type WatchedFolder,
} from './mailbox.ts'
import { MessageReader } from './message-reader.ts'

/** Messages that are taken under one lock: then another process may go on. */
const BATCH = 20
/** A mailbox that was not reached for so long is told. */
const PATIENCE_MS = 15 * 60_000
const SLOWEST_RETRY_MS = 60_000
const TELL_AGAIN_MS = 3_600_000

/** Whether a mailbox may be taken to answer: the last look failed no longer than a quarter of an hour ago. */
export function isReached({ reachedAt, failingSince }: MailboxState, now: Instant): boolean {
  if (failingSince !== null) return now - failingSince < PATIENCE_MS
  return reachedAt !== null
}

/**
 * Takes letters from the mailbox until stopped, as they come; connects again, ever more slowly, where it goes away. A message stays in the
 * mailbox until it was taken durably, and is marked after: a crash between finds it known the next time. One process at a time takes;
 * each keeps its own connection.
 */
export async function runIntake(
  vault: Vault,
  logger: Logger,
  imap: ImapSettings,
  settings: IntakeSettings,
  signal: AbortSignal,
): Promise<void> {
  const intake: Intake = {
    vault,
    logger,
    imap,
    settings,
    reader: new MessageReader(),
    stuck: new Map(),
    unmarked: false,
  }
  let faults = 0
  let toldAt = 0
  while (!signal.aborted) {
    try {
      await session(intake, signal, () => {
        faults = 0
      })
    } catch (error) {
      const fault = faultOf(error)
      const since = await noteFailing(vault, mailboxName(imap), fault).catch(() => vault.now())
      const now = vault.now()
      // The first time, and again where it stays so.
      if (faults === 0) logger.warn({ job: 'intake', fault, ...loggable(error) }, 'the mailbox cannot be read')
      else if (now - since > PATIENCE_MS && now - toldAt > TELL_AGAIN_MS) {
        toldAt = now
        const minutes = Math.floor((now - since) / 60_000)
        logger.error({ job: 'intake', fault, minutes }, 'the mailbox has not been read for long: no letters are taken')
      }
      faults += 1
    }
    await delay(Math.min(SLOWEST_RETRY_MS, 500 * 2 ** Math.min(faults, 10)), undefined, { signal }).catch(
      () => undefined,
    )
  }
  await intake.reader.close()
}

interface Intake {
  readonly vault: Vault
  readonly logger: Logger
  readonly imap: ImapSettings
  readonly settings: IntakeSettings
  readonly reader: MessageReader
  /** Messages that could not be fetched or taken, and those after them that were: kept while the folder cannot be read past them. */
  readonly stuck: Map<string, Set<number>>
  unmarked: boolean
}

/** What Node says of a certificate that it does not trust, of a wrong name or of an end. */
const UNTRUSTED = /CERT|SIGNATURE|^ERR_(TLS|SSL)_/

/** Why a mailbox could not be opened or read, without a word of its server's. */
export function faultOf(error: unknown): MailFault {
  const { authenticationFailed, mailboxMissing, code, tlsFailed } = error as Readonly<Record<string, unknown>>
  const untrusted = typeof code === 'string' && UNTRUSTED.test(code)
  if (authenticationFailed === true || tlsFailed === true || untrusted) return 'refused'
  if (mailboxMissing === true) return 'no-folder'
  return typeof code === 'string' && /^E[A-Z]+$|TIMEOUT|^NoConnection$/.test(code) ? 'unreachable' : 'other'
}

/** One connection, for as long as it holds. */
async function session(intake: Intake, signal: AbortSignal, reached: () => void): Promise<void> {
  const { vault, imap } = intake
  const mailbox = await openMailbox(imap)
  const { client } = mailbox
  try {
    while (!signal.aborted) {
      // Without a policy nothing says what a letter asks: they wait where they are.
      const more = currentPolicy(vault) === null ? false : await lookThrough(intake, mailbox, signal)
      if (!client.usable) throw Object.assign(new Error('the connection ended'), { code: 'NoConnection' })
      await noteReached(vault, mailboxName(imap))
      reached()
      if (more !== true) await waitForMail(mailbox, imap.seconds * 1000, signal)
    }
  } finally {
    if (client.usable) await Promise.race([client.logout().catch(() => undefined), delay(2_000)])
    client.close()
  }
}

/** Takes what is new in all folders; true where there is more. Null where another process is at it. */
async function lookThrough(intake: Intake, mailbox: OpenMailbox, signal: AbortSignal): Promise<boolean | null> {
  return intakeAlone(intake.vault, async () => {
    let more = false
    for (const folder of mailbox.folders) {
      if (!signal.aborted) more = (await lookInto(intake, mailbox, folder, signal)) || more
    }
    return more
  })
}

function lookInto(intake: Intake, mailbox: OpenMailbox, folder: WatchedFolder, signal: AbortSignal): Promise<boolean> {
  const { vault, imap } = intake
  const name = `${mailboxName(imap)}/${folder.path}`
  return inFolder(mailbox, folder, async ({ uidValidity, uidNext, exists }) => {
    const now = vault.now()
    const known = await readingOf(vault, name)
    const wanted = folder.junk ? null : imap.since
    // New to us, or numbered anew: then what is known is known by itself.
    const anew = { uidValidity, firstUid: uidNext, fetchedAt: null }
    const reading =
      known === null
        ? { ...anew, junk: folder.junk, nextUid: wanted === null ? uidNext : 1, since: wanted ?? now, before: 0 }
        : known.uidValidity === uidValidity
          ? known
          : { ...known, ...anew, nextUid: 1 }
    const { client } = mailbox
    const stuck = intake.stuck.get(name) ?? new Set<number>()
    const { fresh, upTo, more } = await listFresh(vault, client, reading, BATCH + stuck.size)
    const failed: number[] = []
    for (const one of fresh) {
      if (signal.aborted) return false
      if (stuck.has(one.uid) && !failed.includes(one.uid)) continue
      const taken = await takeOne(intake, mailbox, folder, one)
      if (taken) stuck.add(one.uid)
      else failed.push(one.uid)
    }
    const next = Math.min(...failed, upTo + 1)
    for (const uid of stuck) if (uid < next) stuck.delete(uid)
    intake.stuck.set(name, stuck)
    const before = known === null ? Math.max(0, exists - fresh.length) : reading.before
    // A crash before this looks at the same messages again, which are known by then.
    await saveReading(vault, name, { ...reading, nextUid: Math.max(next, reading.nextUid), before, fetchedAt: now })
    return more && failed.length === 0
  })
}

/** Takes a message and marks it; false where that has to wait. */
async function takeOne(intake: Intake, { client }: OpenMailbox, folder: WatchedFolder, one: Listed): Promise<boolean> {
  const { reader, imap, logger } = intake
  const raw = await fetchRaw(client, one)
  if (raw === null) return true
  const whole = await reader.read(raw)
  const read =
    whole !== null && isCut(one) ? { ...whole, parts: [], remarks: [...whole.remarks, 'too-large' as const] } : whole
  const { receivedAt, bytes } = one
  const fate = await taken(intake, { raw, receivedAt, bytes, junk: folder.junk || one.junk, read })
  if (fate === null) return false
  if (fate === 'own' || folder.junk) return true
  if (!(await markTaken(client, one.uid, imap.done)) && !intake.unmarked) {
    intake.unmarked = true
    logger.warn({ job: 'intake' }, 'taken messages cannot be marked in the mailbox; they are known all the same')
  }
  return true
}

/**
 * Takes a message; what fails for a reason of its own is taken once more as one that nobody can take apart: it must not keep the others
 * waiting, nor be lost. Null where that fails, too. Faults of the storage go up.
 */
async function taken({ vault, settings, logger }: Intake, message: MessageIn): Promise<MailFate | null> {
  for (const one of [message, { ...message, read: null }]) {
    try {
      return await takeMessage(vault, one, settings)
    } catch (error) {
      const whole = ['storage-unavailable', 'policy-absent', 'restore-pending'] as const
      if (whole.some((code) => isDoverieError(error, code))) throw error
      logger.error({ job: 'intake', ...loggable(error) }, 'a message could not be taken as it is')
    }
  }
  return null
}

import type { Instant } from '@doverie/core/base'
import type { Caller } from '../../guard/caller.ts'
import { mac } from '../../guard/mac.ts'
import type { Vault } from '../../guard/vault.ts'
import { exclusively } from '../../store/exclusive.ts'
import {
  countAside,
  deleteAsideBefore,
  deleteTakenBefore,
  findFolder,
  findMailState,
  listFolders,
  type MailFolder,
  saveFailing,
  saveFolder,
  saveReached,
} from '../../store/mail-in.ts'
import { deleteSentBefore } from '../../store/mail-sent.ts'
import { assertDuty } from '../duties.ts'

const DAY = 86_400_000
/** As long as a bounce or an answer may come back to what went out, and a message may show up again. */
const REMEMBERED = 400 * DAY
/** Messages that a folder had before it was looked at the first time, or under a former validity, are taken no further back. */
const FURTHEST = 365 * DAY
/** As long as what was set aside is kept for staff to look through. */
const ASIDE_KEPT = 90 * DAY

/** Why a mailbox cannot be read, without a word of its server's. */
export type MailFault = 'unreachable' | 'refused' | 'no-folder' | 'other'

/** Does something that one process does at a time; null, and nothing done, where another is at it. */
export function intakeAlone<T>(vault: Vault, work: () => Promise<T>): Promise<T | null> {
  return exclusively(vault.keys, 'mail', work)
}

/** How far a folder was read; null before the first look. `folder` says where it is; only a keyed hash of it is kept. */
export function readingOf(vault: Vault, folder: string): Promise<MailFolder | null> {
  return findFolder(vault.data, mac(vault, 'mail-folder', folder))
}

/** Remembers how far a folder was read: whatever is below is not looked at again. */
export async function saveReading(vault: Vault, folder: string, reading: MailFolder): Promise<void> {
  await saveFolder(vault.data, mac(vault, 'mail-folder', folder), reading)
}

/** The moment from which on messages are taken that a folder had before. */
export function furthestBack(vault: Vault, since: Instant): Instant {
  return Math.max(since, vault.now() - FURTHEST)
}

export async function noteReached(vault: Vault, mailbox: string): Promise<void> {
  await saveReached(vault.data, mac(vault, 'mailbox', mailbox), vault.now())
}

/** Notes why a mailbox cannot be read, and gives since when. */
export function noteFailing(vault: Vault, mailbox: string, fault: MailFault): Promise<Instant> {
  return saveFailing(vault.data, mac(vault, 'mailbox', mailbox), vault.now(), fault)
}

/** How the mailbox is, as any process over these databases last found it. */
export interface MailboxState {
  readonly reachedAt: Instant | null
  readonly failingSince: Instant | null
  readonly fault: string | null
}

export async function mailboxState(vault: Vault, mailbox: string): Promise<MailboxState> {
  const state = await findMailState(vault.data, mac(vault, 'mailbox', mailbox))
  return state ?? { reachedAt: null, failingSince: null, fault: null }
}

export interface Intake extends MailboxState {
  /** Messages that lay in the folders before they were looked at first, and are not taken. */
  readonly before: number
  /** How many of each reason were set aside and nobody has looked through. */
  readonly aside: ReadonlyMap<string, number>
}

/** How letters come by mail, for whoever sees to requests. Throws `forbidden`. */
export async function describeIntake(vault: Vault, caller: Caller, mailbox: string): Promise<Intake> {
  await assertDuty(vault, caller, 'requests')
  const folders = await listFolders(vault.data)
  const before = folders.filter(({ junk }) => !junk).reduce((sum, folder) => sum + folder.before, 0)
  return { ...(await mailboxState(vault, mailbox)), before, aside: await countAside(vault.data) }
}

/** Forgets what was set aside and what is remembered of messages, once its term is over. Keys of theirs go with the next sweep. */
export async function forgetMail(vault: Vault): Promise<void> {
  const now = vault.now()
  await deleteAsideBefore(vault.data, now - ASIDE_KEPT)
  await deleteTakenBefore(vault.data, now - REMEMBERED)
  await deleteSentBefore(vault.data, now - REMEMBERED)
}

import { setTimeout as delay } from 'node:timers/promises'
import { type Instant } from '@doverie/core/base'
import { furthestBack, type MessageIn, type Vault } from '@doverie/vault'
import { ImapFlow, type MailboxObject } from 'imapflow'
import type { ImapSettings } from './imap-settings.ts'

/** What a message may have in all to be taken whole, in bytes: a letter's attachments in base64. Of larger ones the beginning is taken. */
const WHOLE = 36_000_000
const BEGINNING = 1_048_576
const DAY = 86_400_000

/** A folder that is looked through. */
export interface WatchedFolder {
  readonly path: string
  readonly junk: boolean
}

/** A connection to the mailbox. */
export interface OpenMailbox {
  readonly client: ImapFlow
  /** Spam first: the folder of letters stays open for the server to tell of new ones. */
  readonly folders: readonly WatchedFolder[]
}

/** Connects. Whatever the library throws may quote the server's words: only its kind is ever told. */
export async function openMailbox(settings: ImapSettings): Promise<OpenMailbox> {
  const { host, port, security, ca, user, password } = settings
  const client = new ImapFlow({
    host,
    port,
    secure: security === 'tls',
    ...(security === 'tls' ? {} : { doSTARTTLS: security === 'starttls' }),
    ...(ca === null ? {} : { tls: { ca } }),
    auth: { user, pass: password },
    logger: false,
    disableCompression: true,
    autoIdleDelay: 200,
    connectionTimeout: 30_000,
    socketTimeout: 180_000,
    maxLiteralSize: 64 * 1024 * 1024,
    maxLineLength: 16 * 1024 * 1024,
    maxResponseSize: 96 * 1024 * 1024,
  })
  // What ends a connection is seen where it is waited for.
  client.on('error', () => undefined)
  try {
    await client.connect()
    const junk = await junkFolder(client, settings)
    return {
      client,
      folders: [...(junk === null ? [] : [{ path: junk, junk: true }]), { path: settings.folder, junk: false }],
    }
  } catch (error) {
    client.close()
    throw error
  }
}

async function junkFolder(client: ImapFlow, { junk, folder }: ImapSettings): Promise<string | null> {
  if (junk === null) return null
  const there = await client.list()
  const found = there.find(({ path, specialUse }) => (junk === 'auto' ? specialUse === '\\Junk' : path === junk))
  return found === undefined || found.path === folder ? null : found.path
}

/** A message in the open folder, before it is fetched. */
export interface Listed {
  readonly uid: number
  readonly receivedAt: Instant
  readonly bytes: number
  readonly junk: boolean
}

/** How far a folder was read, as far as the listing asks. */
export interface Reading {
  readonly nextUid: number
  readonly firstUid: number
  readonly since: Instant
}

/** The messages of the open folder that are to be taken, in the order in which they came, the first so many of them: all up to `upTo`. */
export async function listFresh(
  vault: Vault,
  client: ImapFlow,
  { nextUid, firstUid, since }: Reading,
  limit: number,
): Promise<{ readonly fresh: readonly Listed[]; readonly upTo: number; readonly more: boolean }> {
  const from = furthestBack(vault, since)
  // The server counts days in a zone of its own.
  const early =
    nextUid < firstUid
      ? await client.search({ uid: `${nextUid}:${firstUid - 1}`, since: new Date(from - 2 * DAY) }, { uid: true })
      : []
  const late = await client.search({ uid: `${Math.max(nextUid, firstUid)}:*` }, { uid: true })
  const uids = [...(early || []), ...(late || []).filter((uid) => uid >= Math.max(nextUid, firstUid))].sort(
    (a, b) => a - b,
  )
  const some = uids.slice(0, limit)
  const more = uids.length > some.length
  const upTo = Math.max(some.at(-1) ?? 0, more ? 0 : firstUid - 1)
  if (some.length === 0) return { fresh: [], upTo, more }
  const fresh: Listed[] = []
  for await (const one of client.fetch(
    some,
    { uid: true, size: true, internalDate: true, flags: true },
    { uid: true },
  )) {
    const receivedAt = instantOf(one.internalDate, vault.now())
    if (one.uid < firstUid && receivedAt < from) continue
    const junk = one.flags?.has('$Junk') === true && !one.flags.has('$NotJunk')
    fresh.push({ uid: one.uid, receivedAt, bytes: one.size ?? 0, junk })
  }
  return { fresh: fresh.sort((a, b) => a.uid - b.uid), upTo, more }
}

function instantOf(date: Date | string | undefined, now: Instant): Instant {
  const at = new Date(date ?? now).getTime()
  return Number.isFinite(at) ? at : now
}

/** A message as it came, or its beginning; null where it is there no more. */
export async function fetchRaw(client: ImapFlow, { uid, bytes }: Listed): Promise<MessageIn['raw'] | null> {
  const source = bytes > WHOLE ? { start: 0, maxLength: BEGINNING } : true
  const found = await client.fetchOne(uid, { source }, { uid: true })
  return found === false ? null : (found.source ?? null)
}

/** True where a message was too large to be taken whole. */
export function isCut({ bytes }: Pick<Listed, 'bytes'>): boolean {
  return bytes > WHOLE
}

/** Marks a message as taken. False where the server does not let us: it is known by its place and by itself all the same. */
export async function markTaken(client: ImapFlow, uid: number, done: string | null): Promise<boolean> {
  try {
    if (done === null) return await client.messageFlagsAdd([uid], ['\\Seen'], { uid: true })
    if ((await client.messageMove([uid], done, { uid: true })) !== false) return true
    await client.mailboxCreate(done)
    return (await client.messageMove([uid], done, { uid: true })) !== false
  } catch {
    return false
  }
}

/** Opens a folder for the time of some work. */
export async function inFolder<T>(
  { client }: OpenMailbox,
  { path }: WatchedFolder,
  work: (box: MailboxObject) => Promise<T>,
): Promise<T> {
  const lock = await client.getMailboxLock(path)
  try {
    const box = client.mailbox
    if (box === false) throw new Error('the folder is not open')
    return await work(box)
  } finally {
    lock.release()
  }
}

/** Waits until the server tells of a new message, the connection ends, or the time is over. */
export async function waitForMail({ client }: OpenMailbox, milliseconds: number, signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const stop = (): void => {
    done.abort()
  }
  client.once('exists', stop)
  client.once('close', stop)
  await delay(milliseconds, undefined, { signal: AbortSignal.any([signal, done.signal]) }).catch(() => undefined)
  client.off('exists', stop)
  client.off('close', stop)
}

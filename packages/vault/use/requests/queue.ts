import {
  type Day,
  DoverieError,
  type Instant,
  isUuid,
  nextDay,
  parseDay,
  REQUEST_KINDS,
  type RequestKind,
  startOfDay,
  type Uuid,
} from '@doverie/core/base'
import { type Owner, repeatedUntil } from '@doverie/core/request'
import type { Caller, SubjectCaller } from '../../guard/caller.ts'
import type { Vault } from '../../guard/vault.ts'
import type { LetterRow } from '../../store/letters.ts'
import { cameBack, lettersAddedTo } from '../../store/mail-in.ts'
import { listRecipientLetters, type RecipientLetterRow } from '../../store/recipient-letters.ts'
import { listReplies, type ReplyRow } from '../../store/replies.ts'
import {
  listQueue as list,
  listRegister,
  listRequestEvents,
  listRequestsOf,
  type RequestRow,
  type StoredEvent,
} from '../../store/requests.ts'
import { assertDuty } from '../duties.ts'
import { lawFor, policyOf } from './law.ts'
import { type Case, caseOf } from './on-request.ts'

/** Requests on a page of the queue. */
const PAGE = 50
const OWN = 200

export interface QueueRequest {
  readonly kind?: RequestKind | undefined
  readonly owner?: Owner | undefined
  /** Only what is past its planned end. */
  readonly overdue?: boolean | undefined
  /** What the last page gave as `next`. */
  readonly after?: string | undefined
  /** Open ones alone, or those that ended; both where something else is asked for. */
  readonly state?: 'open' | 'ended' | 'all' | undefined
  /** Of the request or of its letter. */
  readonly number?: string | undefined
  readonly entity?: string | undefined
  readonly channel?: LetterRow['channel'] | undefined
  readonly subject?: string | undefined
  /** Days of receipt in the operator's zone, `2026-11-26`, both within. */
  readonly from?: string | undefined
  readonly to?: string | undefined
}

export interface QueuePage {
  readonly requests: readonly RequestRow[]
  /** Asks for the page after; null on the last. */
  readonly next: string | null
  /** Letters of theirs to which something was added by mail that nobody has read yet. */
  readonly added: ReadonlySet<Uuid>
}

/**
 * The open requests, the earliest due first; where anything else than kind, owner and lateness is asked for, the register: what came
 * last first, ended or not. Nothing personal is in it.
 */
export async function listQueue(vault: Vault, caller: Caller, request: QueueRequest): Promise<QueuePage> {
  await assertDuty(vault, caller, 'requests')
  const { kind, owner, overdue, state, number, entity, channel, subject, from, to } = request
  if (kind !== undefined && !REQUEST_KINDS.includes(kind))
    throw new DoverieError('invalid-request', undefined, { field: 'kind' })
  // Whoever looks something up wants the latest; the queue is what is due first.
  if ([state, number, entity, channel, subject, from, to].some((one) => one !== undefined))
    return register(vault, request)
  const found = await list(
    vault.data,
    { kind, owner, overdueAt: overdue === true ? vault.now() : undefined, after: readCursor(request.after) },
    PAGE + 1,
  )
  const requests = found.slice(0, PAGE)
  const last = requests.at(-1)
  const added = await lettersAddedTo(
    vault.data,
    requests.map(({ letter }) => letter),
  )
  return { requests, added, next: found.length > PAGE && last?.dueAt != null ? `${last.dueAt}.${last.id}` : null }
}

async function register(vault: Vault, request: QueueRequest): Promise<QueuePage> {
  const { kind, owner, overdue, state, entity, channel, subject } = request
  if (overdue === true)
    throw new DoverieError('invalid-request', 'What is past its end is asked of the queue alone.', { field: 'overdue' })
  if (subject !== undefined && !isUuid(subject))
    throw new DoverieError('invalid-request', undefined, { field: 'subject' })
  const { zone } = lawFor(vault, policyOf(vault))
  const after = readCursor(request.after)
  const found = await listRegister(
    vault.data,
    {
      ...{ kind, owner, entity, channel, subject },
      number: request.number?.trim(),
      ended: state === undefined || state === 'all' ? undefined : state === 'ended',
      from: beginOf(zone, request.from, 'from'),
      before: beginOf(zone, request.to, 'to', nextDay),
      after: after === undefined ? undefined : { receivedAt: after.dueAt, id: after.id },
    },
    PAGE + 1,
  )
  const requests = found.slice(0, PAGE)
  const last = requests.at(-1)
  const next = found.length > PAGE && last !== undefined ? `${last.receivedAt}.${last.id}` : null
  return { requests, added: new Set(), next }
}

/** The first moment of a day, or of the day after. */
function beginOf(
  zone: string,
  text: string | undefined,
  field: string,
  of: (day: Day) => Day = (day) => day,
): Instant | undefined {
  if (text === undefined) return undefined
  const day = parseDay(text)
  if (day === null) throw new DoverieError('invalid-request', 'A day is written 2026-11-26.', { field })
  return startOfDay(zone, of(day))
}

function readCursor(text: string | undefined): { readonly dueAt: Instant; readonly id: Uuid } | undefined {
  if (text === undefined) return undefined
  const [due, id] = text.split('.')
  if (due === undefined || id === undefined || !/^\d{1,15}$/.test(due) || !isUuid(id)) {
    throw new DoverieError('invalid-request', 'This is no place in the queue.', { field: 'after' })
  }
  return { dueAt: Number(due), id }
}

/** An answered request that another repeats too soon. */
export interface Repeated {
  readonly request: Uuid
  readonly number: string
  readonly receivedAt: Instant
  readonly answeredAt: Instant
  /** From when the same may be asked again. */
  readonly until: Instant
}

export interface DescribedRequest {
  readonly request: RequestRow
  readonly letter: LetterRow
  readonly events: readonly StoredEvent[]
  readonly replies: readonly ReplyRow[]
  /** True where something that was sent to the letter's address came back: nobody is there. */
  readonly cameBack: boolean
  /** True where something was added by mail that nobody has read yet. */
  readonly added: boolean
  /** The answered request that it repeats too soon, by the law's term for that; null where it repeats none. */
  readonly repeats: Repeated | null
  /** Letters to whoever was given the data: it does not end before they went. The person sees none: a norm may forbid to tell of one. */
  readonly recipients: readonly RecipientLetterRow[]
}

/** Where a request stands and how it came there: to whoever sees to requests, and to the person whose it is. */
export async function describeRequest(vault: Vault, caller: Caller, id: string): Promise<DescribedRequest> {
  const found = await caseOf(vault, id)
  const { request, letter } = found
  if (caller.kind === 'subject') {
    if (letter.subject !== caller.subject || letter.identity !== 'proved') throw new DoverieError('not-found')
  } else await assertDuty(vault, caller, 'requests')
  const [events, replies, back, added, recipients, repeats] = await Promise.all([
    listRequestEvents(vault.data, request.id),
    listReplies(vault.data, request.id),
    cameBack(vault.data, letter.id),
    lettersAddedTo(vault.data, [letter.id]),
    caller.kind === 'subject' ? [] : listRecipientLetters(vault.data, { request: request.id, limit: OWN }),
    formerOf(vault, found),
  ])
  return { request, letter, events, replies, cameBack: back, added: added.size > 0, recipients, repeats }
}

/** The newest request of the same person, proved to be theirs and answered, that this one repeats. */
async function formerOf(vault: Vault, { letter, law, request }: Case): Promise<Repeated | null> {
  // Of somebody who only says that they are them nothing is told: not that they asked, either.
  if (letter.subject === null || letter.identity !== 'proved') return null
  for (const former of await listRequestsOf(vault.data, letter.subject, true, OWN)) {
    const { id, number, receivedAt, endedAt, state } = former
    if (id === request.id || state !== 'answered' || endedAt === null) continue
    const until = repeatedUntil(law, former, request)
    if (until !== null) return { request: id, number, receivedAt, answeredAt: endedAt, until }
  }
  return null
}

/** The person's own requests, the newest first: those of letters that are proved to be theirs. */
export function listOwnRequests(vault: Vault, caller: SubjectCaller): Promise<readonly RequestRow[]> {
  return listRequestsOf(vault.data, caller.subject, true, OWN)
}

import { hash } from 'node:crypto'
import { type Canonical, canonical, DoverieError, type Instant, type Operation, type Uuid } from '@doverie/core/base'
import { commitmentInput, ENTRY_DOMAIN, SALT_SIZE as SALT } from '@doverie/core/log'
import type { Decision } from '@doverie/core/policy'
import type { LedgerBatch } from '../store/ledger.ts'
import { type Caller, ledgerNameOf } from './caller.ts'
import { type FramedEntry, unpack } from './pack.ts'
import { BUCKET_SIZE as BUCKET, type RefKey } from './ref-key.ts'

const FRAME = BUCKET + SALT + 4

/** The policy that a decision names while none is loaded. */
export const NO_POLICY = 'none'

/** What happened, before it is tied to a person. INVARIANT: names, ids and clauses only; never a personal value. */
export interface EntryContent {
  /** The use-case: `open`, `compare`, `withdraw` … */
  readonly act: string
  /** The operation of the law's list; null for acts on no personal data (a policy adopted, a credential issued). */
  readonly operation: Operation | null
  readonly caller: Caller | null
  readonly purpose?: string
  readonly entity?: string
  readonly fields?: readonly string[]
  readonly compartments?: readonly string[]
  /** To whom data go. */
  readonly recipient?: string | undefined
  readonly ticket?: string | undefined
  readonly decision: Decision
  readonly detail?: { readonly [key: string]: Canonical }
}

/** A finished entry: its public commitment, and the private rest framed for storage (bucket | salt | length | body). */
export interface Entry {
  readonly id: Uuid
  /** Lower-case hex. */
  readonly leaf: string
  readonly framed: Buffer
}

/** What is hashed (as `commitmentInput` of core/log has it, which a test holds it to), put together where the last one lay. */
const HEAD = ENTRY_DOMAIN.length + SALT
const ROOM = 16_384
const scratch = Buffer.alloc(ROOM)
scratch.write(ENTRY_DOMAIN, 'latin1')

/**
 * Ties an entry to a person by the person's secret K_ref: `ref` in the body, `bucket` beside it to find a day's entries by.
 * With K_ref destroyed (or random, for somebody unknown) neither can be tied to anybody.
 */
export function makeEntry(content: EntryContent, id: Uuid, kRef: RefKey, salt: Buffer, at: Instant): Entry {
  return entryFrom(entryText(content), content.ticket, id, kRef, salt, at)
}

/** The same from a text made before: what is read again and again differs in instant, id, reference and ticket alone. */
export function entryFrom(
  text: EntryText,
  ticket: string | undefined,
  id: Uuid,
  kRef: RefKey,
  salt: Buffer,
  at: Instant,
): Entry {
  const body = filled(text, ticket, id, kRef.ref(id), at)
  // A character of UTF-16 is three bytes of UTF-8 at most.
  const long = HEAD + 3 * body.length > ROOM
  const input = long ? Buffer.from(commitmentInput(salt, body)) : scratch
  if (!long) salt.copy(input, ENTRY_DOMAIN.length)
  const end = long ? input.length : HEAD + input.write(body, HEAD, 'utf8')
  const framed = Buffer.allocUnsafe(FRAME + end - HEAD)
  kRef.bucket(at).copy(framed, 0)
  salt.copy(framed, BUCKET)
  framed.writeUInt32BE(end - HEAD, BUCKET + SALT)
  // The body's bytes as committed to: what is stored is what was hashed.
  input.copy(framed, FRAME, HEAD, end)
  return { id, leaf: hash('sha256', input.subarray(0, end), 'hex'), framed }
}

/** What an entry's body says whenever, whoever it is about: the text between its instant, id, reference and ticket. */
export interface EntryText {
  readonly beforeAt: string
  readonly beforeId: string
  readonly beforeRef: string
  /** True where no policy named the ticket's form: then the ticket stays out as all names do. */
  readonly withoutTicket: boolean
}

/**
 * The canonical JSON of an entry (as `canonical` of core/base gives it, which a test holds it to), put together member by
 * member in the order of their names: it is written once per read.
 */
export function bodyOf(content: EntryContent, id: Uuid, ref: string, at: Instant): string {
  return filled(entryText(content), content.ticket, id, ref, at)
}

/** The text of all entries with this content; its ticket is filled in later. */
export function entryText(content: EntryContent): EntryText {
  // Without a policy nothing says that these names are names: a caller's own text stays out of the ledger.
  const unnamed = content.decision.policy === NO_POLICY
  const { caller, decision, detail, ...named } = unnamed ? withoutNames(content) : content
  const refused = decision.effect === 'refuse'
  const actor = caller === null ? { kind: 'system', name: '' } : ledgerNameOf(caller)
  return {
    beforeAt: `{"act":${quote(content.act)},"actor":${canonical(actor)},"at":`,
    beforeId:
      `,"clauses":${JSON.stringify(decision.clauses)}` +
      member('compartments', named.compartments) +
      (detail === undefined ? '' : `,"detail":${canonical(detail)}`) +
      `,"effect":"${decision.effect}"` +
      member('entity', named.entity) +
      member('fields', named.fields) +
      ',"id":"',
    beforeRef:
      `","operation":${JSON.stringify(content.operation)},"policy":${quote(decision.policy)}` +
      member('purpose', named.purpose) +
      (refused ? member('reasons', [...new Set(decision.causes.map((cause) => cause.reason))].sort()) : '') +
      member('recipient', named.recipient) +
      ',"ref":"',
    withoutTicket: unnamed,
  }
}

function filled(text: EntryText, ticket: string | undefined, id: Uuid, ref: string, at: Instant): string {
  const end = text.withoutTicket ? '' : member('ticket', ticket)
  return `${text.beforeAt}${at}${text.beforeId}${id}${text.beforeRef}${ref}"${end},"v":1}`
}

function withoutNames({ purpose, entity, fields, recipient, ticket, ...rest }: EntryContent): EntryContent {
  return rest
}

/** Names and ids are well-formed text (the policy and the checks of requests see to it), so this is canonical too. */
function quote(text: string): string {
  return JSON.stringify(text)
}

function member(name: string, value: string | readonly string[] | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`
}

export function batchOf(id: Uuid, entries: readonly Entry[]): LedgerBatch {
  return {
    id,
    entries: entries.length,
    leaves: Buffer.from(entries.map((entry) => entry.leaf).join(''), 'hex'),
    bodies: Buffer.concat(entries.map((entry) => entry.framed)),
    packed: false,
  }
}

/** The entries of a stored batch. Throws `ledger-inconsistent` where what is stored is not exactly so many. */
export function entriesOf({ bodies, entries, packed }: LedgerBatch): readonly FramedEntry[] {
  return packed ? unpack(bodies, entries) : unframe(bodies, entries)
}

/** The entries that lie framed one behind the other. Throws `ledger-inconsistent` where the frames do not fill it exactly. */
export function unframe(bodies: Uint8Array, expected: number): readonly FramedEntry[] {
  const bytes = Buffer.from(bodies.buffer, bodies.byteOffset, bodies.byteLength)
  const entries: FramedEntry[] = []
  let at = 0
  while (at + FRAME <= bytes.length) {
    const end = at + FRAME + bytes.readUInt32BE(at + BUCKET + SALT)
    entries.push({
      bucket: bytes.subarray(at, at + BUCKET),
      salt: bytes.subarray(at + BUCKET, at + BUCKET + SALT),
      body: bytes.toString('utf8', at + FRAME, end),
    })
    at = end
  }
  if (at !== bytes.length || entries.length !== expected) throw new DoverieError('ledger-inconsistent')
  return entries
}

import { createHash } from 'node:crypto'
import { DoverieError, type Instant, isDoverieError, type RequestKind, type Uuid } from '@doverie/core/base'
import type { PersonEvent } from '@doverie/core/consent'
import type { Policy } from '@doverie/core/policy'
import { type Law, receive, recognise } from '@doverie/core/request'
import type { Caller, ServiceCaller } from '../../guard/caller.ts'
import { change } from '../../guard/change.ts'
import { createLetterKey } from '../../guard/letter-keys.ts'
import { mac, sameMac } from '../../guard/mac.ts'
import { recordAct } from '../../guard/record-act.ts'
import { RefKey } from '../../guard/ref-key.ts'
import type { Vault } from '../../guard/vault.ts'
import { checkSubjectId } from '../../guard/vocabulary.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import {
  findLetterBySource,
  insertLetter,
  insertPart,
  type LetterChannel,
  type LetterIdentity,
  type LetterRow,
  nextNumber,
  type ProofRecord,
} from '../../store/letters.ts'
import {
  insertRequest,
  insertRequestEvents,
  listRequestsOfLetter,
  type RequestRow,
  type RoutedBy,
} from '../../store/requests.ts'
import { assertDuty, holdCaller } from '../duties.ts'
import { isOpened, openFields } from '../open-fields.ts'
import { channelsOf } from '../tell-person.ts'
import { clausesOf, firstEntity, keeperOf, lawFor, marksOf, numberOf, policyOf, registrarOf, yearOf } from './law.ts'
import { contentOf, type LetterWords, saysNothing, sealContent } from './letter-content.ts'
import { type LaterEvent, moved, standing } from './move-request.ts'
import { countOwn } from './own-limit.ts'
import { tellBlocked } from './tell-blocked.ts'
import { tendRequest } from './tend-requests.ts'
import { type Beginning, effectOf, plainSteps } from './at-once.ts'
import { proofsOf } from './identity.ts'

/** A letter as somebody brings it to the register. */
export interface LetterIn extends LetterWords {
  readonly channel: LetterChannel
  /** When it was received: now, unless told. */
  readonly receivedAt?: Instant | undefined
  /** What it asks, by whoever registers it; by its marks and words unless told. */
  readonly kinds?: readonly RequestKind[] | undefined
  /** The legal entity it is addressed to; to the brand, and so to all of them, unless told. */
  readonly entity?: string | undefined
  /** Who it seems to be about. */
  readonly subject?: Uuid | undefined
  /** Set where somebody found that a stop would harm the person, or others (152-FZ art. 21(1)). */
  readonly harm?: 'subject' | 'third-parties' | undefined
  /** What it came as (a message's id, a submission's key): the same one is registered once. */
  readonly source?: string | undefined
  /** What of its text is its author's own, and looked at for what it asks: all of it unless told. */
  readonly own?: string | undefined
}

/** What else is written in the transaction that registers a letter. */
export type WithRegistration = (tx: Queryable, registered: RegisteredLetter) => Promise<void>

export interface RegisteredLetter {
  readonly letter: LetterRow
  readonly requests: readonly RequestRow[]
  /** What its words speak of beyond what was started: whoever sees to it decides. */
  readonly suggested: readonly RequestKind[]
}

/** How many requests one letter can start. */
const MOST = 15
const CENTURY = Date.UTC(2000, 0, 1)

/**
 * Registers a letter, whatever way it came, and starts the requests that it makes: by its marks (which nobody can overrule), by who
 * registers it, else by its words. Their clocks count from the receipt. At once, in the same transaction: data said to be wrong or
 * unlawfully had are blocked, sparing the contract until its author is proved; promotion stops; what a signed-in person may
 * decide alone takes effect. Attachments are kept sealed as they came. Registered once per `source`; the repeat gives the first answer, and
 * with another content it is `idempotency-conflict`, but for what the software itself takes from a mailbox. A service relays letters within
 * its credential: for the entities that this names, and about so many people an hour; a letter about nobody counts as one.
 */
export async function registerLetter(
  vault: Vault,
  caller: Caller | null,
  letter: LetterIn,
  also?: WithRegistration,
): Promise<RegisteredLetter> {
  const policy = policyOf(vault)
  const given = caller?.kind === 'service' ? withinCredential(policy, caller, letter) : letter
  await assertMayRegister(vault, policy, caller, given)
  const at = vault.now()
  checkLetter(policy, caller, given, at)
  const source = given.source === undefined ? null : mac(vault, 'letter-source', given.source)
  const contentHash = source === null || caller === null ? null : hashOf(vault, given)
  const before = source === null ? null : await registeredBefore(vault, source, contentHash, given, policy)
  if (before !== null) return before
  if (caller?.kind === 'subject') await countOwn(vault, caller.subject)
  const plan = await planOf(vault, policy, caller, given, { source, contentHash }, at)
  if (caller?.kind === 'service') await vault.reach.admit(caller, given.subject ?? plan.letter.id, at)
  try {
    return await withOwnSteps(vault, await put(vault, { ...plan, also }))
  } catch (error) {
    // Somebody registered the same message in the meantime.
    const twin =
      source !== null && isDoverieError(error, 'conflict') ? await findLetterBySource(vault.data, source) : null
    if (twin === null) throw error
    assertSame(twin, contentHash)
    return { letter: twin, requests: await listRequestsOfLetter(vault.data, twin.id), suggested: [] }
  }
}

/** Takes the steps that are the software's own before answering. Where one fails, it is taken at the next round. */
async function withOwnSteps(vault: Vault, registered: RegisteredLetter): Promise<RegisteredLetter> {
  const requests: RequestRow[] = []
  for (const request of registered.requests) {
    requests.push(request.owner === 'system' ? await tendRequest(vault, request.id).catch(() => request) : request)
  }
  return { ...registered, requests }
}

async function assertMayRegister(vault: Vault, policy: Policy, caller: Caller | null, letter: LetterIn): Promise<void> {
  if (caller === null) return
  if (caller.kind === 'staff') {
    await assertDuty(vault, caller, 'requests')
    // What came over the portal or an interface only those can say.
    if (letter.channel === 'portal' || letter.channel === 'api')
      throw new DoverieError('invalid-request', 'Staff register what came on paper, by mail or by phone.', {
        field: 'channel',
      })
    return
  }
  const own = caller.kind === 'subject' && letter.channel === 'portal' && letter.subject === caller.subject
  const relayed =
    caller.kind === 'service' && letter.channel === 'api' && caller.purposes.includes(policy.system.rights)
  if (!own && !relayed) throw new DoverieError('forbidden')
}

function checkLetter(policy: Policy, caller: Caller | null, letter: LetterIn, now: Instant): void {
  const { receivedAt, entity, subject, kinds } = letter
  if (receivedAt !== undefined && (receivedAt > now || receivedAt < CENTURY)) {
    throw new DoverieError('invalid-request', 'A letter is received before it is registered.', { field: 'receivedAt' })
  }
  if (entity !== undefined && !policy.entities.has(entity)) {
    throw new DoverieError('unknown-entity', undefined, { field: 'entity' })
  }
  if (subject !== undefined) checkSubjectId(subject)
  if ((kinds?.length ?? 0) > MOST) throw new DoverieError('invalid-request', undefined, { field: 'kinds' })
  // What came into the mailbox loses nothing; what somebody types has something in it.
  if (caller !== null && (kinds?.length ?? 0) === 0 && saysNothing(letter))
    throw new DoverieError('invalid-request', 'A letter has words, a file, or what it asks for.', { field: 'text' })
}

/**
 * A letter that a service relays, addressed to what its credential is for: to the one entity of it unless told. Throws `forbidden` for
 * another, and `invalid-request` where it names none and the credential is for several, but not for all.
 */
function withinCredential(policy: Policy, { entities }: ServiceCaller, letter: LetterIn): LetterIn {
  const { entity } = letter
  if (entity !== undefined) {
    if (entities.includes(entity) || !policy.entities.has(entity)) return letter
    throw new DoverieError('forbidden', 'The credential is not for this entity.', { field: 'entity' })
  }
  if ([...policy.entities.keys()].every((one) => entities.includes(one))) return letter
  const [only, ...others] = entities
  if (only !== undefined && others.length === 0) return { ...letter, entity: only }
  throw new DoverieError('invalid-request', 'The credential is not for all entities: name one.', { field: 'entity' })
}

/** Keyed, and of the key that it was sent under, too: equal letters under two keys do not look alike. */
function hashOf(vault: Vault, { source = '', parts = [], ...letter }: LetterIn): Buffer {
  const files = parts.map(({ name, type, content }) => [name, type, createHash('sha256').update(content).digest('hex')])
  return mac(vault, 'letter-content', `${source}\n${JSON.stringify([Object.entries(letter).sort(byName), files])}`)
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

/** Throws `idempotency-conflict` where the key was used with another letter. Of what is kept without a hash nothing is compared. */
function assertSame({ contentHash }: LetterRow, given: Uint8Array | null): void {
  if (contentHash === null || given === null || sameMac(contentHash, given)) return
  throw new DoverieError('idempotency-conflict')
}

async function registeredBefore(
  vault: Vault,
  source: Uint8Array,
  contentHash: Uint8Array | null,
  given: LetterIn,
  policy: Policy,
): Promise<RegisteredLetter | null> {
  const letter = await findLetterBySource(vault.data, source)
  if (letter === null) return null
  assertSame(letter, contentHash)
  const requests = await listRequestsOfLetter(vault.data, letter.id)
  return { letter, requests, suggested: askedBy(policy, given).suggested }
}

/** What is to be written once its numbers are known. */
interface Plan {
  readonly policy: Policy
  readonly law: Law
  readonly caller: Caller | null
  readonly letter: Omit<LetterRow, 'number'>
  readonly parts: readonly { readonly id: Uuid; readonly sealed: Buffer }[]
  readonly kinds: readonly { readonly id: Uuid; readonly kind: RequestKind; readonly routedBy: RoutedBy }[]
  readonly suggested: readonly RequestKind[]
  readonly entity: string | null
  readonly harm: LetterIn['harm']
  readonly at: Instant
  readonly also?: WithRegistration | undefined
}

async function planOf(
  vault: Vault,
  policy: Policy,
  caller: Caller | null,
  given: LetterIn,
  { source, contentHash }: Pick<LetterRow, 'source' | 'contentHash'>,
  at: Instant,
): Promise<Plan> {
  const law = lawFor(vault, policy)
  const id = vault.newId()
  const key = await createLetterKey(vault, id, at)
  const parts = (given.parts ?? []).map((part) => ({ id: vault.newId(), part }))
  const content = contentOf(await withMailbox(vault, policy, caller, given), parts)
  const { kinds, suggested } = askedBy(policy, given)
  const proof = caller?.kind === 'subject' ? proofsOf(caller, at) : []
  return {
    policy,
    law,
    caller,
    letter: {
      id,
      channel: given.channel,
      receivedAt: given.receivedAt ?? at,
      registeredAt: at,
      registeredBy: registrarOf(caller),
      source,
      contentHash,
      thread: null,
      subject: given.subject ?? null,
      identity: identityOf(given, proof),
      proof,
      sealed: sealContent(key, content),
      parts: parts.length,
      bytes: content.parts.reduce((sum, { bytes }) => sum + bytes, 0),
      suggested,
    },
    parts: parts.map(({ id: part, part: { content: plain } }) => ({ id: part, sealed: key.seal(part, plain) })),
    kinds: kinds.map(({ kind, routedBy }) => ({ id: vault.newId(), kind, routedBy })),
    suggested,
    entity: given.entity ?? null,
    harm: given.harm,
    at,
  }
}

/** Who is signed in is answered at their own mailbox, also once their data are destroyed: it is kept with the letter. */
async function withMailbox(vault: Vault, policy: Policy, caller: Caller | null, given: LetterIn): Promise<LetterIn> {
  if (caller?.kind !== 'subject' || (given.sender?.email ?? '') !== '') return given
  const { signIn, rights } = policy.system
  const entity = given.entity ?? firstEntity(policy)
  const opened = await openFields(vault, caller, { subject: caller.subject, purpose: rights, entity, fields: [signIn] })
  const email = isOpened(opened) ? opened.values.get(signIn)?.reveal(opened.permit) : undefined
  return typeof email === 'string' ? { ...given, sender: { ...given.sender, email } } : given
}

function identityOf({ subject }: LetterIn, proof: readonly ProofRecord[]): LetterIdentity {
  if (subject === undefined) return 'none'
  return proof.some(({ passed }) => passed) ? 'proved' : 'claimed'
}

/** The kinds of requests that a letter starts, and what else its words speak of. What nobody recognises is feedback, and gets an answer as such. */
function askedBy(
  policy: Policy,
  { kinds, channel, heading = '', marks = [], text, own = text }: LetterIn,
): {
  readonly kinds: readonly { readonly kind: RequestKind; readonly routedBy: RoutedBy }[]
  readonly suggested: readonly RequestKind[]
} {
  const { marked, suggested } = recognise(marksOf(policy), [heading, ...marks].join('\n'), own)
  const chosen = kinds ?? []
  const byWords = chosen.length === 0 && marked.length === 0 ? suggested : []
  const by: RoutedBy = channel === 'portal' || channel === 'api' ? 'person' : 'staff'
  const started = new Map<RequestKind, RoutedBy>([
    ...byWords.map((kind) => [kind, 'words'] as const),
    ...chosen.map((kind) => [kind, by] as const),
    ...marked.map((kind) => [kind, 'mark'] as const),
  ])
  if (started.size === 0) started.set('feedback', 'words')
  return {
    kinds: [...started].map(([kind, routedBy]) => ({ kind, routedBy })),
    suggested: suggested.filter((kind) => !started.has(kind)),
  }
}

/** Writes it all in one transaction: with what takes effect at once where there is somebody to whom it can, else as it is. */
async function put(vault: Vault, plan: Plan): Promise<RegisteredLetter> {
  const { caller, policy, letter, entity } = plan
  const { subject } = letter
  if (subject === null) return putPlain(vault, plan)
  const done: RegisteredLetter[] = []
  const own = caller?.kind === 'subject'
  const outcome = await change(
    vault,
    {
      caller: own ? caller : keeperOf(policy),
      subject,
      act: 'register-letter',
      operation: 'block',
      purpose: own ? policy.system.rights : policy.system.law,
      entity: entity ?? firstEntity(policy),
      fields: [],
      ...(own ? { compartments: channelsOf(policy) } : {}),
      detail: detailOf(plan),
    },
    async (changing) => {
      const before = changing.facts().blocked
      const effects = plan.kinds.map((one) => effectOf(plan, changing.facts(), one))
      for (const event of effects.flatMap(({ events }) => events)) changing.apply(event)
      const blocking = plan.kinds.filter((_, at) => isBlocking(effects[at]?.events ?? [], before?.reason))
      if (own && blocking.length > 0) {
        await tellBlocked(
          vault,
          changing,
          blocking.map(({ kind }) => kind),
        )
      }
      return effects.map(({ steps }) => steps)
    },
    async (tx, changed) => {
      if (changed.effect !== 'permit') return
      // A credential revoked in this very moment relays nothing.
      if (caller?.kind === 'service') await holdCaller({ tx }, caller)
      done.push(await write(tx, vault.keys, plan, changed.value, changed.entry.id))
    },
  )
  const [registered] = done
  // Nobody there, or nobody who may: the letter is registered all the same, and is about nobody until staff say so.
  if (outcome.effect === 'refuse' || registered === undefined) {
    return putPlain(vault, { ...plan, letter: { ...letter, subject: null, identity: 'none' } })
  }
  return registered
}

/** True where more is blocked than was: a claim spares what a block does not. */
function isBlocking(events: readonly PersonEvent[], before: string | undefined): boolean {
  return events.some(
    (event) =>
      event.kind === 'blocked' && (before === undefined || (before === 'claimed' && event.reason !== 'claimed')),
  )
}

async function putPlain(vault: Vault, plan: Plan): Promise<RegisteredLetter> {
  const steps = plan.kinds.map(({ kind }) => plainSteps(plan.law, kind, plan.at))
  return transaction(vault.data, async (tx) => {
    if (plan.caller?.kind === 'service') await holdCaller({ tx }, plan.caller)
    const tie = { kRef: new RefKey(vault.random(32)), operation: 'record' as const }
    const entry = await recordAct(
      vault,
      tx,
      'register-letter',
      plan.caller,
      clausesOf(plan.policy),
      detailOf(plan),
      tie,
    )
    return write(tx, vault.keys, plan, steps, entry)
  })
}

/** What the entry says: also who relayed it, where it takes effect as the keeper's act. */
function detailOf({ caller, letter, kinds, harm }: Plan): Record<string, string | number | readonly string[]> {
  return {
    channel: letter.channel,
    kinds: kinds.map(({ kind }) => kind),
    routed: kinds.map(({ routedBy }) => routedBy),
    parts: letter.parts,
    identity: letter.identity,
    ...(letter.registeredBy === null ? {} : { registeredBy: letter.registeredBy }),
    ...(caller?.kind === 'service' ? { relayedUnder: caller.credential } : {}),
    ...(harm === undefined ? {} : { harm }),
  }
}

async function write(
  tx: Queryable,
  keys: Queryable,
  plan: Plan,
  steps: readonly (readonly LaterEvent[])[],
  entry: Uuid,
): Promise<RegisteredLetter> {
  const year = yearOf(plan.law.zone, plan.at)
  const letter: LetterRow = { ...plan.letter, number: numberOf(year, await nextNumber(tx, keys, 'letter', year)) }
  await insertLetter(tx, letter)
  for (const { id, sealed } of plan.parts) await insertPart(tx, letter.id, id, sealed)
  const requests = await writeRequests(tx, keys, { ...plan, letter }, steps, entry)
  const registered = { letter, requests, suggested: plan.suggested }
  await plan.also?.(tx, registered)
  return registered
}

/** Writes the requests of a registered letter, each with what has happened to it already. */
export async function writeRequests(
  tx: Queryable,
  keys: Queryable,
  plan: Beginning & {
    readonly letter: LetterRow
    readonly kinds: readonly { readonly id: Uuid; readonly kind: RequestKind; readonly routedBy: RoutedBy }[]
  },
  steps: readonly (readonly LaterEvent[])[],
  entry: Uuid,
): Promise<readonly RequestRow[]> {
  const { law, policy, at, entity, letter } = plan
  const year = yearOf(law.zone, at)
  const requests: RequestRow[] = []
  for (const [index, { id, kind, routedBy }] of plan.kinds.entries()) {
    const fold = receive(law, kind, letter.receivedAt)
    const begun: RequestRow = {
      id,
      number: numberOf(year, await nextNumber(tx, keys, 'request', year)),
      letter: letter.id,
      kind,
      entity,
      profile: fold.profile,
      policy: policy.id,
      routedBy,
      receivedAt: letter.receivedAt,
      registeredAt: at,
      assignedTo: null,
      places: 1,
      hindered: null,
      ...standing(law, fold, at),
    }
    const later = steps[index] ?? []
    const request = later.length === 0 ? begun : moved(law, begun, later)
    await insertRequest(tx, request)
    const events = [{ kind: 'received' as const, request: kind, at: letter.receivedAt }, ...later]
    const stored = events.map((event) => ({ event, by: letter.registeredBy, entry }))
    await insertRequestEvents(tx, id, 0, stored)
    requests.push(request)
  }
  return requests
}

import { DoverieError, type Instant, isUuid, type Uuid } from '@doverie/core/base'
import { normaliseValue } from '@doverie/core/policy'
import { levelReached, settling } from '@doverie/core/request'
import type { SubjectCaller } from '../guard/caller.ts'
import { change, type Changing } from '../guard/change.ts'
import { loadAccessKey, accessKeyIn } from '../guard/access-key.ts'
import type { Vault } from '../guard/vault.ts'
import { addSessionStep } from '../store/access.ts'
import {
  deletePasskey,
  findPasskey,
  insertPasskey,
  listPasskeys as list,
  type PasskeyRow,
  renamePasskey as rename,
  usePasskey,
} from '../store/passkeys.ts'
import { endOthers, holdOwn } from './end-sessions.ts'
import { noteSignedIn } from './note-fact.ts'
import {
  beginCeremony,
  type Ceremony,
  type CeremonyAnswer,
  type Credential,
  credentialHash,
  invalid,
  type PasskeyAct,
  type PasskeySite,
  verifyNewKey,
  verifyUse,
} from './passkey-ceremony.ts'
import { beginSession, type Session } from './prove-code.ts'
import { requestOf, sessionOf } from './prove-phone.ts'
import { proofsOf } from './requests/identity.ts'
import { tellPerson } from './tell-person.ts'

const SESSION_TERM = 12 * 3_600_000
/** Nobody has more devices. */
const MOST = 20

/** A passkey as its owner sees it. */
export interface Passkey {
  readonly id: Uuid
  readonly name: string
  readonly addedAt: Instant
  /** From then on it proves more than the session that added it. */
  readonly countsFrom: Instant
  readonly usedAt: Instant | null
}

interface Content extends Credential {
  readonly name: string
}

/** Begins the adding of a key, or a proof by one, in the session of who is signed in. Throws `conflict` where there is no key, or too many. */
export async function beginPasskey(
  vault: Vault,
  caller: SubjectCaller,
  site: PasskeySite,
  act: Exclude<PasskeyAct, 'sign-in'>,
): Promise<Ceremony> {
  const known = await contents(vault, caller.subject)
  if (act === 'step' && known.length === 0) throw new DoverieError('conflict', 'There is no passkey yet.')
  if (act === 'add' && known.length >= MOST) throw new DoverieError('conflict', 'There are too many passkeys.')
  return beginCeremony(vault, site, { act, boundTo: sessionOf(caller), user: caller.subject, known })
}

/**
 * Adds a key that the person's device made. It signs them in from now on, and proves more than that once it has stood for a while: whoever
 * took a session over could add one. Where the session has proved more already it counts at once. Every proved channel is told.
 * Throws `code-invalid`, `conflict` where the key is known, `unauthenticated` where the session has ended meanwhile.
 */
export async function addPasskey(
  vault: Vault,
  caller: SubjectCaller,
  site: PasskeySite,
  given: CeremonyAnswer & { readonly name: string },
): Promise<Passkey> {
  const name = nameOf(given.name)
  const { counter, ...credential } = await verifyNewKey(vault, site, sessionOf(caller), given)
  const id = vault.newId()
  const outcome = await change(vault, requestOf(vault, caller, 'add-passkey'), async (changing) => {
    const { tx, at } = changing
    await holdOwn(changing, caller)
    const sure = levelReached(proofsOf(caller, at)) > 1
    const countsFrom = sure ? at : at + settling('passkey')
    const key = await accessKeyIn(vault, changing)
    const content: Content = { ...credential, name }
    await insertPasskey(tx, {
      credential: credentialHash(vault, credential.id),
      id,
      holder: caller.subject,
      sealed: key.seal(id, content),
      counter,
      addedAt: at,
      countsFrom,
      usedAt: null,
    })
    await tell(vault, changing, 'добавлен', 'added')
    return { id, name, addedAt: at, countsFrom, usedAt: null }
  })
  if (outcome.effect === 'refuse') throw new DoverieError('forbidden')
  return outcome.value
}

/** The keys of who is signed in, the oldest first. */
export async function listPasskeys(vault: Vault, { subject }: SubjectCaller): Promise<readonly Passkey[]> {
  return (await contents(vault, subject)).map(({ row: { id, addedAt, countsFrom, usedAt }, name }) => ({
    id,
    name,
    addedAt,
    countsFrom,
    usedAt,
  }))
}

/** Names a key anew. Throws `not-found` for one that is not theirs. */
export async function renamePasskey(
  vault: Vault,
  caller: SubjectCaller,
  given: { readonly id: string; readonly name: string },
): Promise<void> {
  const name = nameOf(given.name)
  const outcome = await change(vault, requestOf(vault, caller, 'rename-passkey'), async (changing) => {
    const row = (await list(changing.tx, caller.subject)).find(({ id }) => id === given.id)
    if (row === undefined) throw new DoverieError('not-found')
    const key = await accessKeyIn(vault, changing)
    const content = key.open(row.id, row.sealed) as Content
    await rename(changing.tx, caller.subject, row.id, key.seal(row.id, { ...content, name }))
  })
  if (outcome.effect === 'refuse') throw new DoverieError('forbidden')
}

/**
 * Removes a key: from the answer on it signs nobody in, and every session but this one has ended: a thief's would only add another. Every
 * proved channel is told. Throws `not-found` for one that is not theirs, `unauthenticated` where this session has ended meanwhile.
 */
export async function removePasskey(vault: Vault, caller: SubjectCaller, id: string): Promise<void> {
  const outcome = await change(vault, requestOf(vault, caller, 'remove-passkey'), async (changing) => {
    if (!isUuid(id) || !(await deletePasskey(changing.tx, caller.subject, id))) throw new DoverieError('not-found')
    changing.note({ ended: await endOthers(changing, caller) })
    await tell(vault, changing, 'удалён', 'removed')
  })
  if (outcome.effect === 'refuse') throw new DoverieError('forbidden')
}

/**
 * Proves by a key, once more, who is signed in. True in `counts` where the key has stood long enough to count. Throws `code-invalid` for
 * anything that is not a fresh signature by a key of theirs, made for this session on a page of this site.
 */
export async function proveByPasskey(
  vault: Vault,
  caller: SubjectCaller,
  site: PasskeySite,
  given: CeremonyAnswer,
): Promise<{ readonly counts: boolean }> {
  const boundTo = sessionOf(caller)
  const { row, content } = await keyOf(vault, given, caller.subject)
  const known = { credential: content, counter: row.counter }
  const counter = await verifyUse(vault, site, { act: 'step', boundTo }, given, known)
  return used(vault, caller, row, counter, 'step', async ({ tx, at }, counts) => {
    if (counts) await addSessionStep(tx, Buffer.from(boundTo, 'hex'), 'passkey', at)
    return { counts }
  })
}

/** Begins a sign-in by a key. Nobody is named: the browser offers the keys that it has for this site. */
export function beginPasskeySignIn(vault: Vault, site: PasskeySite): Promise<Ceremony> {
  return beginCeremony(vault, site, { act: 'sign-in', boundTo: '' })
}

/** Signs in by a key. Throws `code-invalid` as `proveByPasskey`, alike for a key that nobody here has. */
export async function signInByPasskey(
  vault: Vault,
  site: PasskeySite,
  given: CeremonyAnswer,
): Promise<Session & { readonly subject: Uuid }> {
  const { row, content } = await keyOf(vault, given, null)
  const known = { credential: content, counter: row.counter }
  const counter = await verifyUse(vault, site, { act: 'sign-in', boundTo: '' }, given, known)
  const { holder: subject } = row
  const caller: SubjectCaller = { kind: 'subject', subject, proved: [] }
  // In the transaction that verified: what ends this key, or all that signs the person in, comes before it or finds the session.
  const session = await used(vault, caller, row, counter, 'sign-in', ({ tx, at }, counts) =>
    beginSession(vault, tx, 'subject', subject, [], SESSION_TERM, null, counts ? [{ method: 'passkey', at }] : []),
  )
  await noteSignedIn(vault, subject)
  return { ...session, subject }
}

/** Notes the use of a key in its owner's history, and does in the same transaction what it was used for. */
async function used<T>(
  vault: Vault,
  caller: SubjectCaller,
  row: PasskeyRow,
  counter: number,
  purpose: string,
  work: (changing: Changing, counts: boolean) => Promise<T>,
): Promise<T> {
  const outcome = await change(vault, requestOf(vault, caller, 'use-passkey'), async (changing) => {
    // Under the person's lock: a key removed meanwhile, or a counter that another use has passed, proves nothing.
    if (!(await usePasskey(changing.tx, row.credential, counter, changing.at))) throw invalid()
    const counts = changing.at >= row.countsFrom
    changing.note({ for: purpose, counts })
    return work(changing, counts)
  })
  if (outcome.effect === 'refuse') throw invalid()
  return outcome.value
}

/** The key that an answer names: of `holder`, or of anybody where that is null. */
async function keyOf(
  vault: Vault,
  { response }: CeremonyAnswer,
  holder: Uuid | null,
): Promise<{ readonly row: PasskeyRow; readonly content: Content }> {
  const row = await findPasskey(vault.data, credentialHash(vault, response['id']))
  if (row === null || (holder !== null && row.holder !== holder)) throw invalid()
  const key = await loadAccessKey(vault, row.holder)
  return { row, content: key.open(row.id, row.sealed) as Content }
}

async function contents(vault: Vault, subject: Uuid): Promise<readonly (Content & { readonly row: PasskeyRow })[]> {
  const rows = await list(vault.data, subject)
  if (rows.length === 0) return []
  const key = await loadAccessKey(vault, subject)
  return rows.map((row) => ({ ...(key.open(row.id, row.sealed) as Content), row }))
}

function nameOf(raw: string): string {
  const name = normaliseValue('text', raw, { maxLength: 60 })
  if (!name.ok) throw new DoverieError(name.error.code, name.error.message, { field: 'name' })
  return name.value
}

async function tell(vault: Vault, changing: Changing, ru: string, en: string): Promise<void> {
  const letter = {
    page: '/my/security' as const,
    subject: `Ключ входа ${ru} / A passkey was ${en}`,
    text: [
      `К вашим данным ${ru} ключ входа. Если это сделали не вы, войдите, проверьте свои ключи и сообщите нам сразу.`,
      '',
      `A passkey to your data was ${en}. If that was not you, sign in, look at your keys, and tell us at once.`,
    ].join('\n'),
  }
  await tellPerson(vault, changing, letter, `Ключ входа к вашим данным ${ru}. Если это не вы, сообщите нам.`)
}

import { createSecretKey, type KeyObject } from 'node:crypto'
import { type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import { indexForm, type IndexedKind } from '@doverie/core/policy'
import { answerKeyName, isAnswerKey } from '../guard/answer-keys.ts'
import { nameOfCellKey } from '../guard/cell-keys.ts'
import { REF } from '../guard/key-ring.ts'
import { LETTER } from '../guard/letter-keys.ts'
import { resealLetter } from '../guard/letters.ts'
import { guessable, hidden } from '../guard/passing.ts'
import { RefKey } from '../guard/ref-key.ts'
import { passingKeys, placeOfSecret } from '../guard/secrets.ts'
import type { Vault } from '../guard/vault.ts'
import { blindTag } from '../seal/blind-index.ts'
import { unwrapPersonKey } from '../seal/bound-key.ts'
import { openKey, unseal } from '../seal/envelope.ts'
import { CONTENT } from './requests/letter-content.ts'
import { exportPart } from './requests/reply-parts.ts'
import { type OldCopy, type OldRecord, readCopy, readOldCopy } from '../store/old-copy.ts'

export { type OldCopy, readOldCopy }

/** Of whom an old copy should give nothing: a person, or (`compartments`) a part of what was held of them. */
export interface Destroyed {
  readonly subject: Uuid
  readonly compartments: readonly string[] | null
  /** Their identifiers, as a guesser would try them. */
  readonly identifiers: readonly { readonly kind: IndexedKind; readonly value: string }[]
  /** Hex: of the days on which something was entered about them. Empty where they live on. */
  readonly buckets: readonly string[]
}

/** An attack on an old copy with today's keys: how many things were tried, and how many gave way. */
export interface Attack {
  readonly name:
    | 'root'
    | 'secrets'
    | 'keys'
    | 'values'
    | 'letters'
    | 'tags'
    | 'codes'
    | 'history'
    | 'answers'
    | 'written'
  readonly tried: number
  readonly opened: number
  /** Of `written`: pieces that are kept on purpose still, for the term of their letter, and so are no part of the attack. */
  readonly kept?: number
}

/** All that whoever holds today's installation can try: 32 bytes each. */
interface Arsenal {
  readonly cells: readonly KeyObject[]
  readonly bytes: readonly Buffer[]
}

const DAY = 86_400_000

/**
 * Attacks a copy of both databases that was made before a destruction, with every key of today: every old wrapping under every
 * root version that there is, every wrapped key of the destroyed under every key of today, their sealed values, letters, search
 * tags, codes and buckets likewise, answers in which their data are, and what they wrote once its term is over. What one attack gains the next uses. It opens sealed values without a permit, so it is for
 * installations of invented people; whoever has the root key and both databases can do all of it anyway.
 */
export async function attackCopy(
  vault: Vault,
  copy: OldCopy,
  target: Destroyed,
  at: Instant,
): Promise<readonly Attack[]> {
  const today = await readCopy(vault.data, vault.keys)
  const epochs = (await vault.roots.epochs()).map(({ epoch }) => epoch)
  const underRoots = async (wrapped: Buffer, place: string): Promise<Buffer | null> => {
    for (const epoch of epochs) {
      const opened = await vault.roots.unwrap(epoch, wrapped, place).catch(nothing)
      if (opened !== null) return opened
    }
    return null
  }
  const oldCells = await each(copy.cellKeys, (row) => underRoots(row.wrapped, nameOfCellKey(row)))
  const oldSecrets = await each(copy.secrets, (row) => underRoots(row.wrapped, placeOfSecret(row.name)))
  const arsenal = await arsenalOf(vault, today, [...oldCells, ...oldSecrets])
  const keys = copy.keys.filter((row) => isTarget(target, row))
  const recovered = keys.flatMap((row) => {
    const place = { subject: row.subject_id, compartment: row.compartment, generation: row.generation }
    return arsenal.cells.flatMap((cell) => attempt(() => unwrapPersonKey(cell, row.wrapped, place)) ?? [])
  })
  const bytes = [...arsenal.bytes, ...recovered]
  const records = copy.records.filter((row) => isTarget(target, row))
  const letters = target.compartments === null ? copy.letters.filter(({ holder }) => holder === target.subject) : []
  return [
    { name: 'root', tried: copy.cellKeys.length * epochs.length, opened: oldCells.length },
    // Those that outlive epochs are today's too, and tell nothing by themselves.
    { name: 'secrets', tried: copy.secrets.length * epochs.length, opened: oldSecrets.length },
    { name: 'keys', tried: keys.length * arsenal.cells.length, opened: recovered.length },
    {
      name: 'values',
      tried: records.length * bytes.length,
      opened: opens(records, (row) => bytes.some((key) => opensRecord(copy, row, key))),
    },
    {
      name: 'letters',
      tried: letters.length * bytes.length,
      opened: opens(letters, (row) =>
        bytes.some((key) => attempt(() => resealLetter(vault, passingKeys(key), passingKeys(key), row)) !== null),
      ),
    },
    tagsAttack(vault, copy, target, bytes),
    codesAttack(vault, copy, target, bytes),
    historyAttack(copy, target, bytes, at),
    answersAttack(copy, target, bytes),
    writtenAttack(copy, today, target, bytes),
  ]
}

/** Whether what is to be kept opens from the old copy with today's keys: the old sealed bytes, person by person. */
export async function openKept(
  vault: Vault,
  copy: OldCopy,
  kept: (record: { readonly subject: Uuid; readonly compartment: string }) => boolean,
): Promise<{ readonly tried: number; readonly opened: number }> {
  const records = copy.records.filter((row) => kept({ subject: row.subject_id, compartment: row.compartment }))
  const subjects = [...new Set(records.map((row) => row.subject_id))]
  const people = await vault.ring.load(subjects, vault.now())
  const opened = opens(records, (row) => {
    const held = people
      .get(row.subject_id)
      ?.find((key) => key.compartment === row.compartment && key.generation === row.generation)
    if (held === undefined) return false
    const { subject_id: subject, compartment, generation, version } = row
    const context = { subject, compartment, generation, part: 'record', version }
    return attempt(() => unseal(held.open(subject), context, row.sealed)) !== null
  })
  return { tried: records.length, opened }
}

/** The buckets of a living person from a day on: what a proof remembers of them before their destruction. */
export async function bucketsSince(vault: Vault, subject: Uuid, from: Instant): Promise<readonly string[]> {
  const { kRef } = await vault.people.reload(subject, vault.now())
  const found: string[] = []
  for (let day = from; day <= vault.now() + DAY; day += DAY) found.push(kRef.bucket(day).toString('hex'))
  return found
}

async function arsenalOf(vault: Vault, today: OldCopy, gained: readonly Buffer[]): Promise<Arsenal> {
  const cells = await each(today.cellKeys, (row) =>
    vault.roots.unwrap(row.epoch, row.wrapped, nameOfCellKey(row)).catch(nothing),
  )
  const secrets = await each(today.secrets, (row) =>
    vault.roots.unwrap(row.epoch, row.wrapped, placeOfSecret(row.name)).catch(nothing),
  )
  const cellKeys = cells.map((bytes) => createSecretKey(bytes))
  const people = today.keys.flatMap((row) => {
    const place = { subject: row.subject_id, compartment: row.compartment, generation: row.generation }
    return cellKeys.flatMap((cell) => attempt(() => unwrapPersonKey(cell, row.wrapped, place)) ?? [])
  })
  const bytes = [...cells, ...secrets, ...gained, ...people]
  return { cells: bytes.map((key) => createSecretKey(key)), bytes }
}

function tagsAttack(vault: Vault, copy: OldCopy, target: Destroyed, bytes: readonly Buffer[]): Attack {
  const old = new Set(
    copy.tags.filter(({ subject_id }) => subject_id === target.subject).map(({ tag }) => tag.toString('hex')),
  )
  const { indexBase: base } = vault.secrets
  const forms = target.identifiers.flatMap(({ kind, value }) => {
    const form = indexForm(kind, value)
    return form === null ? [] : [{ kind, form }]
  })
  const matched = forms.filter(({ kind, form }) =>
    bytes.some((key) => old.has(blindTag({ base, key: createSecretKey(key) }, kind, form).toString('hex'))),
  )
  return { name: 'tags', tried: forms.length * bytes.length, opened: matched.length }
}

function codesAttack(vault: Vault, copy: OldCopy, target: Destroyed, bytes: readonly Buffer[]): Attack {
  const own = copy.signIns.filter(({ holder_id }) => target.compartments === null && holder_id === target.subject)
  const kept = new Set(own.map(({ target_hash }) => target_hash.toString('hex')))
  const addresses = target.identifiers.filter(({ kind }) => kind === 'email')
  const matched = addresses.filter(({ value }) => {
    const digest = guessable(vault, 'sign-in-target', indexForm('email', value) ?? value)
    return bytes.some((key) => kept.has(hidden(passingKeys(key), digest).toString('hex')))
  })
  return { name: 'codes', tried: addresses.length * bytes.length, opened: matched.length }
}

function historyAttack(copy: OldCopy, target: Destroyed, bytes: readonly Buffer[], at: Instant): Attack {
  const theirs = new Set(target.buckets.filter((bucket) => copy.buckets.has(bucket.slice(0, 16))))
  const days = [at - DAY, at, at + DAY]
  const found = bytes.flatMap((key) => days.filter((day) => theirs.has(new RefKey(key).bucket(day).toString('hex'))))
  return { name: 'history', tried: bytes.length * days.length, opened: found.length }
}

/** Answers with their data: under the letter's key, which is kept for its term, and within it under one of the person's own. */
function answersAttack(copy: OldCopy, target: Destroyed, bytes: readonly Buffer[]): Attack {
  const own = copy.replies.filter((row) => row.of_person && row.subject_id === target.subject)
  const opened = opens(own, (row) => {
    const part = row.twin ? exportPart(row.reply_id) : row.reply_id
    const inner = attemptPart(copy, row.letter_id, LETTER, part, row.sealed, bytes)
    return inner !== null && attemptPart(copy, target.subject, answerKeyName(row.reply_id), part, inner, bytes) !== null
  })
  return { name: 'answers', tried: own.length * bytes.length, opened }
}

/** What they wrote, with what hung on it: of letters that are kept no more. What is kept opens, as it is meant to. */
function writtenAttack(copy: OldCopy, today: OldCopy, target: Destroyed, bytes: readonly Buffer[]): Attack {
  const theirs = target.compartments === null ? copy.written.filter((row) => row.subject_id === target.subject) : []
  const kept = new Set(today.written.map(({ letter_id }) => letter_id))
  const gone = theirs.filter(({ letter_id }) => !kept.has(letter_id))
  const opened = opens(
    gone,
    (row) => attemptPart(copy, row.letter_id, LETTER, row.part_id ?? CONTENT, row.sealed, bytes) !== null,
  )
  return { name: 'written', tried: gone.length * bytes.length, opened, kept: theirs.length - gone.length }
}

/** A sealed part of a holder under each key, by the id and generation that the copy tells of it; null where none opens it. */
function attemptPart(
  copy: OldCopy,
  subject: Uuid,
  compartment: string,
  part: string,
  sealed: Buffer,
  bytes: readonly Buffer[],
): Buffer | null {
  const key = copy.keys.find((one) => one.subject_id === subject && one.compartment === compartment)
  if (key === undefined) return null
  const { generation, key_id: keyId } = key
  for (const one of bytes) {
    const open = openKey(one, { keyId, subject, compartment, generation })
    const plain = attempt(() => unseal(open, { subject, compartment, generation, part, version: 1 }, sealed))
    if (plain !== null) return plain
  }
  return null
}

function isTarget(target: Destroyed, row: { readonly subject_id: Uuid; readonly compartment: string }): boolean {
  if (row.subject_id !== target.subject) return false
  if (target.compartments === null || isAnswerKey(row.compartment)) return true
  return row.compartment !== REF && target.compartments.includes(row.compartment)
}

function opensRecord(copy: OldCopy, row: OldRecord, bytes: Buffer): boolean {
  const { subject_id: subject, compartment, generation, version } = row
  const key = copy.keys.find((one) => one.subject_id === subject && one.compartment === compartment)
  if (key === undefined) return false
  const open = openKey(bytes, { keyId: key.key_id, subject, compartment, generation })
  return attempt(() => unseal(open, { subject, compartment, generation, part: 'record', version }, row.sealed)) !== null
}

async function each<T>(items: readonly T[], open: (item: T) => Promise<Buffer | null>): Promise<readonly Buffer[]> {
  const opened: Buffer[] = []
  for (const item of items) {
    const bytes = await open(item)
    if (bytes !== null) opened.push(bytes)
  }
  return opened
}

function opens<T>(items: readonly T[], test: (item: T) => boolean): number {
  return items.filter(test).length
}

/** What an attempt gives, or null where it is refused. */
function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (isDoverieError(error)) return null
    throw error
  }
}

function nothing(error: unknown): null {
  if (isDoverieError(error)) return null
  throw error
}

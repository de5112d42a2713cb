import { createSecretKey, type KeyObject } from 'node:crypto'
import { DoverieError, type Instant, type Uuid } from '@doverie/core/base'
import { nameOfCellKey } from '../guard/cell-keys.ts'
import { resealLetter } from '../guard/letters.ts'
import { hidden, revealed } from '../guard/passing.ts'
import { retireFormerKeys } from '../guard/rewrap-cell.ts'
import { indexSecret, makeSecrets, type PassingKeys, passingSecret, placeOfSecret } from '../guard/secrets.ts'
import type { Vault } from '../guard/vault.ts'
import { rekeyTag } from '../seal/blind-index.ts'
import { damagedKey, isSound } from '../seal/bound-key.ts'
import {
  type CellKeyRow,
  countCells,
  deletePreparedCellKeys,
  listFormerCellKeys,
  listLiveCellKeys,
  replaceCellKey,
} from '../store/cells.ts'
import { transaction } from '../store/database.ts'
import { hasDestructions } from '../store/destructions.ts'
import { countFormer, type EpochRow, markEnded, markRewrapped, prepareEpoch, turnEpoch } from '../store/epochs.ts'
import { exclusively } from '../store/exclusive.ts'
import { deleteSecrets, loadKeysOfCell, loadSecrets, replaceSecret } from '../store/key-store.ts'
import {
  listFormerSignIns,
  lockFormerMail,
  lockPassingEpoch,
  rekeySignIns,
  resealMail,
  setPassingEpoch,
} from '../store/passing.ts'
import { lockFormerTags, rekeyTags } from '../store/tags.ts'
import { AT_ONCE, type Pace } from './pace.ts'

const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'
const CELLS_AT_ONCE = 16
/** Calls to the KMS under way at a time. */
const CALLS = 8
const TAGS_AT_ONCE = 1_000
const LETTERS_AT_ONCE = 200

export type EpochStep = 'prepare' | 'turn' | 'cells' | 'index' | 'passing' | 'verify' | 'destroy'
export interface EpochEndOptions {
  readonly onProgress?: OnEpochProgress
  /** Of what lives and is put under the next epoch's keys, some at a time. */
  readonly pace?: Pace
}

export type OnEpochProgress = (step: EpochStep, done: number, of: number) => void

/** An epoch ended: what was destroyed in it is beyond recovery from `irrecoverableFrom` on. */
export interface EndedEpoch {
  readonly epoch: number
  readonly destroyedAt: Instant
  readonly irrecoverableFrom: Instant
}

/**
 * Ends the current epoch, or goes on with one whose end was begun: all that lives is put under the next one's keys, read back, and only then
 * the root version is destroyed under which everything older is wrapped. From then on old backups, write-ahead logs and dead
 * rows of either database open nothing of what was destroyed before. Nothing waits for it but, for a moment, who writes at its turn.
 * Null where another process is at it.
 *
 * What a crash leaves, and the next call takes up: a prepared epoch that nobody uses; the next epoch current and the former one
 * closing, with a part of it re-wrapped (each key by itself, read back before it replaces the old one); all of it re-wrapped and the root version still
 * there; that destroyed and not yet noted, which is noted then. INVARIANT: a root version is destroyed only when nothing that
 * lives is wrapped under it, which nobody can change meanwhile: whoever wraps holds the current epoch's row.
 */
export async function endEpoch(
  vault: Vault,
  { onProgress = () => undefined, pace = AT_ONCE }: EpochEndOptions = {},
): Promise<readonly EndedEpoch[] | null> {
  const run = { vault, onProgress, pace }
  return exclusively(vault.keys, 'epoch', async () => {
    const before = await vault.roots.epochs()
    if (!before.some(({ state }) => state === 'closing')) await turn(vault, onProgress)
    const epochs = await vault.roots.epochs()
    const current = epochs.find(({ state }) => state === 'current')
    if (current === undefined) throw new DoverieError('key-missing', 'The key store has no current epoch.')
    await vault.secrets.refresh()
    await rewrapSecrets(vault, current.epoch)
    await retireFormerKeys(vault)
    await deletePreparedCellKeys(vault.keys, current.epoch)
    await rewrapCells(run, current.epoch)
    await rekeyIndex(run, current.epoch)
    await rekeyPassing(run, current.epoch)
    const closing = epochs.filter(({ state }) => state === 'closing')
    await deleteSecrets(
      vault.keys,
      closing.flatMap(({ epoch }) => [indexSecret(epoch), passingSecret(epoch)]),
    )
    await verify(run, current.epoch)
    await vault.secrets.refresh()
    return destroyRoots(vault, closing, onProgress)
  })
}

/** The longest that an epoch lasts, whatever happens in it. */
const LONGEST = 30 * 86_400_000

/**
 * True where an epoch's end is due: one was begun; or the current one has lasted for `term` milliseconds and something was
 * destroyed in it, or has lasted for thirty days. With a term of 0 none is due of itself.
 */
export async function isEpochDue(vault: Vault, term: number): Promise<boolean> {
  const epochs = await vault.roots.epochs()
  if (epochs.some(({ state }) => state === 'closing')) return true
  const current = epochs.find(({ state }) => state === 'current')
  if (current === undefined || term === 0) return false
  const lasted = vault.now() - current.began_at.getTime()
  return lasted >= LONGEST || (lasted >= term && (await hasDestructions(vault.keys, current.epoch)))
}

/** An end under way. */
interface Run {
  readonly vault: Vault
  readonly onProgress: OnEpochProgress
  readonly pace: Pace
}

/** Prepares the next epoch with its root version and its secrets, all durable and opened once, and has it be the current one. */
async function turn(vault: Vault, onProgress: OnEpochProgress): Promise<void> {
  onProgress('prepare', 0, 1)
  const epochs = await vault.roots.epochs()
  const newest = epochs.at(-1)
  const number = newest?.state === 'prepared' ? newest.epoch : (newest?.epoch ?? 0) + 1
  if (newest?.state !== 'prepared') {
    const { own } = vault.roots
    const spare = await own.newest()
    // Made before a crash, or by the KMS's own operator: a version that nothing was ever wrapped under.
    const unused = spare !== null && !epochs.some(({ kms, root }) => kms === own.kind && root === spare)
    const root = unused ? spare : await own.add()
    await prepareEpoch(vault.keys, { number, kms: own.kind, root, at: vault.now() })
  }
  const names = [indexSecret(number), passingSecret(number)]
  await makeSecrets(vault.keys, vault.roots, vault.random, names, number)
  const stored = await loadSecrets(vault.keys)
  for (const name of names) {
    const secret = stored.get(name)
    if (secret === undefined) throw new DoverieError('key-missing')
    await vault.roots.unwrap(secret.epoch, secret.wrapped, placeOfSecret(name))
  }
  onProgress('turn', 0, 1)
  await transaction(vault.keys, (tx) => turnEpoch(tx, number, vault.now()))
}

/** The same bytes under another epoch, opened once more before they replace what is there. */
async function rewrapped(
  vault: Vault,
  row: { readonly epoch: number; readonly wrapped: Buffer },
  place: string,
  epoch: number,
): Promise<Buffer> {
  const key = await vault.roots.unwrap(row.epoch, row.wrapped, place)
  const wrapped = await vault.roots.wrap(epoch, key, place)
  if (!(await vault.roots.unwrap(epoch, wrapped, place)).equals(key)) throw damagedKey('wrapping')
  return wrapped
}

async function rewrapSecrets(vault: Vault, epoch: number): Promise<void> {
  const own = [indexSecret, passingSecret]
  for (const [name, row] of await loadSecrets(vault.keys)) {
    // An epoch's own secrets end with it.
    if (row.epoch === epoch || own.some((of) => name === of(row.epoch))) continue
    const wrapped = await rewrapped(vault, row, placeOfSecret(name), epoch)
    await replaceSecret(vault.keys, name, row, { epoch, wrapped })
  }
}

async function rewrapCells({ vault, onProgress, pace }: Run, epoch: number): Promise<void> {
  const of = await countCells(vault.keys)
  let done = 0
  for (let after = FIRST; ; ) {
    const page = await listFormerCellKeys(vault.keys, epoch, after, CELLS_AT_ONCE)
    await pace(() =>
      inParallel(page, async (row) => {
        const wrapped = await rewrapped(vault, row, nameOfCellKey(row), epoch)
        await replaceCellKey(vault.keys, row, { ...row, epoch, wrapped })
      }),
    )
    done += page.length
    onProgress('cells', done, of)
    const last = page.at(-1)
    if (last === undefined || page.length < CELLS_AT_ONCE) return
    // Of the last cell there may be another version.
    after = page.findLast(({ cell_id }) => cell_id !== last.cell_id)?.cell_id ?? last.cell_id
  }
}

async function rekeyIndex({ vault, onProgress, pace }: Run, epoch: number): Promise<void> {
  const of = (await countFormer(vault.keys, epoch)).tags
  const to = vault.secrets.indexOf(epoch)
  if (to === null) throw new DoverieError('key-missing')
  for (let done = 0; ; ) {
    const taken = await pace(() => rekeySomeTags(vault, to, epoch))
    done += taken
    onProgress('index', done, of)
    if (taken < TAGS_AT_ONCE) return
  }
}

async function rekeySomeTags(vault: Vault, to: KeyObject, epoch: number): Promise<number> {
  return transaction(vault.keys, async (tx) => {
    const tags = await lockFormerTags(tx, epoch, TAGS_AT_ONCE)
    const next = tags.map((row) => {
      const from = vault.secrets.indexOf(row.epoch)
      if (from === null) throw new DoverieError('key-missing')
      return { ...row, next: rekeyTag(from, to, row.tag) }
    })
    await rekeyTags(tx, next, epoch)
    return tags.length
  })
}

/** Codes under way at once, with the turn of the data's own epoch: they are compared with each other. Letters after it. */
async function rekeyPassing({ vault, onProgress, pace }: Run, epoch: number): Promise<void> {
  const to = await vault.secrets.passing(epoch)
  await transaction(vault.data, async (tx) => {
    if ((await lockPassingEpoch(tx)) >= epoch) return
    const hashes = await listFormerSignIns(tx, epoch)
    const next = hashes.map(async (row) => {
      const from = await vault.secrets.passing(row.epoch)
      const target_hash = hidden(to, revealed(from, row.target_hash))
      return { ...row, epoch, target_hash, code_hash: hidden(to, revealed(from, row.code_hash)) }
    })
    await rekeySignIns(tx, await Promise.all(next))
    await setPassingEpoch(tx, epoch)
  })
  for (let done = 0; ; ) {
    const taken = await pace(() => resealSomeMail(vault, to, epoch))
    done += taken
    onProgress('passing', done, done)
    if (taken < LETTERS_AT_ONCE) return
  }
}

async function resealSomeMail(vault: Vault, to: PassingKeys, epoch: number): Promise<number> {
  return transaction(vault.data, async (tx) => {
    const letters = await lockFormerMail(tx, epoch, LETTERS_AT_ONCE)
    const resealed = letters.map(async (row) => {
      const from = await vault.secrets.passing(row.epoch)
      return { id: row.id, sealed: resealLetter(vault, from, to, row) }
    })
    await resealMail(tx, await Promise.all(resealed), epoch)
    return letters.length
  })
}

/** Reads back what lives: nothing of a former epoch is left, and every cell's key opens keys of its people. */
async function verify({ vault, onProgress, pace }: Run, epoch: number): Promise<void> {
  const left = await countFormer(vault.keys, epoch)
  if (left.cellKeys + left.secrets + left.tags > 0) {
    throw new DoverieError('conflict', 'Something is still wrapped under a former epoch.', { ...left })
  }
  for (const [name, { epoch: of, wrapped }] of await loadSecrets(vault.keys)) {
    await vault.roots.unwrap(of, wrapped, placeOfSecret(name))
  }
  const of = await countCells(vault.keys)
  let done = 0
  for (let after = FIRST; ; ) {
    const page = await listLiveCellKeys(vault.keys, after, CELLS_AT_ONCE)
    await pace(() => inParallel(page, (row) => assertOpensItsPeople(vault, row)))
    done += page.length
    onProgress('verify', done, of)
    const last = page.at(-1)
    if (last === undefined || page.length < CELLS_AT_ONCE) break
    after = last.cell_id
  }
  await markRewrapped(vault.keys, epoch - 1, vault.now())
}

async function assertOpensItsPeople(vault: Vault, row: CellKeyRow): Promise<void> {
  const cell = createSecretKey(await vault.roots.unwrap(row.epoch, row.wrapped, nameOfCellKey(row)))
  const keys = await loadKeysOfCell(vault.keys, row.cell_id)
  // Re-wrapped meanwhile, and read back by who did that.
  if (keys.some(({ cell_version }) => cell_version !== row.version)) return
  // One key that opens proves the cell's own. Single ones that do not were damaged before, and no re-wrap mends them.
  if (keys.length > 0 && !keys.some(({ wrapped }) => isSound(cell, wrapped))) throw damagedKey('cell')
}

async function destroyRoots(
  vault: Vault,
  closing: readonly EpochRow[],
  onProgress: OnEpochProgress,
): Promise<readonly EndedEpoch[]> {
  const ended: EndedEpoch[] = []
  for (const { epoch } of closing) {
    onProgress('destroy', ended.length, closing.length)
    const { irrecoverableFrom } = await vault.roots.destroy(epoch)
    const at = vault.now()
    await markEnded(vault.keys, epoch, { at, irrecoverableFrom })
    ended.push({ epoch, destroyedAt: at, irrecoverableFrom: irrecoverableFrom ?? at })
  }
  onProgress('destroy', ended.length, closing.length)
  await vault.roots.epochs()
  return ended
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) {
      const item = items[at]
      if (item !== undefined) await work(item)
    }
  }
  await Promise.all(Array.from({ length: CALLS }, worker))
}

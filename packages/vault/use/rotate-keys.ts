import { type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import { resealPerson } from '../guard/reseal-person.ts'
import { rewrapCell } from '../guard/rewrap-cell.ts'
import type { Vault } from '../guard/vault.ts'
import { generationsOf, type KeyAt, listAgedHolders, listSuperseded } from '../store/aged-keys.ts'
import { countCells, countPeople, listAgedCells } from '../store/cells.ts'
import { exclusively } from '../store/exclusive.ts'
import { cellsOf, type KeyRow } from '../store/key-store.ts'
import { AT_ONCE, type Pace } from './pace.ts'

const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'
const PAGE = 200
const DAY = 86_400_000
/** For so long after a re-sealing the former keys stay: data of a copy from before it open until then. */
const KEEP_DAYS = 35

export type OnRotation = (done: number, of: number) => void

export interface Rotated {
  readonly done: number
  /** Whose keys could not be rotated, being damaged: they stay as they are. */
  readonly failed: number
}

export interface RotationOptions {
  readonly onProgress?: OnRotation
  /** Of one cell, or one person, after the other. */
  readonly pace?: Pace
}

/** Nobody goes. */
const NOBODY = { isDead: () => false, leaves: () => false, alongside: () => Promise.resolve() }

/**
 * Gives every cell another key whose own is older than `before`, as a destruction does, but for the dead. Interrupted it is called
 * again with the same moment, and goes on. Null where another process rotates.
 */
export function rotateCells(vault: Vault, before: Instant, options: RotationOptions = {}): Promise<Rotated | null> {
  return rotateAll(vault, options, {
    count: () => countCells(vault.keys),
    page: (after) => listAgedCells(vault.keys, before, after, PAGE),
    rotate: (cell) => rewrapCell(vault, cell, NOBODY, vault.now()).then(() => true),
  })
}

/** Puts everybody under fresh keys who has one older than `before`. Interrupted and called again with the same moment it goes on. */
export function rotatePeople(vault: Vault, before: Instant, options: RotationOptions = {}): Promise<Rotated | null> {
  return rotateAll(vault, options, {
    count: () => countPeople(vault.keys),
    page: (after) => listAgedHolders(vault.keys, before, after, PAGE),
    rotate: (subject) => resealPerson(vault, subject, before),
  })
}

interface Rotation {
  readonly count: () => Promise<number>
  /** The next ones after an id, in the order of their ids. */
  readonly page: (after: Uuid) => Promise<readonly Uuid[]>
  /** False where nothing was to be done. */
  readonly rotate: (id: Uuid) => Promise<boolean>
}

async function rotateAll(vault: Vault, options: RotationOptions, rotation: Rotation): Promise<Rotated | null> {
  const { onProgress = () => undefined, pace = AT_ONCE } = options
  return exclusively(vault.keys, 'rotation', async () => {
    const rotated = { done: 0, failed: 0 }
    const of = await rotation.count()
    for (let after = FIRST; ; ) {
      const ids = await rotation.page(after)
      for (const id of ids) {
        const outcome = await pace(() => attempt(() => rotation.rotate(id)))
        if (outcome !== 'nothing') rotated[outcome] += 1
        onProgress(rotated.done + rotated.failed, of)
      }
      const last = ids.at(-1)
      if (last === undefined) return rotated
      after = last
    }
  })
}

/**
 * Drops keys that were followed by another generation 35 days ago, cell by cell, so that old copies of them end with the epoch. INVARIANT: only where
 * the data hold the compartment under a later generation by now: a key made for a change that never came about has followed nothing.
 */
export async function dropSuperseded(vault: Vault): Promise<void> {
  const superseded = await listSuperseded(vault.keys, vault.now() - KEEP_DAYS * DAY, 10_000)
  const subjects = [...new Set(superseded.map(({ subject_id }) => subject_id))]
  const held = new Map((await generationsOf(vault.data, subjects)).map((row) => [nameOf(row), row.generation]))
  const dead = new Map<Uuid, Set<string>>()
  for (const key of superseded) {
    if ((held.get(nameOf(key)) ?? 0) <= key.generation) continue
    dead.set(key.subject_id, (dead.get(key.subject_id) ?? new Set()).add(`${key.compartment} ${key.generation}`))
  }
  const cells = await cellsOf(vault.keys, [...dead.keys()])
  const isDead = (key: KeyRow): boolean =>
    dead.get(key.subject_id)?.has(`${key.compartment} ${key.generation}`) === true
  for (const cell of new Set(cells.values())) await rewrapCell(vault, cell, { ...NOBODY, isDead }, vault.now())
}

function nameOf({ subject_id, compartment }: KeyAt): string {
  return `${subject_id} ${compartment}`
}

/** What is damaged keeps it from being done: that is told in the count, and keeps nobody else waiting. */
async function attempt(work: () => Promise<boolean>): Promise<'done' | 'nothing' | 'failed'> {
  try {
    return (await work()) ? 'done' : 'nothing'
  } catch (error) {
    if (isDoverieError(error, 'sealed-value-damaged') || isDoverieError(error, 'key-missing')) return 'failed'
    throw error
  }
}

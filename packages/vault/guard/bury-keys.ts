import type { Uuid } from '@doverie/core/base'
import type { Queryable } from '../store/database.ts'
import { cellsOf, deleteTags } from '../store/key-store.ts'
import { type Burial, rewrapCell } from './rewrap-cell.ts'
import type { Vault } from './vault.ts'

/** Takes keys of these people out, cell by cell: their cells get other keys, and who leaves loses all search tags. */
export async function buryKeys(
  vault: Vault,
  subjects: readonly Uuid[],
  { isDead, leaves }: Pick<Burial, 'isDead' | 'leaves'>,
): Promise<void> {
  const cells = await cellsOf(vault.keys, subjects)
  for (const cell of new Set(cells.values())) {
    const leaving = subjects.filter((subject) => cells.get(subject) === cell && leaves(subject))
    const alongside = (tx: Queryable): Promise<void> =>
      deleteTags(
        tx,
        leaving.map((subject) => ({ subject, kinds: null })),
      )
    await rewrapCell(vault, cell, { isDead, leaves, alongside }, vault.now())
  }
}

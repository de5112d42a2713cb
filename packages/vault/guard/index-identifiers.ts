import type { Uuid } from '@doverie/core/base'
import { type IndexedKind, indexForm } from '@doverie/core/policy'
import { blindTag } from '../seal/blind-index.ts'
import { lastIdentifierChange, saveIdentifierChange } from '../store/identifier-changes.ts'
import { addTags, carryOutTags, hasMarks, markTags, settleTags, type Tag } from '../store/tags.ts'
import type { Changing } from './change.ts'
import type { Vault } from './vault.ts'

const INDEX_EPOCH = 1

/** The blind-index tags of an identifier's values. */
export function tagsOf(vault: Vault, kind: IndexedKind, value: string | readonly string[]): readonly Tag[] {
  const keys = { base: vault.secrets.indexBase, epoch: INDEX_EPOCH, key: vault.secrets.indexEpoch1 }
  return (typeof value === 'string' ? [value] : value).flatMap((one) => {
    const form = indexForm(kind, one)
    return form === null ? [] : [{ kind, tag: blindTag(keys, kind, form) }]
  })
}

/** The id under which a change marks tags: one for all that it writes. */
const ids = new WeakMap<Changing, Uuid>()

/**
 * Has a person under change found by these values of these kinds, and by no others of them, once the change is committed.
 * From here to then they are found by what stays only. A crash leaves marks, which the next change or the sweep settles by
 * what was committed; the person's lock keeps changes apart, so that none settles the marks of one under way.
 */
export async function indexIdentifiers(
  vault: Vault,
  changing: Changing,
  identifiers: ReadonlyMap<IndexedKind, readonly string[]>,
): Promise<void> {
  if (identifiers.size === 0) return
  const { subject, version } = changing.person()
  const tags = [...identifiers].flatMap(([kind, values]) => tagsOf(vault, kind, values))
  // Who is just beginning has no others; where it comes to nothing, the sweep of keys of nobody takes these along.
  if (version === 0) return addTags(vault.keys, subject, tags, INDEX_EPOCH)
  const known = ids.get(changing)
  const id = known ?? vault.newId()
  if (known === undefined && (await hasMarks(vault.keys, subject))) {
    await settleTags(vault.keys, subject, await lastIdentifierChange(changing.tx, subject))
  }
  ids.set(changing, id)
  const wanted = { kinds: [...identifiers.keys()], tags, epoch: INDEX_EPOCH }
  if (!(await markTags(vault.keys, subject, id, wanted))) return
  await saveIdentifierChange(changing.tx, subject, id)
  changing.afterCommit(() => carryOutTags(vault.keys, subject, id))
}

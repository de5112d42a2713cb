import type { KeyObject } from 'node:crypto'
import { DoverieError, type Uuid } from '@doverie/core/base'
import { type IndexedKind, indexForm } from '@doverie/core/policy'
import { blindTag } from '../seal/blind-index.ts'
import { lastIdentifierChange, saveIdentifierChange } from '../store/identifier-changes.ts'
import {
  addTags,
  carryOutTags,
  findAll,
  findProved,
  hasMarks,
  markTags,
  proveTag,
  settleTags,
  type Tag,
} from '../store/tags.ts'
import type { Changing } from './change.ts'
import type { Vault } from './vault.ts'

/** The blind-index tags of an identifier's values, under the epoch that this process takes for the current one. */
export function tagsOf(vault: Vault, kind: IndexedKind, value: string | readonly string[]): readonly Tag[] {
  const forms = (typeof value === 'string' ? [value] : value).flatMap((one) => indexForm(kind, one) ?? [])
  return forms.map((form) => tagOf(vault, kind, form))
}

/** The tag of a value in the form that search compares. */
function tagOf(vault: Vault, kind: string, form: string): Tag {
  const { indexBase: base } = vault.secrets
  const { current, former } = vault.secrets.index()
  const of = (key: KeyObject): Buffer => blindTag({ base, key }, kind, form)
  return { kind, tag: of(current), former: former === null ? null : of(former) }
}

/** Who has all of these forms of different kinds, whether proved or not: the caller asks of their facts what they are worth. */
export function findHavingAll(
  vault: Vault,
  forms: readonly { readonly kind: string; readonly form: string }[],
  limit: number,
): Promise<readonly Uuid[]> {
  return underEpoch(vault, async (known) => {
    const tags = forms.map(({ kind, form }) => tagOf(vault, kind, form))
    const { epoch, holders } = await findAll(vault.keys, tags, limit)
    return epoch === known ? holders : null
  })
}

/** Does something with tags until it is done under the epoch that is current. `work` gives null where that has passed. */
async function underEpoch<T>(vault: Vault, work: (epoch: number) => Promise<T | null>): Promise<T> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const done = await work(vault.secrets.epoch)
    if (done !== null) return done
    await vault.secrets.refresh()
  }
  throw new DoverieError('conflict')
}

const ATTEMPTS = 5

/** Who holds an identifier, proved or confirmed. */
export function findHolders(vault: Vault, kind: IndexedKind, value: string, limit: number): Promise<readonly Uuid[]> {
  return underEpoch(vault, async (known) => {
    const found: Uuid[] = []
    for (const tag of tagsOf(vault, kind, value)) {
      const { epoch, holders } = await findProved(vault.keys, tag, limit)
      if (epoch !== known) return null
      found.push(...holders)
    }
    return found
  })
}

/** Marks identifiers of a person as proved. */
export async function proveIdentifier(
  vault: Vault,
  subject: Uuid,
  kind: IndexedKind,
  value: string | readonly string[],
): Promise<void> {
  await underEpoch(vault, async (epoch) => {
    for (const tag of tagsOf(vault, kind, value)) {
      if (!(await proveTag(vault.keys, subject, tag, epoch))) return null
    }
    return true
  })
}

/** The id under which a change marks tags: one for all that it writes. */
const ids = new WeakMap<Changing, Uuid>()

/**
 * Has a person under change found by these forms of values of these kinds, and by no others of them, once the change is committed.
 * From here to then they are found by what stays only. A crash leaves marks, which the next change or the sweep settles by
 * what was committed; the person's lock keeps changes apart, so that none settles the marks of one under way.
 */
export async function indexIdentifiers(
  vault: Vault,
  changing: Changing,
  identifiers: ReadonlyMap<string, readonly string[]>,
): Promise<void> {
  if (identifiers.size === 0) return
  const { subject, version } = changing.person()
  const tags = (): readonly Tag[] =>
    [...identifiers].flatMap(([kind, forms]) => forms.map((form) => tagOf(vault, kind, form)))
  // Who is just beginning has no others; where it comes to nothing, the sweep of keys of nobody takes these along.
  if (version === 0) {
    await underEpoch(vault, async (epoch) => ((await addTags(vault.keys, subject, tags(), epoch)) ? true : null))
    return
  }
  const known = ids.get(changing)
  const id = known ?? vault.newId()
  if (known === undefined && (await hasMarks(vault.keys, subject))) {
    await settleTags(vault.keys, subject, await lastIdentifierChange(changing.tx, subject))
  }
  ids.set(changing, id)
  const kinds = [...identifiers.keys()]
  const marked = await underEpoch(vault, (epoch) => markTags(vault.keys, subject, id, { kinds, tags: tags(), epoch }))
  if (!marked) return
  await saveIdentifierChange(changing.tx, subject, id)
  changing.afterCommit(() => carryOutTags(vault.keys, subject, id))
}

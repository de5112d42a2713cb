import type { Instant } from '@doverie/core/base'
import type { Act } from '@doverie/core/policy'
import { actOf, type RecordedAct } from './recorded-act.ts'

/** What an entry records, but for what is its own: its id, its reference and its instant. Entries alike share one of these. */
export interface RecordedKind {
  readonly entry: Omit<RecordedAct, 'id' | 'at'>
  /** Null where no policy judged it. Its `now` is that of the first entry of the kind. */
  readonly act: Act | null
}

/** Kinds remembered at a time; entries with tickets are many kinds. */
const MOST = 20_000
const AT = '"at":'
const ID = ',"id":"'
const REF = ',"ref":"'

/**
 * Reads many bodies of the ledger: nearly all of them differ only in their id, reference and instant, so each kind is parsed
 * once. A body is canonical JSON as `guard/entry.ts` writes it: within a string no quote stands bare, nothing before `at` and
 * nothing after `id` holds members of its own, so what is found from either end is the entry's own member.
 */
export class RecordedBodies {
  readonly #known = new Map<string, RecordedKind>()

  read(body: string): { readonly kind: RecordedKind; readonly at: Instant } {
    const at = body.indexOf(AT) + AT.length
    const afterAt = body.indexOf(',', at)
    const ref = body.lastIndexOf(REF)
    const id = body.lastIndexOf(ID, ref)
    const key =
      body.slice(0, at) +
      body.slice(afterAt, id) +
      body.slice(body.indexOf('"', id + ID.length), ref) +
      body.slice(body.indexOf('"', ref + REF.length))
    let kind = this.#known.get(key)
    if (kind === undefined) {
      const entry = JSON.parse(body) as RecordedAct
      kind = { entry, act: actOf(entry) }
      if (this.#known.size >= MOST) this.#known.clear()
      this.#known.set(key, kind)
    }
    return { kind, at: Number(body.slice(at, afterAt)) }
  }
}

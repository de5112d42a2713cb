import { DoverieError } from '@doverie/core/base'
import { isNarrowing } from '@doverie/core/consent'
import { listTaken } from '../store/access.ts'
import { accessTaken, findUntold, type JournalEntry, loadHeads, loadNewestJournal } from '../store/journal.ts'
import type { Queryable } from '../store/database.ts'
import { type LedgerLine, shareLines } from '../store/ledger.ts'
import { isUnreplayed } from '../store/restored.ts'
import { findUnknown, listNewestNarrowing, toldSince } from '../store/standing.ts'

/** Narrowings under way at the same time are far fewer: of data that lag behind, one of so many newest entries is unknown. */
const NEWEST = 256

/** The newest checkpoint of a ledger that the key store has seen. */
export interface Head {
  readonly origin: string
  readonly size: number
  readonly checkpoint: string
}

/** How the two databases stand to each other. Neither may be served from while they are not of one moment. */
export interface Standing {
  /** The present name of the ledger. */
  readonly origin: string
  /** The newest line of the data, whose tree they hold: of a former name where they are of before the last renaming. Null where there is none yet. */
  readonly line: LedgerLine | null
  /** What the key store has seen last under the present name; null where nothing. */
  readonly head: Head | null
  /** The data came out of a backup and the journal has not been replayed over them. */
  readonly dataRestored: boolean
  /** The key store came out of its copy and has not been compared with the data. */
  readonly keysRestored: boolean
  /** The data do not know what the key store has seen: a tree behind or beside it, or a narrowing that is not there. */
  readonly dataOlder: boolean
  /** The key store does not know what the data have shown to others. */
  readonly keysOlder: boolean
}

/**
 * INVARIANT: older data, or an older key store, serve nothing. How they show themselves: by the word that `doverie restore` leaves;
 * by the ledger's tree, which each side knows; by what the journal was told and the data do not know. `base` is the ledger's
 * name as it was configured. Asked in a transaction of the data, so that no server moves the tree meanwhile. Throws
 * `ledger-inconsistent` where the two belong to ledgers of other names.
 */
export async function standingOf(tx: Queryable, keys: Queryable, base: string): Promise<Standing> {
  const first = await shareLines(tx)
  const heads = await loadHeads(keys)
  // What is there does not move any more; a line that began meanwhile, with the first entry ever, is looked for again.
  const begun = heads.some(({ origin }) => !first.some((line) => line.origin === origin))
  const lines = begun ? await shareLines(tx) : first
  const dataRestored = await isUnreplayed(tx)
  const keysRestored = await isUnreplayed(keys)
  // What was confirmed is committed: it is asked for first.
  const newest = await loadNewestJournal(keys, NEWEST)
  const origin = currentOrigin(
    base,
    [...heads, ...lines].map((one) => one.origin),
  )
  const line = newestLine(base, lines)
  const head = heads.find((one) => one.origin === origin) ?? null
  const unknown = await findUnknown(tx, newest)
  const untold = await listUntold(tx, keys)
  return {
    origin,
    line,
    head,
    dataRestored,
    keysRestored,
    dataOlder: unknown.size > 0 || isBehind(line, head),
    keysOlder: untold.length > 0 || isUnseen(line, head, heads),
  }
}

/** What the data took away last and the journal does not know. Of whoever began to go between the two looks it has forgotten it: they are looked for twice. */
async function listUntold(tx: Queryable, keys: Queryable): Promise<readonly JournalEntry[]> {
  const first = await findUntold(keys, await newestNarrowings(tx))
  if (first.length === 0) return first
  const ids = new Set(first.map(({ id }) => id))
  return findUntold(
    keys,
    (await newestNarrowings(tx)).filter(({ id }) => ids.has(id)),
  )
}

/** What the data took away last, as the journal was told of it before: a journal that does not know is an older one. */
async function newestNarrowings(tx: Queryable): Promise<readonly JournalEntry[]> {
  const since = await toldSince(tx)
  const events = (await listNewestNarrowing(tx, since, NEWEST)).filter(({ event }) => isNarrowing(event))
  const taken = (await listTaken(tx, NEWEST)).filter(({ at }) => at >= since)
  return [
    ...events.map(({ subject: holder, id, event }, place) => ({
      ...{ id, at: event.at, kind: event.kind, holder, detail: event },
      ...{ version: null, place },
    })),
    // Of these the journal says no more than that it was.
    ...taken.map(({ kind, holder, at }) => accessTaken(holder, kind, holder, at)),
  ]
}

export function isWhole({ dataRestored, keysRestored, dataOlder, keysOlder }: Standing): boolean {
  return !dataRestored && !keysRestored && !dataOlder && !keysOlder
}

/** The tree of the data is behind the one that the key store has seen, or beside it. */
function isBehind(line: LedgerLine | null, head: Head | null): boolean {
  if (head === null) return false
  if (line === null || line.origin !== head.origin) return true
  return head.size > line.size || (head.size === line.size && head.checkpoint !== line.checkpoint)
}

/** The integrator tells the key store of a step before it makes the next one: so the key store knows this one or the one before. */
function isUnseen(line: LedgerLine | null, head: Head | null, heads: readonly Head[]): boolean {
  if (line === null || (head !== null && head.origin !== line.origin)) return false
  if (head !== null) return head.size < line.size && line.previous !== null && head.checkpoint !== line.previous
  // A ledger's opening is told after it was committed; what it follows was known before.
  return line.previous !== null || (line.follows !== null && !heads.some((one) => one.checkpoint === line.follows))
}

/** The line of the highest generation that the data have: the one whose tree is there. */
function newestLine(base: string, lines: readonly LedgerLine[]): LedgerLine | null {
  const byAge = lines.toSorted((a, b) => (generationOf(base, a.origin) ?? 0) - (generationOf(base, b.origin) ?? 0))
  return byAge.at(-1) ?? null
}

/** The ledger's name after so many have been followed: its own, then `name/2`, `name/3` … */
export function originOf(base: string, generation: number): string {
  return generation === 1 ? base : `${base}/${generation}`
}

/** Which of an installation's ledgers this is; null for one of another name. */
export function generationOf(base: string, origin: string): number | null {
  if (origin === base) return 1
  const [, number] = origin.startsWith(`${base}/`)
    ? (/^\/([1-9][0-9]{0,5})$/.exec(origin.slice(base.length)) ?? [])
    : []
  return number === undefined || Number(number) < 2 ? null : Number(number)
}

/** The present one of these names of an installation's ledgers. Throws `ledger-inconsistent` where one is of another. */
export function currentOrigin(base: string, known: readonly string[]): string {
  const generations = known.map((origin) => generationOf(base, origin))
  if (generations.includes(null)) {
    throw new DoverieError('ledger-inconsistent', 'The databases belong to a ledger of another origin.')
  }
  return originOf(base, Math.max(1, ...generations.map((one) => one ?? 1)))
}

import { DoverieError, type Uuid } from '@doverie/core/base'
import { retireFormerKeys, rewrapCell } from '../guard/rewrap-cell.ts'
import type { Vault } from '../guard/vault.ts'
import { isRevoked, sweepExpired } from '../store/access.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { cellsOf, deleteTags, listKeyHolders } from '../store/key-store.ts'
import { lastIdentifierChange } from '../store/identifier-changes.ts'
import { confirmJournal, deleteJournalOfDestroyed, listAnnounced, loadHead, retractJournal } from '../store/journal.ts'
import { loadState } from '../store/ledger.ts'
import { deleteMailBefore } from '../store/outbox.ts'
import { hasEvent, listDying, loadFacts, lockFacts } from '../store/subjects.ts'
import { listMarked, settleTags } from '../store/tags.ts'
import { deleteTallies } from '../store/tally.ts'
import { CREDENTIAL_REVOKED } from './credentials.ts'
import { endDestructions } from './end-destructions.ts'
import { dropSuperseded } from './rotate-keys.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const PAGE = 1_000
const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'

/**
 * Repairs what a crash left and removes what has run out: settles what the journal was told of, ends destructions that were begun, forgets what the journal still
 * says of destroyed people, settles by what people are found, deletes keys of people whom the data never came to know, and
 * expired sessions, codes, remembered answers and letters. Safe to run at any time, in several processes; run at start and
 * hourly. Throws `restore-pending`, changing nothing, where the data are older than the key store.
 */
export async function sweep(vault: Vault): Promise<void> {
  const now = vault.now()
  await assertNotOlder(vault)
  // No transaction lives as long as that: what was announced before is decided.
  await settleJournal(vault, now - 10 * MINUTE)
  await resumeDestructions(vault)
  await deleteJournalOfDestroyed(vault.keys)
  await settleIdentifiers(vault)
  await sweepExpired(vault.data, now, now - DAY)
  await deleteTallies(vault.data, now)
  await deleteMailBefore(vault.data, now - 7 * DAY)
  // Younger keys may belong to a person being made right now.
  await deleteOrphanedKeys(vault, now - HOUR)
  await dropSuperseded(vault)
}

/**
 * INVARIANT: older data, restored under a running server, destroy nothing. They do not know the youngest people, whose keys
 * would look like nobody's. The head is looked at first: the tree only grows meanwhile.
 */
async function assertNotOlder(vault: Vault): Promise<void> {
  const head = await loadHead(vault.keys, vault.origin)
  const state = await loadState(vault.data, vault.origin)
  if (head === null || (state !== null && head.size < state.size)) return
  if (head.checkpoint !== state?.checkpoint) throw new DoverieError('restore-pending')
}

/**
 * Confirms, or takes back, what was announced in the journal and whose announcer went away: by what the data know of it. Under
 * the person's lock, which whoever changes them holds to the commit.
 */
async function settleJournal(vault: Vault, cutoff: number): Promise<void> {
  for (;;) {
    const announced = await listAnnounced(vault.keys, cutoff, PAGE)
    for (const { id, kind, holder } of announced) {
      await transaction(vault.data, async (tx) => {
        await lockFacts(tx, holder)
        const known = kind === CREDENTIAL_REVOKED ? await isRevoked(tx, holder) : await hasEvent(tx, holder, id)
        if (known) await confirmJournal(vault.keys, [id])
        else await retractJournal(vault.keys, id)
      })
    }
    if (announced.length < PAGE) return
  }
}

/** Ends every destruction that was begun: from its first half on nothing of it could be read. */
async function resumeDestructions(vault: Vault): Promise<void> {
  await retireFormerKeys(vault)
  await endDestructions(vault, await listDying(vault.data))
}

/** Ends changes of identifiers that came between their two databases: by what the data say took place. */
async function settleIdentifiers(vault: Vault): Promise<void> {
  let after = FIRST
  for (;;) {
    const marked = await listMarked(vault.keys, after, PAGE)
    for (const subject of marked) {
      await transaction(vault.data, async (tx) => {
        // Whoever changes a person holds this lock to the commit: under it, what the data do not know never took place.
        if ((await lockFacts(tx, subject)) === null) return
        await settleTags(vault.keys, subject, await lastIdentifierChange(tx, subject))
      })
    }
    const last = marked.at(-1)
    if (last === undefined || marked.length < PAGE) return
    after = last
  }
}

async function deleteOrphanedKeys(vault: Vault, cutoff: number): Promise<void> {
  let after = FIRST
  for (;;) {
    const holders = await listKeyHolders(vault.keys, after, cutoff, PAGE)
    const known = await loadFacts(vault.data, holders)
    await buryNobodies(
      vault,
      holders.filter((holder) => !known.has(holder)),
    )
    const last = holders.at(-1)
    if (last === undefined || holders.length < PAGE) return
    after = last
  }
}

/** Something may have been sealed under such keys and rolled back, so they go as those of the destroyed do. */
async function buryNobodies(vault: Vault, nobodies: readonly Uuid[]): Promise<void> {
  const cells = await cellsOf(vault.keys, nobodies)
  for (const cell of new Set(cells.values())) {
    const isNobody = (subject: Uuid): boolean => cells.get(subject) === cell
    const untagged = nobodies.filter(isNobody).map((subject) => ({ subject, kinds: null }))
    const burial = {
      isDead: (key: { readonly subject_id: Uuid }) => isNobody(key.subject_id),
      leaves: isNobody,
      alongside: (tx: Queryable) => deleteTags(tx, untagged),
    }
    await rewrapCell(vault, cell, burial, vault.now())
  }
}

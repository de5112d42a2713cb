import { DoverieError, type Uuid } from '@doverie/core/base'
import { newFacts } from '@doverie/core/consent'
import type { Vault } from '../guard/vault.ts'
import { isRevoked, sweepExpired } from '../store/access.ts'
import { transaction } from '../store/database.ts'
import { deleteKeys, listKeyHolders } from '../store/key-store.ts'
import { lastIdentifierChange } from '../store/identifier-changes.ts'
import { confirmJournal, deleteJournalOfDestroyed, listAnnounced, loadHead, retractJournal } from '../store/journal.ts'
import { loadState } from '../store/ledger.ts'
import { deleteMailBefore } from '../store/outbox.ts'
import { hasEvent, listDying, loadFacts, lockFacts } from '../store/subjects.ts'
import { listMarked, settleTags } from '../store/tags.ts'
import { CREDENTIAL_REVOKED } from './credentials.ts'
import { finishDestruction } from './destroy-data.ts'

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
  await deleteMailBefore(vault.data, now - 7 * DAY)
  // Younger keys may belong to a person being made right now.
  await deleteOrphanedKeys(vault, now - HOUR)
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

/** Ends every destruction that was begun: from its first half on nothing of it could be read. One that fails keeps no other waiting. */
async function resumeDestructions(vault: Vault): Promise<void> {
  const dying = await listDying(vault.data)
  const known = await loadFacts(vault.data, dying)
  const faults: unknown[] = []
  for (const subject of dying) {
    const facts = known.get(subject)?.facts ?? newFacts(0)
    await finishDestruction(vault, subject, facts.dying, facts.state === 'destroying').catch((error: unknown) => {
      faults.push(error)
    })
  }
  if (faults.length > 0) throw faults[0]
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
    for (const holder of holders) {
      if (!known.has(holder)) await transaction(vault.keys, (tx) => deleteKeys(tx, holder, null))
    }
    const last = holders.at(-1)
    if (last === undefined || holders.length < PAGE) return
    after = last
  }
}

import { DoverieError, type Uuid } from '@doverie/core/base'
import { buryKeys } from '../guard/bury-keys.ts'
import { retireFormerKeys } from '../guard/rewrap-cell.ts'
import { isWhole, standingOf } from '../guard/standing.ts'
import type { Vault } from '../guard/vault.ts'
import { isTaken, sweepExpired } from '../store/access.ts'
import { transaction } from '../store/database.ts'
import { cellsOf, listKeyHolders } from '../store/key-store.ts'
import { knownDeputies } from '../store/deputies.ts'
import { knownDuties } from '../store/duties.ts'
import { knownIncidents } from '../store/incidents.ts'
import { lastIdentifierChange } from '../store/identifier-changes.ts'
import {
  confirmJournal,
  deleteJournalOfDestroyed,
  isOfAccess,
  listAnnounced,
  retractJournal,
} from '../store/journal.ts'
import { deleteMailBefore, listStaleMail } from '../store/outbox.ts'
import { sweepChallenges } from '../store/passkeys.ts'
import { knownLetters, listNumbers, raiseNumbers } from '../store/letters.ts'
import { latelyRestored } from '../store/restored.ts'
import { hasEvent, listDying, loadFacts, lockFacts } from '../store/subjects.ts'
import { listMarked, settleTags } from '../store/tags.ts'
import { deleteTallies } from '../store/tally.ts'
import { returnNotice } from './notices/send-notice.ts'
import { keepRegister } from './destruction-act.ts'
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
  await sweepChallenges(vault.data, now)
  await deleteTallies(vault.data, now)
  // Before they are forgotten: a crash between the two takes them back once more.
  for (const holder of await listStaleMail(vault.data, now - 7 * DAY)) await returnNotice(vault, holder)
  await deleteMailBefore(vault.data, now - 7 * DAY)
  // Younger keys may belong to a person being made right now.
  await deleteOrphanedKeys(vault, now - HOUR)
  await dropSuperseded(vault)
  await keepRegister(vault)
  // Numbers that a former version gave out without a word.
  await raiseNumbers(vault.keys, await listNumbers(vault.data))
}

/**
 * INVARIANT: older data, restored under a running server, serve and destroy nothing. They do not know the youngest people, whose
 * keys would look like nobody's.
 */
async function assertNotOlder(vault: Vault): Promise<void> {
  const standing = await transaction(vault.data, (tx) => standingOf(tx, vault.keys, vault.baseOrigin))
  if (!isWhole(standing)) refuseAll(vault)
}

function refuseAll(vault: Vault): never {
  vault.suspend()
  throw new DoverieError('restore-pending')
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
        const known = isOfAccess({ kind }) ? await isTaken(tx, holder) : await hasEvent(tx, holder, id)
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

/**
 * Keys of people whom the data do not know. INVARIANT: what a restore left behind is not taken for what a crash left: whoever came
 * after the backup is unknown to the data too, and a better backup may bring them back. Their keys are kept for a month.
 */
async function deleteOrphanedKeys(vault: Vault, cutoff: number): Promise<void> {
  const since = (await latelyRestored(vault.data, vault.now())) ?? 0
  let after = FIRST
  for (;;) {
    const holders = await listKeyHolders(vault.keys, after, { from: since, to: cutoff }, PAGE)
    const known = await loadFacts(vault.data, holders)
    // A letter of the register, an incident and a duty of the operator hold keys as a person does.
    const letters = await knownLetters(vault.data, holders)
    const incidents = await knownIncidents(vault.data, holders)
    const duties = await knownDuties(vault.data, holders)
    const deputies = await knownDeputies(vault.data, holders)
    const ours = new Set([...known.keys(), ...letters, ...incidents, ...duties, ...deputies])
    // INVARIANT: keys of the destroyed go before their last word is said. Where they are there still, the key store is an older one.
    const destroyed = [...known].filter(([, { facts }]) => facts.state === 'destroyed').map(([holder]) => holder)
    if (destroyed.length > 0 && (await cellsOf(vault.keys, destroyed)).size > 0) refuseAll(vault)
    await buryNobodies(
      vault,
      holders.filter((holder) => !ours.has(holder)),
    )
    const last = holders.at(-1)
    if (last === undefined || holders.length < PAGE) return
    after = last
  }
}

/** Something may have been sealed under such keys and rolled back, so they go as those of the destroyed do. */
async function buryNobodies(vault: Vault, nobodies: readonly Uuid[]): Promise<void> {
  const gone = new Set(nobodies)
  await buryKeys(vault, nobodies, {
    isDead: ({ subject_id }) => gone.has(subject_id),
    leaves: (subject) => gone.has(subject),
  })
}

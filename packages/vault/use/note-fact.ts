import type { Facts, Instant, Uuid } from '@doverie/core/base'
import { applyEvent, type PersonEvent } from '@doverie/core/consent'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { insertEvents, loadFacts, lockFacts, saveFacts } from '../store/subjects.ts'

const DAY = 86_400_000
const MONTH = 30 * DAY

/**
 * Notes that somebody signed in, once a month at most: by it an account that nobody uses is known. To the day, so that it leads to
 * no entry of the ledger; before the first month is over their beginning says it.
 */
export async function noteSignedIn(vault: Vault, subject: Uuid): Promise<void> {
  const at = Math.floor(vault.now() / DAY) * DAY
  const due = ({ seenAt, collectedAt }: Facts): boolean => at - Math.max(seenAt ?? 0, collectedAt) >= MONTH
  await note(vault, subject, { kind: 'seen', at }, due)
}

/** Notes that the mailbox of somebody reaches them, whatever was said of it before: a code came back from it. */
export async function noteReached(vault: Vault, subject: Uuid): Promise<void> {
  const reached = { kind: 'identifier-proved' as const, identifier: 'email', at: vault.now() }
  await note(
    vault,
    subject,
    reached,
    ({ bounced, proved }) => bounced?.includes('email') === true && proved.includes('email'),
  )
}

/** Notes that nobody is at an identifier of somebody's: staff are to correct it (`doubtful`). */
export async function noteBounced(vault: Vault, subject: Uuid, identifier: string, at: Instant): Promise<void> {
  const event = { kind: 'identifier-bounced' as const, identifier, at }
  await note(vault, subject, event, ({ bounced }) => bounced?.includes(identifier) !== true)
}

/** A fact that permits and forbids nothing, so nobody decides on it and the ledger does not hear of it. */
async function note(vault: Vault, subject: Uuid, event: PersonEvent, due: (facts: Facts) => boolean): Promise<void> {
  const isDue = (facts: Facts | undefined): facts is Facts => facts?.state === 'live' && due(facts)
  if (!isDue((await loadFacts(vault.data, [subject])).get(subject)?.facts)) return
  await transaction(vault.data, async (tx) => {
    const facts = (await lockFacts(tx, subject))?.facts
    if (!isDue(facts)) return
    await saveFacts(tx, subject, applyEvent(facts, event))
    await insertEvents(tx, subject, [{ id: vault.newId(), event }])
  })
  vault.people.forget(subject)
}

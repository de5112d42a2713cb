import { type Instant, parsePeriod } from '@doverie/core/base'
import type { Law } from '@doverie/core/request'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import { transaction } from '../../store/database.ts'
import { emptyLetters, listOutlived } from '../../store/letters.ts'
import { loadFacts } from '../../store/subjects.ts'
import { clausesOf, lawFor } from './law.ts'

const PAGE = 500
/** As long as a claim can be brought about how a letter was answered, where the law of the policy names no term for that. */
const USUAL = 'P3Y'

/**
 * Takes out what letters say whose requests ended so long ago that no claim rests on them (the law's term of limitation): words,
 * attachments, answers, and whom they were about. Their keys are nobody's from then on, and the sweep buries them as it buries those
 * of a crash. A person under a legal hold keeps theirs. Gives how many letters went.
 */
export async function forgetLetters(vault: Vault): Promise<number> {
  const policy = vault.policy()
  if (policy === null) return 0
  const before = outlivedBefore(lawFor(vault, policy), vault.now())
  const outlived = await listOutlived(vault.data, before, PAGE)
  const facts = await loadFacts(
    vault.data,
    outlived.flatMap(({ subject }) => (subject === null ? [] : [subject])),
  )
  const ids = outlived.filter(({ subject }) => subject === null || !facts.get(subject)?.facts.hold).map(({ id }) => id)
  if (ids.length === 0) return 0
  await transaction(vault.data, async (tx) => {
    await emptyLetters(tx, ids)
    await recordAct(vault, tx, 'forget-letters', null, clausesOf(policy), { letters: ids.length })
  })
  return ids.length
}

function outlivedBefore({ profile }: Law, now: Instant): Instant {
  const term = profile.retention.find(({ id }) => id === 'limitation')?.term ?? USUAL
  const { years, months, days } = parsePeriod(term) ?? { years: 3, months: 0, days: 0 }
  const at = new Date(now)
  return Date.UTC(at.getUTCFullYear() - years, at.getUTCMonth() - months, at.getUTCDate() - days)
}

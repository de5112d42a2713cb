import { DoverieError, isDoverieError, type Uuid } from '@doverie/core/base'
import { dueForReview, type Policy } from '@doverie/core/policy'
import { change } from '../guard/change.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import { exclusively } from '../store/exclusive.ts'
import { listSubjects, loadFacts } from '../store/subjects.ts'
import { firstEntity, keeperOf } from './requests/law.ts'
import { type OwnLetter, tellMailbox } from './tell-mailbox.ts'

const PAGE = 1_000
const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'
/** Letters of one look: a mailbox provider takes a flood of equal ones for spam. */
const MOST = 500

export interface AskedForReview {
  readonly asked: number
  /** True where the policy refused: the look ended there, with one entry that says why. */
  readonly refused: boolean
}

/**
 * Asks people by letter whether their data are still right (152-FZ art. 5(6); clause 5.1): whoever said nothing for a year, once a
 * year, in the name of the policy's keeper. The letter and the fact that it was sent are one transaction, so a crash sends none twice. It has
 * no data in it: they are looked at behind sign-in. Null where another process is at it, or no policy is in force.
 */
export function askForReview(vault: Vault): Promise<AskedForReview | null> {
  return exclusively(vault.keys, 'review', async () => {
    let asked = 0
    for (let after = FIRST; asked < MOST; ) {
      const subjects = await listSubjects(vault.data, after, PAGE)
      const last = subjects.at(-1)
      if (last === undefined) break
      const known = await loadFacts(vault.data, subjects)
      for (const subject of subjects) {
        const policy = vault.policy()
        if (policy === null || policy.system.keeper === null) return { asked, refused: false }
        const facts = known.get(subject)?.facts
        if (facts === undefined || !dueForReview(policy, facts, vault.now())) continue
        const outcome = await askOne(vault, policy, subject)
        if (outcome === 'refused') return { asked, refused: true }
        if (outcome === 'asked') asked += 1
      }
      after = last
    }
    return { asked, refused: false }
  })
}

/** Who answered, or went, since they were looked at is not asked, and nothing is entered of it. */
async function askOne(vault: Vault, policy: Policy, subject: Uuid): Promise<'asked' | 'refused' | 'passed'> {
  const act = {
    caller: keeperOf(policy),
    subject,
    act: 'ask-review',
    operation: 'clarify:change' as const,
    purpose: policy.system.rights,
    entity: firstEntity(policy),
    fields: [],
    compartments: [placeOf(policy, policy.system.signIn).compartment],
  }
  try {
    const outcome = await change(vault, act, async (changing) => {
      const told =
        dueForReview(changing.policy, changing.facts(), changing.at) && (await tellMailbox(vault, changing, LETTER))
      if (!told) throw new DoverieError('conflict')
      changing.apply({ kind: 'review-asked', at: changing.at })
    })
    return outcome.effect === 'permit' ? 'asked' : 'refused'
  } catch (error) {
    if (isDoverieError(error, 'conflict')) return 'passed'
    throw error
  }
}

const LETTER: OwnLetter = {
  page: '/my/data',
  subject: 'Верны ли ещё ваши данные? / Are your data still right?',
  text: [
    'Больше года мы не слышали от вас, верны ли ваши персональные данные у нас. Пожалуйста, войдите, посмотрите их и исправьте или подтвердите.',
    'Если вы не ответите, ничего не изменится, пока данные нужны для договора или по закону; остальное мы уничтожим в срок, который назван в политике.',
    '',
    'For more than a year we have not heard from you whether the personal data that we hold of you are right. Please sign in, look at them, and correct or confirm them.',
    'If you do not answer, nothing changes while the data are needed for a contract or by law; the rest is destroyed within the term that the policy names.',
  ].join('\n'),
}

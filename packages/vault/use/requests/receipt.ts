import { dayAt, formatDay, type Instant } from '@doverie/core/base'
import { indexForm } from '@doverie/core/policy'
import { ANSWER } from '@doverie/core/request'
import { queueLetter } from '../../guard/letters.ts'
import { mac } from '../../guard/mac.ts'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import { countUp } from '../../store/tally.ts'
import { lawFor, policyOf } from './law.ts'
import type { RegisteredLetter } from './register-letter.ts'

/** Receipts that one address is sent in a day: a loop of two machines ends here, and nobody is flooded in another's name. */
const MOST = 3
const DAY = 86_400_000

/**
 * Tells whoever a message says it is from that it was registered, in the transaction that registers it: number and day, no word of what it
 * says, since somebody else may have written it. Not to more than three letters a day.
 */
export async function queueReceipt(
  vault: Vault,
  tx: Queryable,
  { letter, requests }: RegisteredLetter,
  { to, messageId }: { readonly to: string; readonly messageId: string },
): Promise<void> {
  const who = indexForm('email', to)
  const now = vault.now()
  const endsAt: Instant = (Math.floor(now / DAY) + 1) * DAY
  if (who === null || (await countUp(tx, mac(vault, 'tally', `receipt ${who}`), endsAt, 1, MOST)) === null) return
  const { zone } = lawFor(vault, policyOf(vault))
  const ends = requests.flatMap(({ fold }) =>
    fold.tracks.filter(({ rule }) => rule === ANSWER).map(({ outer }) => outer),
  )
  const day = ends.length === 0 ? null : formatDay(dayAt(zone, Math.max(...ends) - 1))
  const number = requests[0]?.number ?? letter.number
  await queueLetter(
    vault,
    tx,
    vault.newId(),
    {
      to,
      author: 'answering-machine',
      subject: `Письмо зарегистрировано под № ${letter.number} / Your letter is registered as No. ${letter.number} [${number}]`,
      text: [
        `Ваше письмо зарегистрировано под № ${letter.number}.${day === null ? '' : ` Мы ответим не позднее ${day}.`}`,
        'Если хотите что-то добавить, ответьте на это письмо. Если вы нам не писали, сообщите об этом ответом.',
        '',
        `Your letter is registered as No. ${letter.number}.${day === null ? '' : ` We answer by ${day} at the latest.`}`,
        'To add something, answer this letter. If you did not write to us, tell us by answering it.',
      ].join('\n'),
      ...(messageId === '' ? {} : { inReplyTo: `<${messageId}>` }),
    },
    'mail',
    letter.id,
  )
}

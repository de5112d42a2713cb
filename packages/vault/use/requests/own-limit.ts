import { DoverieError, type Uuid } from '@doverie/core/base'
import type { Vault } from '../../guard/vault.ts'
import { countAttempt } from '../count-attempt.ts'

const DAY = 86_400_000
/** More than anybody has to ask in a day; by mail and on paper nobody is bounded. */
const MOST = 30

/**
 * Counts what is asked in one session's name: whoever took it over fills neither the register nor the person's mailbox and phone without
 * end. Throws `rate-limited` beyond thirty a day, in all processes together.
 */
export async function countOwn(vault: Vault, subject: Uuid): Promise<void> {
  const { attempts } = await countAttempt(vault, `requests of ${subject}`, DAY)
  if (attempts > MOST) throw new DoverieError('rate-limited')
}

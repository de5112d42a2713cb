import { readFile } from 'node:fs/promises'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import { NO_WITNESSES, parseTrustPolicy, type TrustPolicy } from '@doverie/core/log'
import type { Settings } from './settings.ts'

/**
 * The policy of trust of this installation's ledger. Its log lines are of no account: the ledger is ours. Throws
 * `invalid-request`, with the line that is wrong, where there is a file that is no policy or a quorum that cannot be asked.
 */
export async function trustPolicy({ ledgerPolicy: path }: Pick<Settings, 'ledgerPolicy'>): Promise<TrustPolicy> {
  if (path === null) return NO_WITNESSES
  const file = await readFile(path).catch(() => {
    throw new DoverieError('invalid-request', `the ledger's policy ${path} cannot be read`)
  })
  let policy: TrustPolicy
  try {
    policy = parseTrustPolicy(file)
  } catch (error) {
    if (isDoverieError(error)) throw new DoverieError('invalid-request', `${path}: ${error.message}`)
    throw error
  }
  for (const [name, { url }] of policy.witnesses) {
    if (url !== null && !(URL.canParse(url) && /^https?:$/.test(new URL(url).protocol))) {
      throw new DoverieError('invalid-request', `${path}: the address of the witness ${name} is none`)
    }
  }
  return policy
}

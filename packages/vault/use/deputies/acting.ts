import type { Instant } from '@doverie/core/base'
import type { SessionStep } from '../../guard/caller.ts'

/** What a session of staff notes when acting as the officer's deputy begins and ends in it. */
export const ON = 'deputy'
export const OFF = 'oneself'

/**
 * When the member of staff of a session said last that they act as the officer's deputy; null where they did not, or have said since that they
 * do not. Whether they may, their appointment says.
 */
export function saidDeputy(steps: readonly SessionStep[]): Instant | null {
  const last = steps.findLast(({ method }) => method === ON || method === OFF)
  return last?.method === ON ? last.at : null
}

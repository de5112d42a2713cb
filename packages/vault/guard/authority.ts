import type { RepresentativeAct } from '@doverie/core/base'

/** What of a representative's authority each act needs. What is not here no representative does. */
const NEEDED: Readonly<Record<string, RepresentativeAct>> = {
  open: 'read',
  decide: 'read',
  describe: 'read',
  explain: 'read',
  'read-history': 'read',
  'read-disclosures': 'read',
  correct: 'correct',
  'set-confidentiality': 'close',
  block: 'close',
  unblock: 'close',
  'give-consent': 'consent',
  withdraw: 'consent',
  'make-public': 'consent',
  collect: 'submit',
  destroy: 'destroy',
  'destroy-person': 'destroy',
  'ask-destruction': 'destroy',
  'cancel-destruction': 'destroy',
}

/** True where an authority of this scope (null: everything that a representative does) covers an act. */
export function covers(scope: readonly RepresentativeAct[] | null, act: string): boolean {
  const needed = Object.hasOwn(NEEDED, act) ? NEEDED[act] : undefined
  return needed !== undefined && (scope === null || scope.includes(needed))
}

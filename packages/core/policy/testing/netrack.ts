import type { Facts, Instant, LiveConsent } from '../../base/index.ts'
import type { Act, Actor } from '../decision.ts'
import type { Policy } from '../policy.ts'
import { shipped, shippedFiles } from './shipped-bundle.ts'

/** The files of the shipped bundle. */
export function netrackFiles(): ReadonlyMap<string, string> {
  return shippedFiles('netrack')
}

/** The shipped policy; throws with its problems where it does not parse. */
export function netrack(files: ReadonlyMap<string, string> = netrackFiles()): Policy {
  return shipped('netrack', files)
}

/** A working day of the tests. */
export const NOW: Instant = Date.UTC(2026, 10, 23, 9)
export const DAY = 86_400_000

/** A confirmed customer of ООО «Старт» with a dedicated server; `change` says what is different. */
export function customer(change: Partial<Facts> = {}): Facts {
  return {
    state: 'live',
    held: [
      'consent',
      'contact',
      'contract',
      'delivery',
      'identity',
      'payment',
      'server-access',
      'server-contact',
      'server-tax',
    ],
    dying: [],
    collectedAt: NOW - 5 * DAY,
    confirmedAt: NOW - 4 * DAY,
    proved: ['email'],
    blocked: null,
    contracts: [{ id: 'c1', entity: 'start', service: 'dedicated-server', since: NOW - 5 * DAY, endedAt: null }],
    consents: [],
    closed: {},
    opened: [],
    ...change,
  }
}

export function consent(purpose: string, entity = 'start', until: Instant | null = null): LiveConsent {
  return { purpose, entity, since: NOW - DAY, until }
}

const STAFF: ReadonlySet<string> = new Set(['support', 'dpo', 'analyst', 'auditor', 'administrator'])

export function actor(name: string): Actor {
  if (name === 'subject' || name === 'representative') return { kind: name, name: '' }
  return { kind: STAFF.has(name) ? 'staff' : 'service', name }
}

/** `actor operation purpose`, about these fields, for ООО «Старт», with a ticket unless said otherwise. */
export function act(words: string, fields: readonly string[], change: Partial<Act> = {}): Act {
  const [who = '', operation = '', purpose = ''] = words.split(' ')
  return {
    actor: actor(who),
    operation: operation as Act['operation'],
    purpose,
    entity: 'start',
    fields,
    ticket: true,
    now: NOW,
    ...change,
  }
}

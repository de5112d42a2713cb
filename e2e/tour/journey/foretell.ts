import { compartmentOf, GRANTS, type Grant } from './grants.ts'
import type { PersonState } from './person-state.ts'

/** An access that somebody asks for. */
export interface Asked {
  readonly actor: string
  readonly purpose: string
  readonly entity: string
  readonly fields: readonly string[]
  readonly ticket: boolean
  /** True where values are shown; false where they are only compared or searched by. */
  readonly showing: boolean
}

/** The answer that the policy's words promise, with one clause that must stand among those given. */
export interface Foretold {
  readonly effect: 'permit' | 'refuse'
  readonly clause: string
}

/**
 * What must be answered, from what the tour knows of the person: the purposes of 2.2, confirmation and blocking of 1.2,
 * confidentiality of 3.1 and 5.2, anonymised research of 2.2.4. Knows nothing of the rules that the server loads.
 */
export function foretell(state: PersonState, asked: Asked): Foretold {
  const grants = GRANTS.filter(
    (grant) => grant.actor === asked.actor && grant.purpose === asked.purpose && (grant.showing || !asked.showing),
  )
  if (asked.purpose === 'research') return refuse('2.2.4')
  const covering = asked.fields.map((field) => grants.find((grant) => grant.fields.includes(field)))
  if (covering.includes(undefined)) return refuse('2.1')
  const needed = covering.filter((grant) => grant !== undefined)
  const unticketed = needed.find((grant) => grant.ticket && !asked.ticket)
  if (unticketed !== undefined) return refuse(first(unticketed))
  const absent = asked.fields.some((field) => !state.held.has(compartmentOf(field)))
  if (state.destroyed || absent) return refuse('1.1')
  return barrier(state, asked) ?? ground(state, asked, needed)
}

function barrier(state: PersonState, { purpose, fields }: Asked): Foretold | null {
  if (state.blocked && purpose !== 'legal') return refuse('1.2')
  if (!state.confirmed && !['identification', 'delivery', 'legal', 'rights'].includes(purpose)) return refuse('1.2')
  const closed = fields.some((field) => state.closed.get(field)?.has(purpose) === true)
  return closed && purpose !== 'legal' && purpose !== 'rights' ? refuse('3.1') : null
}

function ground(state: PersonState, asked: Asked, grants: readonly Grant[]): Foretold {
  const unmet = grants.find((grant) => !holds(state, asked, grant))
  if (unmet !== undefined) return refuse(first(unmet))
  const [grant] = grants
  return { effect: 'permit', clause: grant === undefined ? '' : first(grant) }
}

function holds(state: PersonState, { purpose, entity }: Asked, { needs }: Grant): boolean {
  if (needs === 'law') return true
  if (needs === 'consent') return state.consents.has(`${purpose} ${entity}`)
  const live = state.contracts.filter((contract) => contract.active && contract.entity === entity)
  if (needs === 'contract') return live.length > 0
  // Of the paid services of the shipped catalogue the tour orders this one.
  return live.some(({ service }) => service === 'dedicated-server')
}

function first(grant: Grant): string {
  return grant.clauses[0] ?? ''
}

function refuse(clause: string): Foretold {
  return { effect: 'refuse', clause }
}

import { block, consent, destroy, withdraw } from '../journey/changes.ts'
import { GRANTS } from '../journey/grants.ts'
import type { Traveller } from '../journey/journey.ts'
import { openAs } from '../journey/reads.ts'
import type { PersonState } from '../journey/person-state.ts'
import type { Stage } from '../journey/stage.ts'
import { type Random, randomOf } from '../people/random.ts'

/** A person some of whose answers were lost: what was known of them before the act that nobody answered. */
export interface Interrupted {
  readonly traveller: Traveller
  readonly act: string
  /** What would be known had the act taken place. */
  readonly after: PersonState
}

export interface Load {
  readonly interrupted: readonly Interrupted[]
  /** Acts that were answered. */
  readonly answered: number
}

const WIDTH = 32

/**
 * Everybody at once reads and changes until the server is gone. What was answered is known; of each person at most one act
 * is not.
 */
export async function loadUntilGone(
  stage: Stage,
  travellers: readonly Traveller[],
  kill: () => Promise<void>,
  after: number,
): Promise<Load> {
  const living = travellers.filter(({ state }) => !state.destroyed)
  const interrupted: Interrupted[] = []
  let answered = 0
  const killing: Promise<void>[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (;;) {
      const traveller = living[next++]
      if (traveller === undefined) return
      const random = randomOf(stage.seed, `load ${traveller.state.person.number}`)
      for (const act of actsOf(random)) {
        const foreseen = foresee(traveller.state, act)
        try {
          await perform(stage, traveller, act, random)
          answered += 1
          if (answered >= after && killing.length === 0) killing.push(kill())
        } catch (error) {
          if (!isLost(error) || killing.length === 0) throw error
          traveller.state.uncertain = true
          interrupted.push({ traveller, act, after: foreseen })
          return
        }
      }
    }
  }
  await Promise.all(Array.from({ length: WIDTH }, worker))
  if (killing.length === 0) killing.push(kill())
  await Promise.all(killing)
  return { interrupted, answered }
}

const ACTS = ['read', 'read', 'withdraw', 'block', 'unblock', 'consent', 'destroy', 'read'] as const
type Act = (typeof ACTS)[number]

function actsOf(random: Random): readonly Act[] {
  const acts = ACTS.filter((act) => act === 'read' || random.chance(act === 'destroy' ? 40 : 60))
  const start = random.int(acts.length)
  return [...acts.slice(start), ...acts.slice(0, start)]
}

async function perform(stage: Stage, { state, client }: Traveller, act: Act, random: Random): Promise<void> {
  if (state.destroyed) return
  if (act === 'withdraw') await withdraw(stage, state, client, 'marketing', true)
  else if (act === 'consent') await consent(stage, state, client, 'marketing')
  else if (act === 'block') await block(stage, state, true)
  else if (act === 'unblock') await block(stage, state, false)
  else if (act === 'destroy') await destroy(stage, state, null, null)
  else {
    const grant = GRANTS[random.int(GRANTS.length)]
    if (grant !== undefined)
      await openAs(stage, state, { ...grant, entity: state.person.entity, ticket: true, showing: true })
  }
}

/** What would be known of the person once the act has taken place. */
function foresee(state: PersonState, act: Act): PersonState {
  const { person, ...rest } = state
  const after: PersonState = { person, ...structuredClone(rest) }
  const { entity } = person
  if (act === 'withdraw') for (const one of ['start', 'solutions']) after.consents.delete(`marketing ${one}`)
  if (act === 'block' || act === 'unblock') after.blocked = act === 'block'
  if (act === 'consent') {
    after.consents.add(`marketing ${entity}`)
    after.held.add('consent')
    after.lost.delete('consent')
    after.evidence += 1
  }
  return after
}

/** True where the connection broke, so that nobody knows whether the act took place. */
function isLost(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  return ['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ECONNABORTED'].includes(code)
}

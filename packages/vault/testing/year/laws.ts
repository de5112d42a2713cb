import { escalationDue, lawOf } from '@doverie/core/request'
import type { RequestRow } from '../../store/requests.ts'
import { loadFacts } from '../../store/subjects.ts'
import { listQueue } from '../../use/requests/queue.ts'
import { ZONE, type World } from './world.ts'

/** The kinds whose data are blocked with the registration, and the states in which the block must stand. */
const BLOCKING: ReadonlySet<string> = new Set(['erasure', 'inaccuracy', 'unlawful'])
const BLOCKED: ReadonlySet<string> = new Set(['identifying', 'deciding', 'waiting', 'mending', 'correcting'])

/** Everything that is open, by the pages of the queue. */
export async function openRequests(world: World): Promise<readonly RequestRow[]> {
  const found: RequestRow[] = []
  let after: string | undefined
  do {
    const { requests, next } = await listQueue(world.vault, world.staff[0]?.caller ?? fail(), { after })
    found.push(...requests)
    after = next ?? undefined
  } while (after !== undefined)
  return found
}

function fail(): never {
  throw new Error('there is nobody')
}

/** What must hold at every moment at which the software has just looked: each breach in words. */
export async function breachesOf(world: World, open: readonly RequestRow[]): Promise<readonly string[]> {
  const now = world.clock.now()
  const broken: string[] = []
  const say = (row: RequestRow, what: string): void =>
    void broken.push(`${row.number} (${row.kind}, ${row.state}): ${what}`)
  for (const row of open) {
    if (row.owner === null) say(row, 'nobody’s move')
    if (row.dueAt === null || row.outerAt === null) say(row, 'no clock runs')
    if (row.wakeAt === null || row.wakeAt <= now) {
      // After its last escalation nothing is due of itself while it is somebody else's move.
      if (row.wakeAt !== null || row.fold.tracks.some((track) => track.end === null && track.told !== 100))
        say(row, 'would not be woken')
    }
    for (const track of row.fold.tracks) {
      if (escalationDue(track, now) !== null) say(row, `the officer was not told of ${track.rule}`)
    }
    if (row.fold.tracks.some(({ counted }) => !counted)) say(row, 'counted without a calendar')
  }
  return [...broken, ...(await blockBreaches(world, open))]
}

/** No block outlives its request; what is asked to be blocked is, unless a check of harm spared it or the person is gone. */
async function blockBreaches(world: World, open: readonly RequestRow[]): Promise<readonly string[]> {
  const broken: string[] = []
  const known = await loadFacts(
    world.vault.data,
    world.humans.map(({ subject }) => subject),
  )
  const openIds = new Set(open.map(({ id }) => id))
  const held = new Set<string>()
  for (const [, { facts }] of known) {
    if (facts.state !== 'live') continue
    const blocks = facts.blocks ?? (facts.blocked === null ? [] : [{ ...facts.blocked, by: null }])
    for (const { by } of blocks) {
      if (by === null || facts.erasure?.id === by) continue
      held.add(by)
      if (!openIds.has(by)) broken.push(`a block outlives request ${by}`)
    }
  }
  const { rows } = await world.vault.data.query<{ request_id: string; number: string; kind: string; state: string }>(
    `SELECT r.request_id, r.number, r.kind, r.state FROM request r JOIN letter l USING (letter_id) JOIN subject s USING (subject_id)
     WHERE r.ended_at IS NULL AND s.facts->>'state' = 'live'
       AND NOT EXISTS (SELECT FROM request_event e WHERE e.request_id = r.request_id AND e.body->>'step' = 'spared')`,
  )
  for (const { request_id: id, number, kind, state } of rows) {
    if (BLOCKING.has(kind) && BLOCKED.has(state) && !held.has(id))
      broken.push(`${number} (${kind}, ${state}): not blocked`)
  }
  return broken
}

export const LAW: ReturnType<typeof lawOf> = lawOf('ru-152fz', ZONE)

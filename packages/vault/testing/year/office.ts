import { stepsFrom } from '@doverie/core/request'
import { extendable, lawOf } from '@doverie/core/request'
import type { StaffCaller } from '../../guard/caller.ts'
import type { RequestRow } from '../../store/requests.ts'
import { decideRequest, isStaffStep } from '../../use/requests/decide-request.ts'
import { correctForRequest, type Fulfilled, settleForRequest } from '../../use/requests/fulfil-request.ts'
import { linkLetter, recordCheck } from '../../use/requests/prove-identity.ts'
import { describeRequest } from '../../use/requests/queue.ts'
import { rerouteRequest } from '../../use/requests/reroute-request.ts'
import { markPosted, type SentReplyKind, sendReply } from '../../use/requests/send-reply.ts'
import { attempt, count, DAY, isWorked, later, type SentIn, type World } from './world.ts'

const ENDING: Readonly<Partial<Record<RequestRow['state'], SentReplyKind>>> = {
  answering: 'answer',
  refusing: 'refusal',
  recalling: 'confirmation',
}
const LAW = lawOf('ru-152fz')

/** One thing that a member of staff does about a request; what their role may not do stays for who may. */
export async function work(world: World, day: number, caller: StaffCaller, row: RequestRow): Promise<void> {
  const { state, id } = row
  if (world.printed.has(id)) return
  const ending = ENDING[state]
  if (ending !== undefined) return send(world, day, caller, row, ending)
  if (state === 'correcting' || state === 'settling') return fulfil(world, caller, row)
  if (state === 'telling') return step(world, caller, row, 'told')
  if (state === 'reviewing') return step(world, caller, row, 'reviewed')
  if (state === 'publishing') return step(world, caller, row, 'published')
  if (state === 'mending') return mend(world, caller, row)
  const sent = world.letters.get(row.letter)
  if (sent !== undefined) await consider(world, day, caller, row, sent)
}

async function send(
  world: World,
  day: number,
  caller: StaffCaller,
  row: RequestRow,
  kind: SentReplyKind,
  more: { readonly reason: 'volume'; readonly note: string } | Record<string, never> = {},
): Promise<void> {
  const { vault, random } = world
  await attempt(world, `sent ${kind}`, async () => {
    const { reply } = await sendReply(vault, caller, { request: row.id, kind, ...more })
    if (reply.sentAt !== null) return
    // It lies with the outgoing post for some days; now and then it is forgotten there.
    world.printed.add(row.id)
    const days = random.chance(4) ? 25 : random.int(3)
    later(world, day, days, () => post(world, day + Math.max(1, days), reply.id, row.id))
  })
}

/** On the first working day from then on: the post is shut on others. Where the person took the request back, it is not posted. */
async function post(world: World, day: number, reply: string, request: string): Promise<unknown> {
  if (!isWorked(world.clock.now())) {
    later(world, day, 1, () => post(world, day + 1, reply, request))
    return null
  }
  world.printed.delete(request)
  return attempt(world, 'posted', () => markPosted(world.vault, world.staff[1]?.caller ?? somebody(world), reply))
}

function somebody({ staff }: World): StaffCaller {
  const [first] = staff
  if (first === undefined) throw new Error('there is nobody')
  return first.caller
}

async function fulfil(world: World, caller: StaffCaller, row: RequestRow): Promise<void> {
  const { vault } = world
  const request = row.id
  let outcome: Fulfilled | undefined
  const done = await attempt(world, row.state, async () => {
    outcome =
      row.state === 'correcting'
        ? await correctForRequest(vault, caller, { request, values: { surname: 'Ким' } })
        : await settleForRequest(vault, caller, { request, settings: [{ field: 'surname', closedTo: ['*'] }] })
  })
  // Whose data are gone meanwhile, nothing can be corrected of.
  if (!done || (outcome !== undefined && 'refused' in outcome)) await reject(world, caller, row, 'no-data')
}

async function mend(world: World, caller: StaffCaller, row: RequestRow): Promise<void> {
  if (!world.random.chance(30)) return step(world, caller, row, 'mended')
  const names = [...(world.vault.policy()?.compartments.keys() ?? [])]
  const compartments = names.slice(world.random.int(names.length)).slice(0, 1)
  const destroyed = await attempt(world, 'unmendable', () =>
    decideRequest(world.vault, caller, { request: row.id, step: 'unmendable', compartments }),
  )
  if (!destroyed) await step(world, caller, row, 'mended')
}

async function step(world: World, caller: StaffCaller, row: RequestRow, name: string): Promise<void> {
  if (!isStaffStep(name) || !stepsFrom(row.kind, row.state).includes(name)) return
  await attempt(world, name, () => decideRequest(world.vault, caller, { request: row.id, step: name }))
}

async function reject(world: World, caller: StaffCaller, row: RequestRow, reason: string): Promise<void> {
  if (!stepsFrom(row.kind, row.state).includes('rejected')) return
  await attempt(world, `rejected (${reason})`, () =>
    decideRequest(world.vault, caller, { request: row.id, step: 'rejected', reason }),
  )
}

/** A request that nobody has decided on: who wrote, whether they are to be asked, and then yes or no. */
async function consider(world: World, day: number, caller: StaffCaller, row: RequestRow, sent: SentIn): Promise<void> {
  const { vault, random } = world
  const { letter, events } = await describeRequest(vault, caller, row.id)
  const steps = stepsFrom(row.kind, row.state)
  if (letter.subject === null && (steps.includes('identity-proved') || row.state === 'received')) {
    if (letter.identity === 'proved' || sent.human === null) return reject(world, caller, row, 'no-data')
    const { subject } = sent.human
    if (await linked(world, caller, letter.id, subject)) return
    return reject(world, caller, row, 'no-data')
  }
  if (row.state === 'identifying') return wait(world, caller, row)
  if (steps.includes('accepted')) return decide(world, day, caller, row)
  if (steps.includes('identity-waived') && random.chance(60)) return step(world, caller, row, 'identity-waived')
  if (events.some(({ event }) => event.kind === 'step' && event.step === 'identity-asked'))
    return wait(world, caller, row)
  await send(world, day, caller, row, 'identity')
  if (sent.silent) return
  later(world, day, 1 + random.int(16), () =>
    attempt(world, 'shown who they are', () =>
      recordCheck(vault, world.staff[1 + random.int(2)]?.caller ?? caller, {
        letter: letter.id,
        method: random.pick(['document-in-person', 'notarised-letter', 'contract-words']),
        passed: random.chance(90),
      }),
    ),
  )
}

async function linked(world: World, caller: StaffCaller, letter: string, subject: string): Promise<boolean> {
  let found = true
  await attempt(world, 'said whose it is', () =>
    linkLetter(world.vault, caller, { letter, subject }).catch((error: unknown) => {
      // Destroyed since they wrote.
      if ((error as { readonly code?: string }).code !== 'not-found') throw error
      found = false
    }),
  )
  return found
}

/** Who does not show who they are is refused for that, shortly before the term is over; nobody waits for ever. */
async function wait(world: World, caller: StaffCaller, row: RequestRow): Promise<void> {
  if ((row.dueAt ?? 0) - world.clock.now() > 4 * DAY) return
  if (stepsFrom(row.kind, row.state).includes('identity-failed')) return step(world, caller, row, 'identity-failed')
  await reject(world, caller, row, 'identity')
}

async function decide(world: World, day: number, caller: StaffCaller, row: RequestRow): Promise<void> {
  const { random, clock } = world
  const rules = extendable(LAW, row.fold)
  const inTime = row.fold.tracks.some(({ rule, outer }) => rules.includes(rule) && outer > clock.now())
  if (inTime && row.owner === 'staff' && random.chance(8)) {
    return send(world, day, caller, row, 'extension', { reason: 'volume', note: 'Записей много.' } as never)
  }
  if (random.chance(3)) {
    await attempt(world, 'gone on as another', async () => {
      const others = await rerouteRequest(world.vault, caller, { request: row.id, kinds: ['feedback'] })
      const sent = world.letters.get(row.letter)
      if (sent !== undefined) {
        // One that is what it was meant to become goes on as itself.
        const requests = [...new Set([...sent.requests, ...others.map(({ id }) => id)])]
        world.letters.set(row.letter, { ...sent, requests })
      }
    })
    return
  }
  if (row.kind !== 'feedback' && random.chance(12)) return reject(world, caller, row, 'restricted')
  await step(world, caller, row, 'accepted')
  count(world, 'decided')
}

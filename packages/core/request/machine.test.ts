import { describe, expect, it } from 'vitest'
import { PROFILE_IDS, REQUEST_KINDS, type RequestKind } from '../base/index.ts'
import { type Law, lawOf } from './law.ts'
import { hasToTell, isEnd, MACHINES, ownerOf, type State, type Step, stepsFrom } from './machine.ts'
import { advance, receive, type Request, type RequestEvent } from './request.ts'
import { ANSWER } from './track.ts'

const AT = Date.parse('2026-11-23T09:00:00Z')
const OTHER = '00000000-0000-4000-8000-000000000001'

function eventOf(step: Step): Exclude<RequestEvent, { kind: 'received' }> {
  if (step === 'replaced') return { kind: 'step', step, by: OTHER, at: AT }
  if (step === 'rejected') return { kind: 'step', step, reason: 'identity', at: AT }
  if (step === 'unmendable') return { kind: 'step', step, compartments: [], at: AT }
  return { kind: 'step', step, at: AT }
}

/** A request in one of its situations, and the steps that led there. */
interface Situation {
  readonly request: Request
  readonly path: readonly Step[]
  readonly next: readonly Situation[]
}

/** Every situation that a kind of request can come to: its state with the clocks that run and how others ended. */
function situations(law: Law, kind: RequestKind): readonly Situation[] {
  const found = new Map<string, { request: Request; path: readonly Step[]; next: Situation[] }>()
  const keyOf = ({ state, tracks }: Request): string =>
    JSON.stringify([state, tracks.map(({ rule, end }) => [rule, end?.how ?? 'runs'])])
  const visit = (request: Request, path: readonly Step[]): Situation => {
    const key = keyOf(request)
    const known = found.get(key)
    if (known !== undefined) return known
    const here = { request, path, next: [] as Situation[] }
    found.set(key, here)
    for (const step of stepsFrom(kind, request.state)) {
      const after = advance(law, request, eventOf(step))
      if (after.ok) here.next.push(visit(after.value, [...path, step]))
    }
    return here
  }
  visit(receive(law, kind, AT), [])
  return [...found.values()]
}

const CASES = PROFILE_IDS.flatMap((profile) => REQUEST_KINDS.map((kind) => [kind, profile] as const))

describe.each(CASES)('a request of kind %s under %s', (kind, profile) => {
  const law = lawOf(profile)
  const all = situations(law, kind)
  const shown = ({ request, path }: Situation): string => `${request.state} after ${path.join(', ')}`

  it('comes to every state that its machine has', () => {
    const reached = new Set(all.map(({ request }) => request.state))
    expect([...reached].sort()).toEqual((Object.keys(MACHINES[kind]) as State[]).sort())
  })

  it('has those who got the data told of whatever is done once it was decided, and of nothing before', () => {
    const decided = new Set(['accepted', 'stopped', 'identity-waived'])
    const leads = ({ request, next }: Situation): boolean =>
      request.state === 'telling' || next.some((one) => one.request.state !== request.state && leads(one))
    for (const { request, path, next } of all) {
      const here = path.some((step) => decided.has(step)) && request.state !== 'telling' && request.state !== 'deciding'
      expect(hasToTell(kind, request.state)).toBe(here && leads({ request, path, next }))
    }
  })

  it('has in every state but an end an owner, a way on, and a clock that runs', () => {
    for (const one of all) {
      const { state, tracks } = one.request
      if (isEnd(state)) continue
      const running = tracks.filter(({ end }) => end === null)
      expect([shown(one), ownerOf(kind, state) !== null, one.next.length > 0, running.length > 0]).toEqual([
        shown(one),
        true,
        true,
        true,
      ])
      expect(running.some(({ rule }) => rule === ANSWER)).toBe(true)
    }
  })

  it('ends only with something sent to the person, or in another request', () => {
    for (const { request, path } of all) {
      if (!isEnd(request.state)) continue
      const last = path.at(-1)
      const sent = { answered: ['answered'], refused: ['refused'], recalled: ['answered'] } as const
      if (request.state === 'refused') expect(request.refusal).toBe('identity')
      if (request.state === 'replaced') expect(request.replacedBy).toBe(OTHER)
      else expect(sent[request.state]).toContain(last)
    }
  })

  it('can be brought to an end from everywhere', () => {
    const ending = new Set(all.filter(({ request }) => isEnd(request.state)))
    for (let grown = true; grown; ) {
      grown = false
      for (const one of all) {
        if (ending.has(one) || !one.next.some((next) => ending.has(next))) continue
        ending.add(one)
        grown = true
      }
    }
    expect(all.filter((one) => !ending.has(one)).map(shown)).toEqual([])
  })

  it('leaves no clock running at an end, and calls none done whose duty was not', () => {
    for (const { request, path } of all) {
      if (!isEnd(request.state)) continue
      for (const track of request.tracks) {
        expect(track.end).not.toBeNull()
        const met = law.profile.clocks.find(({ id }) => id === track.rule)?.met
        const acts = {
          blocked: ['blocked'],
          decided: ['accepted', 'stopped'],
          corrected: ['corrected'],
          stopped: ['stopped', 'settled'],
          published: ['published', 'settled'],
          destroyed: ['destroyed'],
          answered: ['answered'],
        }
        if (
          track.end?.how !== 'done' ||
          track.rule === ANSWER ||
          met === undefined ||
          met === null ||
          met === 'reported'
        )
          continue
        expect([track.rule, path.some((step) => acts[met].includes(step))]).toEqual([track.rule, true])
      }
    }
  })

  it('that blocked the data lifts the block again before its end', () => {
    for (const { request, path } of all) {
      if (!isEnd(request.state) || !path.includes('blocked')) continue
      expect([path, path.includes('unblocked')]).toEqual([path, true])
    }
  })

  it('destroys nothing before somebody decided to, nor after the person took it back', () => {
    for (const { path } of all) {
      const destroyed = path.indexOf('destroyed')
      if (destroyed === -1) continue
      expect(path.indexOf('accepted')).toBeGreaterThan(-1)
      expect(path.indexOf('accepted')).toBeLessThan(destroyed)
      expect(path).not.toContain('recalled')
    }
  })
})

describe('the machines', () => {
  it('act on no unproved word where that could harm the person', () => {
    const needs: readonly RequestKind[] = [
      'information',
      'copy',
      'correction',
      'supplement',
      'confidentiality',
      'withdrawal',
      'stop-processing',
      'erasure',
      'publication',
      'inaccuracy',
    ]
    for (const kind of needs) {
      for (const { path } of situations(lawOf('ru-152fz'), kind)) {
        const accepted = path.indexOf('accepted')
        if (accepted !== -1) expect([kind, path.slice(0, accepted).includes('identity-proved')]).toEqual([kind, true])
      }
    }
  })

  it('block at once what is said to be wrong or unlawful, before anything else can happen', () => {
    for (const kind of ['inaccuracy', 'unlawful', 'erasure'] as const)
      expect(stepsFrom(kind, 'received')).toEqual(['blocked', 'spared'])
    expect(stepsFrom('marketing-stop', 'received')).toEqual(['rejected', 'stopped', 'recalled', 'replaced'])
  })

  it('let the person take an erasure back until its day, and not after', () => {
    expect(stepsFrom('erasure', 'waiting')).toEqual(['due', 'recalled'])
    expect(stepsFrom('erasure', 'destroying')).toEqual(['destroyed', 'kept', 'deferred'])
  })
})

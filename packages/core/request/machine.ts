import type { RequestKind } from '../base/index.ts'

/** What can happen to a request, each a fact that is recorded once it is so. */
export const STEPS = [
  // At once, in the transaction of the intake: the data are blocked, or a check of harm spared them; promotion stops.
  'blocked',
  'spared',
  // Who asks. `identity-waived`: this request needs no proof.
  'identity-asked',
  'identity-proved',
  'identity-waived',
  'identity-failed',
  // What the operator decides: to act, or to refuse. `shown`: the person has shown the data to be unnecessary or unlawfully had.
  'shown',
  'accepted',
  'rejected',
  // What is done.
  'stopped',
  'corrected',
  'settled',
  'published',
  'reviewed',
  'due',
  'destroyed',
  'kept',
  'deferred',
  'mended',
  'unmendable',
  'unblocked',
  'told',
  // What the person is sent, and what they may do.
  'answered',
  'refused',
  'recalled',
  'replaced',
] as const
export type Step = (typeof STEPS)[number]

/** Who moves a request on: never nobody, save at an end. */
export type Owner = 'staff' | 'person' | 'system'

/** How a request ends: with an answer, with a reasoned refusal, with a confirmation of what the person took back, or in another request. */
export const ENDS = ['answered', 'refused', 'recalled', 'replaced'] as const
export type End = (typeof ENDS)[number]

export type State =
  | 'received'
  | 'registered'
  | 'identifying'
  | 'deciding'
  | 'stopping'
  | 'correcting'
  | 'settling'
  | 'publishing'
  | 'reviewing'
  | 'waiting'
  | 'mending'
  | 'destroying'
  | 'lifting'
  | 'telling'
  | 'answering'
  | 'refusing'
  | 'recalling'
  | 'lifting-refused'
  | 'lifting-recalled'
  | 'lifting-replaced'
  | End

interface StateShape {
  /** Null at an end alone. */
  readonly owner: Owner | null
  readonly on: Readonly<Partial<Record<Step, State>>>
}

/** The states of one kind of request and what leads from one to another. */
export type Machine = Readonly<Partial<Record<State, StateShape>>>

/** One thing to be done on the way, in its order. */
type Link = readonly [state: State, owner: Owner, step: Step]

interface Shape {
  /** True where the data are blocked with the intake: whatever becomes of the request lifts that again, or destroys them. */
  readonly blocks: boolean
  /** Whether who asks must be proved, may go unproved, or does not matter. */
  readonly identity: 'needed' | 'waivable' | 'none'
  readonly chain: readonly Link[]
  /** What leads elsewhere than on. */
  readonly detours?: Machine
  /** What may happen until somebody decides, and changes no state. */
  readonly loops?: readonly Step[]
}

/** Where staff have still to change the data: whoever is destroyed, or whom the policy refuses it, is told so, with reasons. */
const UNDONE: ReadonlySet<State> = new Set(['correcting', 'settling', 'publishing'])

function machine({ blocks, identity, chain, detours = {}, loops = [] }: Shape): Machine {
  const refusing: State = blocks ? 'lifting-refused' : 'refusing'
  const leaving: StateShape['on'] = {
    recalled: blocks ? 'lifting-recalled' : 'recalling',
    replaced: blocks ? 'lifting-replaced' : 'replaced',
  }
  const deciding: StateShape['on'] = { accepted: chain[0]?.[0] ?? 'answering', rejected: refusing, ...leaving }
  const proving: StateShape['on'] = {
    'identity-proved': 'deciding',
    ...(identity === 'waivable' ? { 'identity-waived': 'deciding' as const } : {}),
    rejected: refusing,
    ...leaving,
  }
  const loop = (state: State): StateShape['on'] => Object.fromEntries(loops.map((step) => [step, state]))
  return {
    ...(blocks ? { received: { owner: 'system', on: { blocked: 'registered', spared: 'registered' } } } : {}),
    registered: {
      owner: 'staff',
      on: {
        ...(identity === 'none' ? deciding : { 'identity-asked': 'identifying', ...proving }),
        ...loop('registered'),
      },
    },
    ...(identity === 'none'
      ? {}
      : {
          identifying: { owner: 'person', on: { ...proving, 'identity-failed': refusing, ...loop('identifying') } },
          deciding: { owner: 'staff', on: { ...deciding, ...loop('deciding') } },
        }),
    ...(blocks
      ? {
          'lifting-refused': { owner: 'system', on: { unblocked: 'refusing' } },
          'lifting-recalled': { owner: 'system', on: { unblocked: 'recalling' } },
          'lifting-replaced': { owner: 'system', on: { unblocked: 'replaced' } },
        }
      : {}),
    ...Object.fromEntries(
      chain.map(([state, owner, step], at) => [
        state,
        {
          owner,
          on: { [step]: chain[at + 1]?.[0] ?? 'answering', ...(UNDONE.has(state) ? { rejected: refusing } : {}) },
        },
      ]),
    ),
    // Where nothing was done but to decide, a ground to refuse may still be found: that it repeats another, say, which the person asked alone.
    answering: {
      owner: 'staff',
      on: { answered: 'answered', ...(chain.length === 0 ? { rejected: refusing } : {}) },
    },
    refusing: { owner: 'staff', on: { refused: 'refused' } },
    recalling: { owner: 'staff', on: { answered: 'recalled' } },
    ...detours,
    ...Object.fromEntries(ENDS.map((end) => [end, { owner: null, on: {} }])),
  }
}

/** Stopped with the intake where it is known whom it is about; else staff find out, and nothing is called stopped before. */
const AT_ONCE: Machine = {
  received: {
    owner: 'staff',
    on: { stopped: 'answering', rejected: 'refusing', recalled: 'recalling', replaced: 'replaced' },
  },
  answering: { owner: 'staff', on: { answered: 'answered' } },
  refusing: { owner: 'staff', on: { refused: 'refused' } },
  recalling: { owner: 'staff', on: { answered: 'recalled' } },
  ...Object.fromEntries(ENDS.map((end) => [end, { owner: null, on: {} }])),
}

const TELL: Link = ['telling', 'staff', 'told']
const DESTROY: StateShape = { owner: 'system', on: { destroyed: 'telling', kept: 'telling', deferred: 'destroying' } }
const SIMPLE: Shape = { blocks: false, identity: 'needed', chain: [] }

/**
 * The machines. What is common: a request is registered by staff or by the portal, who asks is proved as far as the kind needs it,
 * somebody decides, the act is done through the vault, those who got the data are told, the person is answered. A refusal is
 * a letter with reasons; what the person takes back is confirmed to them; a mistaken kind goes on as another request.
 */
export const MACHINES: Readonly<Record<RequestKind, Machine>> = {
  information: machine(SIMPLE),
  copy: machine(SIMPLE),
  correction: machine({ ...SIMPLE, chain: [['correcting', 'staff', 'corrected'], TELL] }),
  supplement: machine({ ...SIMPLE, chain: [['correcting', 'staff', 'corrected'], TELL] }),
  confidentiality: machine({ ...SIMPLE, chain: [['settling', 'staff', 'settled']] }),
  withdrawal: machine({
    ...SIMPLE,
    chain: [
      ['stopping', 'system', 'stopped'],
      ['waiting', 'system', 'due'],
      ['destroying', 'system', 'destroyed'],
      TELL,
    ],
    detours: {
      // What lost its ground waits like an erasure: a session that somebody took over destroys nothing unseen.
      waiting: { owner: 'system', on: { due: 'destroying', recalled: 'recalling' } },
      destroying: DESTROY,
    },
  }),
  'stop-processing': machine({ ...SIMPLE, chain: [['stopping', 'system', 'stopped'], TELL] }),
  erasure: machine({
    blocks: true,
    identity: 'needed',
    chain: [
      ['stopping', 'system', 'stopped'],
      ['waiting', 'system', 'due'],
      ['destroying', 'system', 'destroyed'],
      // What a ground keeps is kept for that ground, and is under this request's block no more.
      ['lifting', 'system', 'unblocked'],
      TELL,
    ],
    detours: {
      // Until its day the person can still take it back.
      waiting: { owner: 'system', on: { due: 'destroying', recalled: 'lifting-recalled' } },
      destroying: { owner: 'system', on: { destroyed: 'lifting', kept: 'lifting', deferred: 'destroying' } },
    },
    loops: ['shown'],
  }),
  objection: machine({
    blocks: false,
    identity: 'waivable',
    chain: [['reviewing', 'staff', 'reviewed']],
  }),
  inaccuracy: machine({
    blocks: true,
    identity: 'needed',
    chain: [['correcting', 'staff', 'corrected'], ['lifting', 'system', 'unblocked'], TELL],
  }),
  unlawful: machine({
    blocks: true,
    identity: 'waivable',
    chain: [
      ['stopping', 'system', 'stopped'],
      ['mending', 'staff', 'mended'],
      ['lifting', 'system', 'unblocked'],
      TELL,
    ],
    detours: {
      mending: { owner: 'staff', on: { mended: 'lifting', unmendable: 'destroying' } },
      // `mended`: a ground was found by which it may stay after all, which is why its destruction was refused.
      destroying: { owner: 'system', on: { destroyed: 'lifting', mended: 'lifting', deferred: 'destroying' } },
    },
  }),
  publication: machine({ ...SIMPLE, chain: [['publishing', 'staff', 'published']] }),
  'publication-stop': machine({ ...SIMPLE, identity: 'waivable', chain: [['stopping', 'system', 'stopped'], TELL] }),
  'marketing-stop': AT_ONCE,
  feedback: machine({ blocks: false, identity: 'none', chain: [] }),
}

/** Where a request of some kind begins. */
export function beginningOf(kind: RequestKind): State {
  return MACHINES[kind].received === undefined ? 'registered' : 'received'
}

/** States after the decision and before those who got the data are told. */
const BEFORE_TELLING: ReadonlySet<State> = new Set([
  'stopping',
  'correcting',
  'waiting',
  'mending',
  'destroying',
  'lifting',
])

/** True where what is done to the data now is done while such a request is on its way to tell those who got them. */
export function hasToTell(kind: RequestKind, state: State): boolean {
  return BEFORE_TELLING.has(state) && MACHINES[kind].telling !== undefined
}

/** Whose move a state is; null at an end. */
export function ownerOf(kind: RequestKind, state: State): Owner | null {
  return MACHINES[kind][state]?.owner ?? null
}

/** What can happen to a request in that state. */
export function stepsFrom(kind: RequestKind, state: State): readonly Step[] {
  const on = MACHINES[kind][state]?.on ?? {}
  return STEPS.filter((step) => on[step] !== undefined)
}

/** Where a step leads, or null where it cannot happen there. */
export function after(kind: RequestKind, state: State, step: Step): State | null {
  return MACHINES[kind][state]?.on[step] ?? null
}

export function isEnd(state: State): state is End {
  return ENDS.some((end) => end === state)
}

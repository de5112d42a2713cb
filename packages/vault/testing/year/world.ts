import { dayAt, isDoverieError, nextDay, type RequestKind, startOfDay, type Uuid } from '@doverie/core/base'
import { embeddedCalendar } from '@doverie/core/request'
import { isWorkingDay } from '../../../core/request/calendar.ts'
import { type Random, randomOf } from '../../../../e2e/tour/people/random.ts'
import type { StaffCaller } from '../../guard/caller.ts'
import type { Letter } from '../../guard/letters.ts'
import type { Vault } from '../../guard/vault.ts'
import { asStaff } from '../callers.ts'

export const DAY = 86_400_000
const HOUR = 3_600_000
export const ZONE = 'Europe/Moscow'

/** The clock that all of a year's vaults go by. */
export class YearClock {
  #at: number

  constructor(at: number) {
    this.#at = at
  }

  readonly now = (): number => this.#at

  /** To an hour of the operator's day, a little further each time it is asked for: no two acts fall into one moment. */
  to(day: number, hour: number): void {
    this.#at = Math.max(this.#at + 1, startOfDay(ZONE, dayAt(ZONE, day)) + hour * HOUR)
  }

  pass(milliseconds: number): void {
    this.#at += milliseconds
  }
}

/** Somebody whom letters are about, as they know themselves. */
export interface Human {
  readonly subject: Uuid
  readonly email: string
  /** What they asked for last, and when: it is asked again. */
  last: { readonly kind: RequestKind; readonly at: number } | null
}

/** A member of staff: when away they do nothing. */
export interface Colleague {
  readonly caller: StaffCaller
  readonly away: readonly (readonly [from: number, to: number])[]
}

/** A letter that somebody sent, by what the world knows of it. */
export interface SentIn {
  readonly letter: Uuid
  readonly requests: readonly Uuid[]
  readonly channel: string
  /** Whose it truly is; null of a stranger's. */
  readonly human: Human | null
  /** True where its author answers no question. */
  readonly silent: boolean
}

export interface World {
  readonly vault: Vault
  /** Another server over the same databases. */
  readonly other: Vault
  readonly clock: YearClock
  readonly random: Random
  readonly staff: readonly Colleague[]
  readonly humans: Human[]
  readonly letters: Map<Uuid, SentIn>
  /** What comes about on its day: of people, of the post. */
  readonly diary: Map<number, (() => Promise<unknown>)[]>
  /** Printed replies that lie to be posted, by request. */
  readonly printed: Set<Uuid>
  readonly mail: Letter[]
  readonly tally: Map<string, number>
}

const AWAY = { summer: [120, 141], autumn: [200, 207], spring: [40, 52] } as const

export function newWorld(vault: Vault, other: Vault, clock: YearClock, seed: number): World {
  const support = asStaff('support')
  const second = { ...support, staff: '00000000-0000-4000-8000-000000000002', pseudonym: 'support-2' }
  return {
    vault,
    other,
    clock,
    random: randomOf(seed, 'year'),
    // For a week in autumn, and on days off, nobody is there; the officer is away for three weeks of summer, and nobody stands in.
    staff: [
      { caller: asStaff('dpo'), away: [AWAY.summer, AWAY.autumn] },
      { caller: support, away: [AWAY.spring, AWAY.autumn] },
      { caller: second, away: [[130, 158], AWAY.autumn] },
    ],
    humans: [],
    letters: new Map(),
    diary: new Map(),
    printed: new Set(),
    mail: [],
    tally: new Map(),
  }
}

export function count(world: World, what: string): void {
  world.tally.set(what, (world.tally.get(what) ?? 0) + 1)
}

/** Has something come about so many days later. */
export function later(world: World, day: number, days: number, work: () => Promise<unknown>): void {
  const due = day + Math.max(1, days)
  world.diary.set(due, [...(world.diary.get(due) ?? []), work])
}

const TURNED_AWAY: readonly string[] = ['conflict', 'forbidden', 'proof-needed']

/**
 * What may be turned away, for the reason that stands in the fault: the request moved on meanwhile, the role may not. It is counted. Any
 * other fault is the simulation's end.
 */
export async function attempt(world: World, what: string, work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work()
    count(world, what)
    return true
  } catch (error) {
    if (!isDoverieError(error) || !TURNED_AWAY.includes(error.code)) throw error
    count(world, `${what}: ${error.code}`)
    return false
  }
}

const CALENDAR = embeddedCalendar('ru')

export function isWorked(at: number): boolean {
  return CALENDAR !== null && isWorkingDay(CALENDAR, dayAt(ZONE, at))
}

/** The first moment of the day so many days after `from`. */
export function dayAfter(from: number, days: number): number {
  let day = dayAt(ZONE, from)
  for (let i = 0; i < days; i++) day = nextDay(day)
  return startOfDay(ZONE, day)
}

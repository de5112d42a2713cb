import { type Instant, parseDay, parseExactDuration, startOfDay } from '../../base/index.ts'
import { complain, mapped, type Reader, text } from '../reader.ts'

/** What a written moment is reckoned from: the operator's zone, and the moment at which a test plays. */
export interface Clock {
  readonly zone: string
  readonly now: Instant
}

/** A moment as it is written, to be reckoned once the clock is known. */
export type Moment = (clock: Clock) => Instant

const WALL = /^(\d{4}-\d{2}-\d{2})(?: ([01]\d|2[0-3]):([0-5]\d))?$/
const AGO = /^(\S+) ago$/
const AHEAD = /^in (\S+)$/
const MINUTE = 60_000

const WHEN = 'a moment (now, P5D ago, in PT1H, 2026-11-23 12:00)'

/** `now`, `P5D ago`, `in PT1H`, or a day or hour of the operator's zone (`2026-11-23`, `2026-11-23 12:00`). */
export const moment: Reader<Moment> = mapped(
  text,
  (value, node, reading) => parseMoment(value) ?? complain(node, reading, `${WHEN} is needed here`),
)

/** A moment, or `never`. */
export const momentOrNever: Reader<Moment | null> = mapped(text, (value, node, reading) => {
  if (value === 'never') return null
  return parseMoment(value) ?? complain(node, reading, `${WHEN} or never is needed here`)
})

/** A day or hour of the operator's zone: what the clock itself may be set to. */
export const wallMoment: Reader<Moment> = mapped(
  text,
  (value, node, reading) =>
    wall(value) ?? complain(node, reading, 'a day, or a day and hour, is needed here (2026-11-23 12:00)'),
)

function parseMoment(value: string): Moment | null {
  if (value === 'now') return ({ now }) => now
  const ago = parseExactDuration(AGO.exec(value)?.[1] ?? '')
  if (ago !== null) return ({ now }) => now - ago
  const ahead = parseExactDuration(AHEAD.exec(value)?.[1] ?? '')
  if (ahead !== null) return ({ now }) => now + ahead
  return wall(value)
}

/** Hours are counted from the beginning of the day. */
function wall(value: string): Moment | null {
  const match = WALL.exec(value)
  const day = match === null ? null : parseDay(match[1] ?? '')
  if (match === null || day === null) return null
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0)
  return ({ zone }) => startOfDay(zone, day) + minutes * MINUTE
}

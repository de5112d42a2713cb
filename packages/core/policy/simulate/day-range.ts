import { type Instant, nextDay, parseDay, startOfDay } from '../../base/index.ts'

/** The instants of a day (`2026-11-23`) on the wall of `zone`, `to` not included; null where there is no such day. */
export function dayRange(zone: string, text: string): { readonly from: Instant; readonly to: Instant } | null {
  const day = parseDay(text)
  return day === null ? null : { from: startOfDay(zone, day), to: startOfDay(zone, nextDay(day)) }
}

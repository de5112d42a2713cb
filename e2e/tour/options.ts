import { parseArgs } from 'node:util'

/** What a tour is asked to do. */
export interface TourOptions {
  readonly people: number
  readonly seed: number
  /** Leave the folders behind. */
  readonly keep: boolean
}

/** Reads the command line; throws a `TypeError` with one line on anything else. */
export function tourOptions(args: readonly string[]): TourOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { people: { type: 'string' }, seed: { type: 'string' }, keep: { type: 'boolean' } },
  })
  return {
    people: whole('people', values.people ?? '1000', 1, 22_500),
    seed: whole('seed', values.seed ?? '2026', 0, 1_000_000),
    keep: values.keep === true,
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const number = Number(text)
  if (/^\d{1,7}$/.test(text) && number >= least && number <= most) return number
  throw new TypeError(`--${name} is a whole number from ${least} to ${most}`)
}

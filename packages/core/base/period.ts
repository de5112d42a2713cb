/** A calendar term in whole years, months and days. */
export interface Period {
  readonly years: number
  readonly months: number
  readonly days: number
}

const CALENDAR = /^P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?$/
const EXACT = /^P(?!$)(?:(\d{1,5})D)?(?:T(?=\d)(\d{1,5})H)?$/
const HOUR = 3_600_000

/** A calendar term of ISO 8601 in years, months and days (`P5Y`, `P1Y6M`), or null where the text is none. */
export function parsePeriod(text: string): Period | null {
  const match = CALENDAR.exec(text)
  return match === null
    ? null
    : { years: Number(match[1] ?? 0), months: Number(match[2] ?? 0), days: Number(match[3] ?? 0) }
}

/** Milliseconds of an ISO 8601 duration in days of 24 hours, and hours (`P30D`, `PT72H`), or null where the text is none. */
export function parseExactDuration(text: string): number | null {
  const match = EXACT.exec(text)
  return match === null ? null : (Number(match[1] ?? 0) * 24 + Number(match[2] ?? 0)) * HOUR
}

/** The ISO 8601 text of a calendar term; `P0D` of none. */
export function formatPeriod({ years, months, days }: Period): string {
  const parts = [years > 0 ? `${years}Y` : '', months > 0 ? `${months}M` : '', days > 0 ? `${days}D` : ''].join('')
  return `P${parts === '' ? '0D' : parts}`
}

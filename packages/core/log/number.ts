const DECIMAL = /^(?:0|[1-9][0-9]{0,15})$/

/** True for a count of leaves this code computes with exactly: up to 2^53 - 1 instead of the formats' 2^64 - 1. */
export function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

/** The number of a decimal text without leading zeros or sign, or null where it is not one or is above 2^53 - 1. */
export function parseCount(text: string): number | null {
  if (!DECIMAL.test(text)) return null
  const value = Number(text)
  return isCount(value) ? value : null
}

/** The most names looked at for a suggestion: a hostile file may declare as many as it likes. */
const MOST_LOOKED_AT = 2000

/** ` (did you mean 'x'?)` where a known name is near, else nothing. */
export function hint(wrong: string, known: readonly string[]): string {
  const near = nearestName(wrong, known)
  return near === null ? '' : ` (did you mean '${near}'?)`
}

/**
 * The known name that differs from a misspelt one by the fewest letters left out, put in, changed or swapped with their
 * neighbour; the first of equals. Null where none is near: one letter for names of three to five, two for longer ones.
 */
function nearestName(wrong: string, known: readonly string[]): string | null {
  if (wrong.length < 3 || wrong.length > 60) return null
  let best: string | null = null
  let least = (wrong.length < 6 ? 1 : 2) + 1
  for (const candidate of known.slice(0, MOST_LOOKED_AT)) {
    if (Math.abs(candidate.length - wrong.length) >= least) continue
    const away = distance(wrong, candidate)
    if (away < least) [best, least] = [candidate, away]
  }
  return best
}

/** The Damerau-Levenshtein distance in which no part is edited twice (optimal string alignment). */
function distance(a: string, b: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      next.push(least)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** Choices that repeat with the seed. */
export interface Random {
  /** An integer from 0 to `below` - 1. */
  readonly int: (below: number) => number
  readonly pick: <T>(items: readonly [T, ...T[]]) => T
  /** True in `percent` of 100 cases. */
  readonly chance: (percent: number) => boolean
}

/** A stream of its own for a seed and a name, so that one person's choices never depend on another's timing. */
export function randomOf(seed: number, name: string): Random {
  let state = fnv(`${seed}/${name}`)
  const next = (): number => {
    // mulberry32: 32 bits of state are plenty for one person's choices.
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (below: number): number => Math.floor(next() * below)
  return {
    int,
    pick: <T>(items: readonly [T, ...T[]]): T => items[int(items.length)] ?? items[0],
    chance: (percent) => int(100) < percent,
  }
}

function fnv(text: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash
}

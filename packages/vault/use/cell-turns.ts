import type { Uuid } from '@doverie/core/base'

interface Turn<T> {
  readonly subjects: Set<Uuid>
  readonly done: Promise<T>
}

/** Who has something to be ended in a cell while it is being re-wrapped waits, and all who wait share the next re-wrap. */
export class CellTurns<T> {
  readonly #running = new Map<Uuid, Promise<T>>()
  readonly #waiting = new Map<Uuid, Turn<T>>()

  /** Resolves to what came of `work` when it has ended for these people, whoever's turn it was in. */
  join(cell: Uuid, subjects: readonly Uuid[], work: (all: readonly Uuid[]) => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(cell)
    if (waiting !== undefined) {
      for (const subject of subjects) waiting.subjects.add(subject)
      return waiting.done
    }
    const all = new Set(subjects)
    // One that begins at once takes nobody else in: its people are named already.
    const waits = this.#running.has(cell)
    const done = this.#take(cell, all, work)
    if (waits) this.#waiting.set(cell, { subjects: all, done })
    return done
  }

  async #take(cell: Uuid, subjects: ReadonlySet<Uuid>, work: (all: readonly Uuid[]) => Promise<T>): Promise<T> {
    const before = this.#running.get(cell)
    if (before !== undefined) await before.catch(() => undefined)
    this.#waiting.delete(cell)
    const own = work([...subjects])
    this.#running.set(cell, own)
    try {
      return await own
    } finally {
      if (this.#running.get(cell) === own) this.#running.delete(cell)
    }
  }
}

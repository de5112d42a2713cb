/** What was answered to one kind of asking. */
export interface TallyRow {
  readonly actor: string
  readonly purpose: string
  readonly act: string
  permitted: number
  refused: number
  /** Clause to number of answers that named it. */
  readonly permitClauses: Map<string, number>
  readonly refuseClauses: Map<string, number>
}

/** Counts answers; it never keeps one. */
export class Tally {
  readonly #rows = new Map<string, TallyRow>()
  readonly #times = new Map<string, number[]>()
  /** Problem code to number: what was wrong with a request, and no decision. */
  readonly problems: Map<string, number> = new Map()
  /** Answers that were not as foretold: counted by what was asked, with what came. */
  readonly surprises: Map<string, number> = new Map()
  #foretold = 0
  #answers = 0

  /** Decisions compared with what was foretold. */
  get foretold(): number {
    return this.#foretold
  }

  get answers(): number {
    return this.#answers
  }

  get rows(): readonly TallyRow[] {
    return [...this.#rows.values()]
  }

  /** Milliseconds of each call, by operation. */
  get times(): ReadonlyMap<string, readonly number[]> {
    return this.#times
  }

  decided(
    who: { readonly actor: string; readonly purpose: string; readonly act: string },
    effect: 'permit' | 'refuse',
    clauses: readonly string[],
  ): void {
    const key = `${who.actor} ${who.purpose} ${who.act}`
    const row = this.#rows.get(key) ?? {
      ...who,
      permitted: 0,
      refused: 0,
      permitClauses: new Map<string, number>(),
      refuseClauses: new Map<string, number>(),
    }
    this.#rows.set(key, row)
    if (effect === 'permit') row.permitted += 1
    else row.refused += 1
    for (const clause of clauses) count(effect === 'permit' ? row.permitClauses : row.refuseClauses, clause)
    this.#answers += 1
  }

  took(operation: string, milliseconds: number): void {
    const times = this.#times.get(operation)
    if (times === undefined) this.#times.set(operation, [milliseconds])
    else times.push(milliseconds)
  }

  problem(code: string): void {
    count(this.problems, code)
    this.#answers += 1
  }

  /** Compares an answer with what had to come. `what` names roles, purposes and fields, never a value or a person. */
  compare(what: string, expected: string, found: string): void {
    this.#foretold += 1
    if (expected !== found) count(this.surprises, `${what}: expected ${expected}, found ${found}`)
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

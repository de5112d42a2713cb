/** One thing that must hold, with its numbers. `null`: it could not be looked at here, and why. */
export interface Proof {
  readonly title: string
  readonly ok: boolean | null
  readonly detail: string
}

export function proof(title: string, ok: boolean | null, detail: string): Proof {
  return { title, ok, detail }
}

/** A number with thin groups of three, as a person reads it. */
export function grouped(number: number): string {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ')
}

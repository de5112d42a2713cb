import { type Random, randomOf } from './random.ts'

/** Where a canary came from, so that a finding can be told without telling the value. */
export interface Canary {
  /** The text to look for. Personal: never print it. */
  readonly text: string
  /** The field, or the kind of secret. */
  readonly field: string
  /** The person's number in the tour; -1 for what is nobody's. */
  readonly person: number
}

const LATIN = { hard: 'bdfgklmnprstvz', soft: 'aeiou' } as const
const CYRILLIC = { hard: 'бвгдзклмнпрстфх', soft: 'аеиоуы' } as const
const SYLLABLES = 6

/** Texts too short to be told from chance in some hundred megabytes are not looked for. */
export const SHORTEST_CANARY = 9

/**
 * Makes texts that occur nowhere else and still are legal in their field: syllables for names and addresses, digits for
 * numbers. Each is given out once.
 */
export class CanaryMint {
  readonly #random: Random
  readonly #used = new Set<string>()
  readonly #made: Canary[] = []

  constructor(seed: number) {
    this.#random = randomOf(seed, 'canaries')
  }

  /** Everything to look for. */
  get canaries(): readonly Canary[] {
    return this.#made
  }

  /** A word of one script, lower case. It is looked for without its first letter, which a name writes large. */
  word(script: 'latin' | 'cyrillic', field: string, person: number): string {
    const word = this.#unique(() => this.#syllables(script === 'latin' ? LATIN : CYRILLIC))
    this.watch(word.slice(1), field, person)
    return word
  }

  /** Digits; the text to look for is these alone unless `watched` says otherwise. */
  digits(length: number, field: string, person: number): string {
    const digits = this.unwatchedDigits(length)
    this.watch(digits, field, person)
    return digits
  }

  /** Digits that become a part of a longer number; the caller watches that. */
  unwatchedDigits(length: number): string {
    return this.#unique(() => Array.from({ length }, () => this.#random.int(10)).join(''))
  }

  /** Looks for a text that was made elsewhere (by hand, by the server), if it is long enough to be told from chance. */
  watch(text: string, field: string, person: number): void {
    if (Buffer.byteLength(text) >= SHORTEST_CANARY) this.#made.push({ text, field, person })
  }

  #unique(make: () => string): string {
    for (;;) {
      const text = make()
      if (this.#used.has(text)) continue
      this.#used.add(text)
      return text
    }
  }

  #syllables({ hard, soft }: { readonly hard: string; readonly soft: string }): string {
    let word = ''
    for (let i = 0; i < SYLLABLES; i++) {
      word += hard.charAt(this.#random.int(hard.length)) + soft.charAt(this.#random.int(soft.length))
    }
    return word
  }
}

/** A word as a name writes it. */
export function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}

/** One made-up person of the bench, by number: the same number gives the same values. */
export interface BenchPerson {
  readonly surname: string
  readonly givenName: string
  readonly patronymic: string
  readonly email: string
  readonly phone: string
}

const SYLLABLES = ['ба', 'ве', 'го', 'ди', 'жу', 'зы', 'ка', 'ле', 'мо', 'ни', 'пу', 'ры', 'са', 'те', 'фо', 'хи']

/** A name of five syllables that tells the number back. */
function nameOf(number: number, ending: string): string {
  let rest = number
  let name = ''
  for (let i = 0; i < 5; i++) {
    name += SYLLABLES[rest % SYLLABLES.length] ?? ''
    rest = Math.floor(rest / SYLLABLES.length)
  }
  return name.charAt(0).toUpperCase() + name.slice(1) + ending
}

export function benchPerson(number: number): BenchPerson {
  return {
    surname: nameOf(number, 'ова'),
    givenName: nameOf(number * 7 + 1, ''),
    patronymic: nameOf(number * 13 + 5, 'овна'),
    email: `person${number}@example.org`,
    phone: `+7916${String(1_000_000 + number).padStart(7, '0')}`,
  }
}

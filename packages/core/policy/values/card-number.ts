/** First digits of payment cards, as ranges of one length, with the lengths of the whole number in use under them. */
const ISSUERS: readonly (readonly [from: string, to: string, lengths: readonly number[]])[] = [
  ['2200', '2205', [16, 17, 18, 19]], // Мир, and its siblings of neighbouring countries
  ['2221', '2720', [16]], // Mastercard
  ['2131', '2131', [15]], // JCB, old
  // Diners Club. Not 15 digits: that is the length of a Russian sole trader's registration number, which begins with 3.
  ['300', '305', [14, 16, 17, 18, 19]],
  ['3095', '3095', [14, 16, 17, 18, 19]],
  ['36', '36', [14, 16, 17, 18, 19]],
  ['38', '39', [14, 16, 17, 18, 19]],
  ['34', '34', [15]], // American Express
  ['37', '37', [15]],
  ['3528', '3589', [16, 17, 18, 19]], // JCB
  ['4', '4', [13, 16, 18, 19]], // Visa
  ['50', '50', [13, 14, 15, 16, 17, 18, 19]], // Maestro
  ['51', '55', [16]], // Mastercard
  ['56', '69', [13, 14, 15, 16, 17, 18, 19]], // Maestro, UnionPay (62), Discover (6011, 644-65), UzCard (5614)
  ['81', '81', [16, 17, 18, 19]], // UnionPay
  ['8600', '8600', [16]], // UzCard
  ['9112', '9112', [16]], // Belkart
  ['9704', '9704', [16, 19]], // NAPAS
  ['9792', '9792', [16]], // Troy
  ['9860', '9860', [16]], // Humo
]

const SHORTEST = 13
const LONGEST = 19
/** An international phone number has at most 15 digits (E.164). */
const LONGEST_PHONE = 15

/** The check sum of ISO/IEC 7812-1 (Luhn) over ASCII digits. */
export function passesLuhn(digits: string): boolean {
  let sum = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48
    const doubled = 2 * digit
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

/** True for ASCII digits that are, as a whole, the number of a payment card. */
export function isCardNumber(digits: string): boolean {
  if (digits.length < SHORTEST || digits.length > LONGEST || !/^[0-9]+$/.test(digits)) return false
  const issued = ISSUERS.some(([from, to, lengths]) => {
    const head = digits.slice(0, from.length)
    return from <= head && head <= to && lengths.includes(digits.length)
  })
  return issued && passesLuhn(digits)
}

/**
 * True where a text holds a payment card's number: digits of any script, with white space and hyphens between groups, or
 * `.`, `_`, `/` between groups of four and more (dates and versions have shorter ones). A number may stand among others
 * (an expiry date behind it), so every sequence of whole groups is tried; digits written without a gap are one group, so
 * the 20 digits of a bank account are none. Time is linear in the text.
 */
export function containsCardNumber(text: string): boolean {
  for (const run of digitRuns(text)) {
    for (let first = 0; first < run.groups.length; first++) {
      let digits = ''
      for (let last = first; last < run.groups.length && digits.length < LONGEST; last++) {
        digits += run.groups[last] ?? ''
        // "+49 151 ..." is a phone number as long as it has a phone number's length.
        if (first === 0 && run.plus && digits.length <= LONGEST_PHONE) continue
        if (isCardNumber(digits)) return true
      }
    }
  }
  return false
}

/** True where a text is a payment card's number and nothing else, however grouped, in digits of any script. */
export function isWhollyCardNumber(text: string): boolean {
  return isCardNumber(asciiDigits(text).replace(BETWEEN, ''))
}

interface DigitRun {
  readonly groups: readonly string[]
  /** A `+` stands before the first group. */
  readonly plus: boolean
}

const GROUP = /[0-9]+/g
const LOOSE_GAP = /^[\p{White_Space}\p{Pd}\p{Cf}\u2212]+$/u
const BETWEEN = /[\p{White_Space}\p{Pd}\p{Cf}\u2212._/\\·•*+]+/gu
const TIGHT_GAP = /^[\p{White_Space}]*[._/\\·•*][\p{White_Space}]*$/u

function digitRuns(text: string): readonly DigitRun[] {
  const plain = asciiDigits(text)
  const runs: { groups: string[]; plus: boolean }[] = []
  let end = 0
  for (const match of plain.matchAll(GROUP)) {
    const run = runs.at(-1)
    const previous = run?.groups.at(-1) ?? ''
    const gap = plain.slice(end, match.index)
    const joined = LOOSE_GAP.test(gap) || (previous.length >= 4 && match[0].length >= 4 && TIGHT_GAP.test(gap))
    if (run !== undefined && joined) run.groups.push(match[0])
    else runs.push({ groups: [match[0]], plus: gap.endsWith('+') })
    end = match.index + match[0].length
  }
  return runs
}

/** Compatibility forms (full-width, superscript, circled) and the decimal digits of every script as ASCII digits. */
function asciiDigits(text: string): string {
  return text.normalize('NFKC').replace(/(?![0-9])\p{Nd}/gu, digitValue)
}

const DECIMAL = /^\p{Nd}$/u

/** Decimal digits lie in whole runs of ten from zero (The Unicode Standard, 4.6), so the distance to the run's start tells. */
function digitValue(char: string): string {
  const code = char.codePointAt(0) ?? 0
  let start = code
  while (start > 0 && DECIMAL.test(String.fromCodePoint(start - 1))) start--
  return String((code - start) % 10)
}

import { ok } from '../../base/index.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'

const WEIGHTS = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8]

/** A Russian taxpayer number (ИНН): 10 digits of an organisation or 12 of a person, with their check digits. */
export function normaliseTaxId(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: 20 })
  if (!clean.ok) return clean
  const id = clean.value.replaceAll(' ', '')
  if (!/^(?:[0-9]{10}|[0-9]{12})$/.test(id)) return invalid('must be 10 or 12 digits')
  // No tax office has the number 00, and all zeros would pass the sum.
  const sound =
    !id.startsWith('00') && checkDigitHolds(id, id.length - 1) && (id.length === 10 || checkDigitHolds(id, 10))
  return sound ? ok(id) : invalid('has a wrong check digit')
}

/** The digit at `place` is the weighted sum of those before it; the weights are aligned to its right end. */
function checkDigitHolds(id: string, place: number): boolean {
  let sum = 0
  for (let i = 0; i < place; i++) sum += Number(id[i]) * (WEIGHTS[WEIGHTS.length - place + i] ?? 0)
  return (sum % 11) % 10 === Number(id[place])
}

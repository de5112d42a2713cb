import Type, { type TArray, type TUnsafe } from 'typebox'
import { CLOSED, text } from './schema.ts'

/** All that can hang on one letter, in bytes. */
export const LETTER_BYTES = 26_214_400
const PARTS = 20
/** Base64 of that, and the letter itself. */
export const LETTER_BODY = 36_000_000

/** What hangs on a letter: a scan, a file. Kept sealed as it came, opened by nobody here. */
export interface LetterPart {
  readonly name: string
  readonly type: string
  /** Base64. */
  readonly content: string
}

export const letterParts: TArray<TUnsafe<LetterPart>> = partsOf(PARTS, 35_000_000)

/** Base64 of the 8 MB that a person sends with a request, and the request itself. */
export const OWN_BODY = 11_500_000
export const ownParts: TArray<TUnsafe<LetterPart>> = partsOf(10, 11_200_000)

function partsOf(maxItems: number, maxLength: number): TArray<TUnsafe<LetterPart>> {
  const content = Type.String({ maxLength, pattern: '^[A-Za-z0-9+/]*={0,2}$' })
  const part = Type.Object({ name: text(255), type: text(100), content }, CLOSED)
  return Type.Array(Type.Unsafe<LetterPart>(part), { maxItems })
}

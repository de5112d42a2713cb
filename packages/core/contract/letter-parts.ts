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

export const letterParts: TArray<TUnsafe<LetterPart>> = Type.Array(
  Type.Unsafe<LetterPart>(
    Type.Object(
      {
        name: text(255),
        type: text(100),
        content: Type.String({ maxLength: 35_000_000, pattern: '^[A-Za-z0-9+/]*={0,2}$' }),
      },
      CLOSED,
    ),
  ),
  { maxItems: PARTS },
)

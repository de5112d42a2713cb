import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import type { PartIn } from '@doverie/vault'

/** What hung on the letter, decoded; no more than a letter may carry. */
export function partsOf(parts: readonly contract.LetterPart[]): readonly PartIn[] {
  const decoded = parts.map(({ name, type, content }) => ({ name, type, content: Buffer.from(content, 'base64') }))
  if (decoded.reduce((sum, { content }) => sum + content.length, 0) > contract.LETTER_BYTES) {
    throw new DoverieError('body-too-large', undefined, { field: 'parts' })
  }
  return decoded
}

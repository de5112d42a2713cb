import type { RequestKind } from '@doverie/core/base'
import type { Vault } from '../guard/vault.ts'
import type { RequestRow } from '../store/requests.ts'
import { type LetterIn, type RegisteredLetter, registerLetter } from '../use/requests/register-letter.ts'
import { asStaff, asSubject } from './callers.ts'

/** A letter on paper, registered by support. */
export function paper(vault: Vault, letter: Partial<LetterIn> & { readonly text: string }): Promise<RegisteredLetter> {
  return registerLetter(vault, asStaff('support'), { channel: 'paper', ...letter })
}

/** What a signed-in person asks on the portal. */
export async function ask(
  vault: Vault,
  subject: string,
  kind: RequestKind,
  letter: Partial<LetterIn> = {},
): Promise<RequestRow> {
  const { requests } = await registerLetter(vault, asSubject(subject), {
    channel: 'portal',
    subject,
    kinds: [kind],
    text: 'прошу',
    ...letter,
  })
  return only(requests)
}

/** The one request of a letter. */
export function only(requests: readonly RequestRow[]): RequestRow {
  const [request, ...others] = requests
  if (request === undefined || others.length > 0) throw new Error(`${requests.length} requests`)
  return request
}

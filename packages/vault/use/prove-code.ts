import { DoverieError, type Instant, isUuid, type Uuid } from '@doverie/core/base'
import type { SessionStep } from '../guard/caller.ts'
import { mac, sameMac } from '../guard/mac.ts'
import type { Vault } from '../guard/vault.ts'
import { attemptSignIn, insertSession } from '../store/access.ts'
import type { Queryable } from '../store/database.ts'
import { linkProved } from './link-person.ts'
import { noteReached, noteSignedIn } from './note-fact.ts'
import { codeHashOf, openSignIn } from './sign-in-code.ts'

const MAX_ATTEMPTS = 5
const SESSION_TERM = 12 * 3_600_000

/** A session begun. The token is shown once; only its hash is kept. */
export interface Session {
  readonly token: string
  readonly expiresAt: Instant
}

/**
 * Ends a sign-in by e-mail with the code that came. The mailbox is thereby proved: for a person just registered it becomes
 * their proved identifier, and where somebody with this proved address exists already, the two are linked. Throws
 * `code-invalid` for a wrong, used, expired or too often guessed code, all alike.
 */
export async function proveCode(
  vault: Vault,
  request: { readonly id: string; readonly code: string },
): Promise<Session & { readonly subject: Uuid }> {
  if (!isUuid(request.id)) throw new DoverieError('code-invalid', undefined, { field: 'code' })
  const at = vault.now()
  // The attempt is counted before the code is looked at, and stays counted whatever follows.
  const attempt = await attemptSignIn(vault.data, request.id, at, MAX_ATTEMPTS)
  const opened = attempt === null ? null : await openSignIn(vault, attempt)
  const offered = codeHashOf(vault, opened?.target ?? Buffer.alloc(16), request.code)
  if (attempt === null || opened === null || !sameMac(offered, opened.codeHash)) {
    throw new DoverieError('code-invalid', undefined, { field: 'code' })
  }
  const subject = await linkProved(vault, { signIn: request.id, subject: attempt.holder_id, target: opened.target })
  await noteSignedIn(vault, subject)
  await noteReached(vault, subject)
  return { ...(await beginSession(vault, vault.data, 'subject', subject, ['email'], SESSION_TERM)), subject }
}

export async function beginSession(
  vault: Vault,
  db: Queryable,
  kind: 'staff' | 'subject',
  holder: Uuid,
  proved: readonly string[],
  term: number,
  issuedBy: string | null = null,
  steps: readonly SessionStep[] = [],
): Promise<Session> {
  const at = vault.now()
  const token = vault.random(32).toString('base64url')
  const expiresAt = at + term
  const session = { kind, holder_id: holder, proved, expires_at: new Date(expiresAt), issued_by: issuedBy, steps }
  await insertSession(db, sessionHash(vault, token), session, at)
  return { token, expiresAt }
}

/** What of a session's token is kept: keyed, so that who can write rows cannot make a session. */
export function sessionHash(vault: Vault, token: string): Buffer {
  return mac(vault, 'session', token)
}

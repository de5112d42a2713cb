import { DoverieError, isUuid, type Uuid } from '@doverie/core/base'
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from '@simplewebauthn/server'
import { mac, sameMac } from '../guard/mac.ts'
import type { Vault } from '../guard/vault.ts'
import { insertChallenge, takeChallenge } from '../store/passkeys.ts'

const TERM = 5 * 60_000

/** The site whose passkeys they are (WebAuthn: relying party), as the browser sees it. */
export interface PasskeySite {
  /** Its host name; passkeys are good under it alone. */
  readonly rpId: string
  /** Origins from which its pages may use them. */
  readonly origins: readonly string[]
  readonly name: string
}

/** For what a challenge is given: an answer to one serves no other. */
export type PasskeyAct = 'add' | 'step' | 'sign-in'

/** What a browser is asked to do (W3C WebAuthn, as JSON), and the id under which its answer is sent. */
export interface Ceremony {
  readonly id: Uuid
  readonly options: Readonly<Record<string, unknown>>
}

/** What a public key needs to be known by again. */
export interface Credential {
  readonly id: string
  /** COSE, base64url. */
  readonly publicKey: string
  readonly transports: readonly string[]
}

/** A new challenge, good once, for five minutes, for one act in one session. */
export async function beginCeremony(
  vault: Vault,
  site: PasskeySite,
  given: {
    readonly act: PasskeyAct
    readonly boundTo: string
    /** Of who is signed in: how their keys are told apart, and which they have. */
    readonly user?: Uuid
    readonly known?: readonly Credential[]
  },
): Promise<Ceremony> {
  const { act, boundTo, user, known = [] } = given
  const id = vault.newId()
  const challenge = Uint8Array.from(vault.random(32))
  const hash = mac(vault, 'passkey-challenge', Buffer.from(challenge).toString('base64url'))
  await insertChallenge(vault.data, { id, act, boundTo, hash, expiresAt: vault.now() + TERM })
  const credentials = known.map((one) => ({ id: one.id, transports: [...one.transports] }))
  const options =
    act === 'add'
      ? await generateRegistrationOptions({
          rpName: site.name,
          rpID: site.rpId,
          // Shown by the person's own device: who they are stands nowhere in it.
          userName: site.name,
          userID: Uint8Array.from(mac(vault, 'passkey-user', user ?? '')),
          challenge,
          timeout: TERM,
          attestationType: 'none',
          excludeCredentials: credentials,
          authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
        })
      : await generateAuthenticationOptions({
          rpID: site.rpId,
          challenge,
          timeout: TERM,
          userVerification: 'required',
          allowCredentials: credentials,
        })
  return { id, options: { ...options } }
}

/** What a browser answered, unchecked: all of it an attacker may have made up. */
export interface CeremonyAnswer {
  readonly id: string
  readonly response: Readonly<Record<string, unknown>>
}

/** Checks that a new key was made for this challenge on a page of this site. Throws `code-invalid` otherwise. */
export async function verifyNewKey(
  vault: Vault,
  site: PasskeySite,
  boundTo: string,
  { id, response }: CeremonyAnswer,
): Promise<Credential & { readonly counter: number }> {
  const expectedChallenge = await challengeOf(vault, { id, act: 'add', boundTo })
  const { verified, registrationInfo } = await checked(() =>
    verifyRegistrationResponse({
      response: response as unknown as RegistrationResponseJSON,
      expectedChallenge,
      expectedOrigin: [...site.origins],
      expectedRPID: site.rpId,
      requireUserVerification: true,
    }),
  )
  if (!verified) throw invalid()
  const { credential } = registrationInfo
  return {
    id: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    transports: (credential.transports ?? []).slice(0, 8),
    counter: credential.counter,
  }
}

/** Checks that a key signed this challenge on a page of this site, its user verified. Gives the device's counter. Throws `code-invalid`. */
export async function verifyUse(
  vault: Vault,
  site: PasskeySite,
  challenge: { readonly act: PasskeyAct; readonly boundTo: string },
  { id, response }: CeremonyAnswer,
  { credential, counter }: { readonly credential: Credential; readonly counter: number },
): Promise<number> {
  const expectedChallenge = await challengeOf(vault, { id, ...challenge })
  const { verified, authenticationInfo } = await checked(() =>
    verifyAuthenticationResponse({
      response: response as unknown as AuthenticationResponseJSON,
      expectedChallenge,
      expectedOrigin: [...site.origins],
      expectedRPID: site.rpId,
      credential: {
        id: credential.id,
        publicKey: Uint8Array.from(Buffer.from(credential.publicKey, 'base64url')),
        counter,
        transports: [...credential.transports],
      },
      requireUserVerification: true,
    }),
  )
  if (!verified) throw invalid()
  return authenticationInfo.newCounter
}

/** What a credential is known by in the database. */
export function credentialHash(vault: Vault, id: unknown): Buffer {
  if (typeof id !== 'string' || id.length > 1400) throw invalid()
  return mac(vault, 'passkey', id)
}

export function invalid(): DoverieError {
  return new DoverieError('code-invalid', undefined, { field: 'response' })
}

async function challengeOf(
  vault: Vault,
  which: { readonly id: string; readonly act: PasskeyAct; readonly boundTo: string },
): Promise<(challenge: string) => boolean> {
  const { id, act, boundTo } = which
  const kept = isUuid(id) ? await takeChallenge(vault.data, { id, act, boundTo }, vault.now()) : null
  if (kept === null) throw invalid()
  return (challenge) => sameMac(mac(vault, 'passkey-challenge', challenge), kept)
}

/** Whatever is wrong with an answer is one fault: its words could quote it. */
async function checked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch {
    throw invalid()
  }
}

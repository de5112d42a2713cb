import { readFile } from 'node:fs/promises'
import { DoverieError } from '@doverie/core/base'
import type { ProviderStep, Said } from '@doverie/vault'
import * as client from 'openid-client'
import { isLoopback } from './loopback.ts'

/** An identity provider that people may prove themselves by, as the operator's file names it (`OIDC_PROVIDERS`). */
export interface ProviderSettings {
  /** Its name here, in addresses and entries. */
  readonly id: string
  readonly label: { readonly ru: string; readonly en: string }
  readonly issuer: URL
  readonly clientId: string
  /** Null of a public client. Never logged. */
  readonly secret: string | null
  readonly scope: string
  /** Field of the policy to the claim that says it. */
  readonly claims: Readonly<Record<string, string>>
}

/** What a person is offered. */
export interface IdentityProvider extends Pick<ProviderSettings, 'id' | 'label'> {
  /** Where the browser goes to sign in. Throws `channel-absent` where the provider cannot be reached. */
  readonly begin: (step: ProviderStep, redirect: string) => Promise<string>
  /** What it says of who signed in there, from the address that the browser came back with. Throws `code-invalid`, `channel-absent`. */
  readonly finish: (step: ProviderStep, redirect: string, query: string) => Promise<Said>
}

/** A provider that says nothing for so many seconds is away. */
const PATIENCE = 10
/** How far the provider's clock may be from ours, in seconds. */
const SKEW = 60
/** Claims that count only where the provider says that it has checked them (OpenID Connect Core 5.1). */
const VERIFIED: Readonly<Record<string, string>> = {
  email: 'email_verified',
  phone_number: 'phone_number_verified',
}

/** Reads the operator's file of providers. Throws `invalid-request` that names the file and the member, and no secret. */
export async function readProviders(
  path: string | null,
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly ProviderSettings[]> {
  if (path === null) return []
  const fail = (what: string): never => {
    throw new DoverieError('invalid-request', `${path}: ${what}`)
  }
  let list: unknown
  try {
    list = JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return fail('cannot be read as JSON')
  }
  if (!Array.isArray(list)) return fail('a list of providers is wanted')
  const read = await Promise.all(list.map((one, at) => providerOf(one as Members, `[${at}]`, env, fail)))
  if (new Set(read.map(({ id }) => id)).size < read.length) return fail('two providers have one id')
  return read
}

type Members = Readonly<Record<string, unknown>>

async function providerOf(
  given: Members,
  at: string,
  env: Readonly<Record<string, string | undefined>>,
  fail: (what: string) => never,
): Promise<ProviderSettings> {
  const text = (name: string): string => {
    const value = given[name]
    return typeof value === 'string' && value !== '' ? value : fail(`${at}.${name}: a text is wanted`)
  }
  const id = text('id')
  if (!/^[a-z][a-z0-9-]{0,30}$/.test(id)) fail(`${at}.id: lower-case letters, digits and hyphens`)
  const issuer = URL.parse(text('issuer')) ?? fail(`${at}.issuer: an address is wanted`)
  if (issuer.protocol !== 'https:' && !(issuer.protocol === 'http:' && isLoopback(issuer.hostname)))
    fail(`${at}.issuer: https is wanted`)
  const label = given['label'] as Members | undefined
  const claims = given['claims'] as Members | undefined
  const pairs = Object.entries(claims ?? {})
  if (pairs.length === 0 || pairs.some(([, claim]) => typeof claim !== 'string'))
    fail(`${at}.claims: fields of the policy, each with the claim that says it`)
  return {
    id,
    label: { ru: wordOf(label, 'ru') ?? id, en: wordOf(label, 'en') ?? id },
    issuer,
    clientId: text('clientId'),
    secret: await secretOf(given, at, env, fail),
    scope: given['scope'] === undefined ? 'openid profile' : text('scope'),
    claims: claims as Readonly<Record<string, string>>,
  }
}

function wordOf(label: Members | undefined, language: string): string | null {
  const word = label?.[language]
  return typeof word === 'string' && word !== '' ? word : null
}

/** From a file or a variable of the environment, never from the file itself, which is no secret. */
async function secretOf(
  given: Members,
  at: string,
  env: Readonly<Record<string, string | undefined>>,
  fail: (what: string) => never,
): Promise<string | null> {
  const { clientSecretFile: file, clientSecretEnv: name } = given
  if (given['clientSecret'] !== undefined) fail(`${at}.clientSecret: name a file or a variable that holds it`)
  if (typeof file === 'string') {
    const secret = await readFile(file, 'utf8').catch(() => fail(`${at}.clientSecretFile: cannot be read`))
    return secret.trim() === '' ? fail(`${at}.clientSecretFile: is empty`) : secret.trim()
  }
  if (typeof name === 'string') return env[name] ?? fail(`${at}.clientSecretEnv: ${name} is not set`)
  return null
}

/** A provider as it is asked: authorization code with PKCE, state, nonce, its issuer and the signature of what it says checked. */
export function openProvider(settings: ProviderSettings): IdentityProvider {
  let known: Promise<client.Configuration> | null = null
  const configured = async (): Promise<client.Configuration> => {
    known ??= discover(settings)
    try {
      return await known
    } catch (error) {
      // Asked again the next time.
      known = null
      throw away(error)
    }
  }
  return {
    id: settings.id,
    label: settings.label,
    begin: async ({ state, nonce, verifier }, redirect) => {
      const config = await configured()
      const asked = {
        ...{ redirect_uri: redirect, scope: settings.scope, state, nonce },
        ...{ code_challenge: await client.calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
        // Not by a session that somebody left open there: whoever asks signs in. The second has it say when they did.
        ...{ prompt: 'login', max_age: '0' },
      }
      return client.buildAuthorizationUrl(config, asked).href
    },
    finish: async ({ state, nonce, verifier, askedAt }, redirect, query) => {
      const config = await configured()
      const back = new URL(redirect)
      back.search = query
      try {
        const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true }
        const tokens = await client.authorizationCodeGrant(config, back, checks)
        assertSignedInSince(tokens, askedAt)
        return saidBy(settings, await claimsOf(settings, config, tokens))
      } catch (error) {
        throw isAway(error) ? away(error) : unproved()
      }
    },
  }
}

async function discover({ issuer, clientId, secret }: ProviderSettings): Promise<client.Configuration> {
  const auth = secret === null ? client.None() : client.ClientSecretBasic(secret)
  // Loopback alone, as `providerOf` has it.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- marked so to stand out
  const insecure = issuer.protocol === 'http:' ? [client.allowInsecureRequests] : []
  return client.discovery(issuer, clientId, undefined, auth, {
    // The signature of an ID token is checked, too, and not left to TLS alone.
    execute: [client.enableNonRepudiationChecks, ...insecure],
    timeout: PATIENCE,
  })
}

type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>

/** INVARIANT: who comes back has signed in there for this question: the signed token says when (`auth_time`, OpenID Connect Core 2), and that is not before it. */
function assertSignedInSince(tokens: Tokens, askedAt: number): void {
  const at = tokens.claims()?.auth_time
  if (typeof at !== 'number' || at < Math.floor(askedAt / 1_000) - SKEW) throw unproved()
}

/** The claims of the ID token, and where it lacks one that is wanted, those that the provider gives by its own address, of the same person. */
async function claimsOf({ claims }: ProviderSettings, config: client.Configuration, tokens: Tokens): Promise<Members> {
  const own = tokens.claims()
  if (own === undefined) throw unproved()
  const lacks = Object.values(claims).some((claim) => own[claim] === undefined)
  if (!lacks || config.serverMetadata().userinfo_endpoint === undefined) return own
  return { ...(await client.fetchUserInfo(config, tokens.access_token, own.sub)), ...own }
}

/** INVARIANT: every claim that the operator's file names is there, and vouched for; of fewer nothing is concluded. */
function saidBy({ claims }: ProviderSettings, given: Members): Said {
  const said = Object.entries(claims).map(([field, claim]): [string, string] => {
    const value = given[claim]
    const vouched = VERIFIED[claim]
    if (typeof value !== 'string' || (vouched !== undefined && given[vouched] !== true)) throw unproved()
    return [field, value]
  })
  return Object.fromEntries(said)
}

function unproved(): DoverieError {
  // What the provider said stands in nothing of ours: it may name the person.
  return new DoverieError('code-invalid', 'The provider did not show that it is you.')
}

function away(error: unknown): DoverieError {
  return error instanceof DoverieError
    ? error
    : new DoverieError('channel-absent', 'The identity provider cannot be reached now.')
}

/** True of what says that nobody answered, and not that the answer was wrong. */
function isAway(error: unknown): boolean {
  return error instanceof TypeError || (error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name))
}

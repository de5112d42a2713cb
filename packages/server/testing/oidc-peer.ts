import { createHash, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

/** An OpenID Connect provider on loopback: it asks nobody for a password, and says of whoever comes what the test has it say. */
export interface OidcPeer {
  readonly issuer: string
  readonly secret: string
  /** Claims of whoever signs in next. */
  claims: Record<string, unknown>
  /** What of the ID token is forged: its claims, or the key that signs it. */
  forged: Record<string, unknown>
  strangeKey: boolean
  /** True where only the address for user information tells the claims. */
  apart: boolean
  /** Parameters that browsers came with. */
  readonly asked: URLSearchParams[]
  close(): Promise<void>
}

export const CLIENT_ID = 'doverie-test'

/** What the peer knows: its keys, and the codes and tokens that it gave out. */
interface State {
  readonly peer: OidcPeer
  readonly own: CryptoKey
  readonly strange: CryptoKey
  readonly jwks: unknown
  readonly codes: Map<string, { readonly asked: URLSearchParams; readonly claims: Record<string, unknown> }>
  readonly tokens: Map<string, Record<string, unknown>>
}

interface Answer {
  readonly status: number
  readonly json?: unknown
  readonly location?: string
}

export async function startOidcPeer(): Promise<OidcPeer> {
  const [own, strange] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', peer.issuer)
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const given = { url, body: new URLSearchParams(body), authorization: request.headers.authorization ?? '' }
      void answer(state, given).then(({ status, json, location }) => {
        const headers = location === undefined ? {} : { location }
        response.writeHead(status, { 'content-type': 'application/json', ...headers })
        response.end(JSON.stringify(json ?? {}))
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const peer: OidcPeer = {
    ...{
      issuer,
      secret: 'canary-oidc-secret-5f1e',
      claims: {},
      forged: {},
      strangeKey: false,
      apart: false,
      asked: [],
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => {
          resolve()
        })
      }),
  }
  const jwks = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'one', use: 'sig', alg: 'ES256' }] }
  const state: State = {
    ...{ peer, own: own.privateKey, strange: strange.privateKey, jwks },
    ...{ codes: new Map(), tokens: new Map() },
  }
  return peer
}

interface Given {
  readonly url: URL
  readonly body: URLSearchParams
  readonly authorization: string
}

async function answer(state: State, given: Given): Promise<Answer> {
  const { peer, codes, tokens, jwks } = state
  const { searchParams: asked, pathname } = given.url
  switch (pathname) {
    case '/.well-known/openid-configuration':
      return { status: 200, json: metadata(peer.issuer) }
    case '/jwks':
      return { status: 200, json: jwks }
    case '/authorize': {
      peer.asked.push(asked)
      const code = randomUUID()
      codes.set(code, { asked, claims: peer.claims })
      const back = new URL(asked.get('redirect_uri') ?? '')
      back.search = new URLSearchParams({ code, state: asked.get('state') ?? '', iss: peer.issuer }).toString()
      return { status: 302, location: back.href }
    }
    case '/token':
      return token(state, given)
    case '/userinfo': {
      const claims = tokens.get(given.authorization.replace('Bearer ', ''))
      return claims === undefined ? { status: 401 } : { status: 200, json: claims }
    }
    default:
      return { status: 404 }
  }
}

async function token({ peer, codes, tokens, own, strange }: State, { body, authorization }: Given): Promise<Answer> {
  const code = body.get('code') ?? ''
  const given = codes.get(code)
  codes.delete(code)
  // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
  const basic = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString().split(':').map(decodeURIComponent)
  const challenge = createHash('sha256')
    .update(body.get('code_verifier') ?? '')
    .digest('base64url')
  const known = given !== undefined && basic.join(':') === `${CLIENT_ID}:${peer.secret}`
  if (!known || challenge !== given.asked.get('code_challenge'))
    return { status: 400, json: { error: 'invalid_grant' } }
  const claims = { sub: 'somebody', ...given.claims }
  const access = randomUUID()
  tokens.set(access, claims)
  const { iss, aud, exp } = peer.forged as { readonly iss?: string; readonly aud?: string; readonly exp?: number }
  const inToken = peer.apart ? { sub: 'somebody' } : claims
  const id = await new SignJWT({
    nonce: given.asked.get('nonce'),
    auth_time: Math.floor(Date.now() / 1_000),
    ...inToken,
    ...peer.forged,
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(iss ?? peer.issuer)
    .setAudience(aud ?? CLIENT_ID)
    .setIssuedAt()
    .setExpirationTime(exp ?? '2m')
    .sign(peer.strangeKey ? strange : own)
  return { status: 200, json: { access_token: access, token_type: 'Bearer', expires_in: 60, id_token: id } }
}

function metadata(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  }
}

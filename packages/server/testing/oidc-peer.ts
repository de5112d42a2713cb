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

export async function startOidcPeer(): Promise<OidcPeer> {
  const [own, strange] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
  const jwks = { keys: [{ ...(await exportJWK(own.publicKey)), kid: 'one', use: 'sig', alg: 'ES256' }] }
  const codes = new Map<string, { readonly asked: URLSearchParams; readonly claims: Record<string, unknown> }>()
  const tokens = new Map<string, Record<string, unknown>>()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', peer.issuer)
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      void answer(url, new URLSearchParams(body), request.headers.authorization ?? '').then(
        ({ status, json, location }) => {
          response.writeHead(status, {
            'content-type': 'application/json',
            ...(location === undefined ? {} : { location }),
          })
          response.end(JSON.stringify(json ?? {}))
        },
      )
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
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }

  interface Answer {
    readonly status: number
    readonly json?: unknown
    readonly location?: string
  }

  async function answer(url: URL, body: URLSearchParams, authorization: string): Promise<Answer> {
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return { status: 200, json: metadata(issuer) }
      case '/jwks':
        return { status: 200, json: jwks }
      case '/authorize': {
        peer.asked.push(url.searchParams)
        const code = randomUUID()
        codes.set(code, { asked: url.searchParams, claims: peer.claims })
        const back = new URL(url.searchParams.get('redirect_uri') ?? '')
        back.search = new URLSearchParams({ code, state: url.searchParams.get('state') ?? '', iss: issuer }).toString()
        return { status: 302, location: back.href }
      }
      case '/token':
        return token(body, authorization)
      case '/userinfo': {
        const claims = tokens.get(authorization.replace('Bearer ', ''))
        return claims === undefined ? { status: 401 } : { status: 200, json: claims }
      }
      default:
        return { status: 404 }
    }
  }

  async function token(body: URLSearchParams, authorization: string): Promise<Answer> {
    const code = body.get('code') ?? ''
    const given = codes.get(code)
    codes.delete(code)
    // RFC 6749 section 2.3.1: both parts are form-encoded before they are joined.
    const basic = Buffer.from(authorization.replace('Basic ', ''), 'base64')
      .toString()
      .split(':')
      .map(decodeURIComponent)
    const challenge = createHash('sha256')
      .update(body.get('code_verifier') ?? '')
      .digest('base64url')
    if (
      given === undefined ||
      basic.join(':') !== `${CLIENT_ID}:${peer.secret}` ||
      challenge !== given.asked.get('code_challenge')
    )
      return { status: 400, json: { error: 'invalid_grant' } }
    const claims = { sub: 'somebody', ...given.claims }
    const access = randomUUID()
    tokens.set(access, claims)
    const id = await new SignJWT({
      nonce: given.asked.get('nonce'),
      ...(peer.apart ? { sub: 'somebody' } : claims),
      ...peer.forged,
    })
      .setProtectedHeader({ alg: 'ES256', kid: 'one' })
      .setIssuer((peer.forged['iss'] as string | undefined) ?? issuer)
      .setAudience((peer.forged['aud'] as string | undefined) ?? CLIENT_ID)
      .setIssuedAt()
      .setExpirationTime((peer.forged['exp'] as number | undefined) ?? '2m')
      .sign(peer.strangeKey ? strange.privateKey : own.privateKey)
    return { status: 200, json: { access_token: access, token_type: 'Bearer', expires_in: 60, id_token: id } }
  }
  return peer
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

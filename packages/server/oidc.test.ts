import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { contract, type Client, DoverieProblem } from '@doverie/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { openProvider, readProviders } from './oidc.ts'
import { CHROMIUM, startBrowser } from './testing/browser.ts'
import { temporaryFolder } from './testing/folder.ts'
import { CLIENT_ID, type OidcPeer, startOidcPeer } from './testing/oidc-peer.ts'
import { register, type TestPerson } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { latestCode, latestLetter, startTestServer, type TestServer } from './testing/test-server.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let peer: OidcPeer
let server: TestServer

beforeAll(async () => {
  folder = await temporaryFolder()
  peer = await startOidcPeer()
  await writeFile(join(folder.path, 'secret'), `${peer.secret}\n`)
  await writeFile(join(folder.path, 'providers.json'), JSON.stringify([provider()]))
  server = await startTestServer(inject('adminUrl'), { oidcProviders: join(folder.path, 'providers.json') })
})
afterAll(async () => {
  await server.stop()
  await peer.close()
  await folder.remove()
})
beforeEach(() => {
  Object.assign(peer, { claims: {}, forged: {}, strangeKey: false, apart: false })
})

const CLAIMS = { surname: 'family_name', 'given-name': 'given_name', phone: 'phone_number' }

function provider(more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  const label = { ru: 'Корпоративный вход', en: 'Company sign-in' }
  const secret = join(folder.path, 'secret')
  return {
    id: 'company',
    label,
    issuer: peer.issuer,
    clientId: CLIENT_ID,
    clientSecretFile: secret,
    claims: CLAIMS,
    ...more,
  }
}

/** Somebody registered three days ago, and what the provider says of them. */
async function person(): Promise<TestPerson> {
  const one = await register(server)
  await queryOnce(server.dataUrl, `UPDATE event SET at = at - interval '4 days' WHERE subject_id = '${one.subject}'`)
  peer.claims = claimsOf(one)
  return one
}

function claimsOf({ values }: TestPerson): Record<string, unknown> {
  return {
    family_name: (values['surname'] ?? '').toUpperCase().replace('Ё', 'Е'),
    given_name: values['given-name'],
    phone_number: values['phone'],
    phone_number_verified: true,
  }
}

/** What the browser comes back with. */
async function signedInThere(client: Client): Promise<string> {
  const { url } = await client.call(contract.beginProvider, { body: { provider: 'company' } })
  const answer = await fetch(url, { redirect: 'manual' })
  return new URL(answer.headers.get('location') ?? '').search
}

const finish = (client: Client, query: string): Promise<contract.Proved> =>
  client.call(contract.proveByProvider, { body: { query } })

async function codeOf(call: Promise<unknown>): Promise<string> {
  const error: unknown = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  )
  return error instanceof DoverieProblem ? error.problem.code : 'no problem'
}

describe('an identity provider', () => {
  it('proves who is signed in, by PKCE, state and nonce, for a request that waited for it, told to the mailbox', async () => {
    const { client, email } = await person()
    const { requests } = await client.call(contract.askMine, {
      body: { kinds: ['erasure'], text: 'Прошу всё уничтожить' },
    })
    const request = requests[0]?.id ?? ''
    expect(requests[0]?.state).toBe('identifying')
    expect(await finish(client, await signedInThere(client))).toEqual({ counts: true })
    const asked = peer.asked.at(-1)
    expect(asked?.get('code_challenge_method')).toBe('S256')
    const how = [asked?.get('prompt'), asked?.get('max_age'), asked?.get('scope')]
    expect(how).toEqual(['login', '0', 'openid profile'])
    expect((await latestLetter(server.url, email)).subject).toContain('внешний сервис')
    expect((await client.call(contract.proveRequest, { params: { request } })).state).not.toBe('identifying')
    const { proofs, providers } = await client.call(contract.showSecurity, {})
    expect(proofs.map(({ method }) => method)).toEqual(['oidc'])
    expect(providers).toEqual([{ id: 'company', label: { ru: 'Корпоративный вход', en: 'Company sign-in' } }])
  })

  it('that tells its claims by another address proves as much', async () => {
    const { client } = await person()
    peer.apart = true
    expect(await finish(client, await signedInThere(client))).toEqual({ counts: true })
  })

  it('proves nothing yet where the data were written lately: who took a session over could have written them', async () => {
    const one = await register(server)
    peer.claims = claimsOf(one)
    expect(await finish(one.client, await signedInThere(one.client))).toEqual({ counts: false })
    expect((await one.client.call(contract.showSecurity, {})).proofs).toEqual([])
  })

  it.each<[string, (one: TestPerson) => void]>([
    ['of another name', () => (peer.claims['family_name'] = 'Другова')],
    ['without a claim that is named', () => Reflect.deleteProperty(peer.claims, 'given_name')],
    ['with a phone that it has not checked', () => (peer.claims['phone_number_verified'] = false)],
    ['signed by another key', () => (peer.strangeKey = true)],
    ['for another nonce', () => (peer.forged = { nonce: 'of-another' })],
    ['for another client', () => (peer.forged = { aud: 'another' })],
    ['of another issuer', () => (peer.forged = { iss: 'https://evil.example' })],
    ['that ran out', () => (peer.forged = { exp: 1 })],
    [
      'by a session that was open there before',
      () => (peer.forged = { auth_time: Math.floor(Date.now() / 1_000) - 120 }),
    ],
    ['that does not say when they signed in', () => (peer.forged = { auth_time: undefined })],
  ])('is not believed %s', async (_, spoil) => {
    const one = await person()
    spoil(one)
    expect(await codeOf(signedInThere(one.client).then((query) => finish(one.client, query)))).toBe('code-invalid')
    expect((await one.client.call(contract.showSecurity, {})).proofs).toEqual([])
  })

  it('is not believed twice, in another session, for another state, or without a code', async () => {
    const [one, other] = [await person(), await person()]
    peer.claims = claimsOf(one)
    const query = await signedInThere(one.client)
    expect(await codeOf(finish(other.client, query))).toBe('code-invalid')
    const twisted = new URLSearchParams(query)
    twisted.set('state', `${twisted.get('state') ?? ''}x`)
    expect(await codeOf(finish(one.client, `?${twisted.toString()}`))).toBe('code-invalid')
    const again = await signedInThere(one.client)
    expect(await finish(one.client, again)).toEqual({ counts: true })
    expect(await codeOf(finish(one.client, again))).toBe('code-invalid')
    const refused = new URLSearchParams(await signedInThere(one.client))
    refused.delete('code')
    refused.set('error', 'access_denied')
    expect(await codeOf(finish(one.client, `?${refused.toString()}`))).toBe('code-invalid')
    expect(await codeOf(one.client.call(contract.beginProvider, { body: { provider: 'nobody' } }))).toBe(
      'channel-absent',
    )
  })

  it('stands in no log line with its secret, its codes or what it says', () => {
    for (const said of [peer.secret, 'Другова', 'code_verifier', 'id_token'])
      expect(server.logged()).not.toContain(said)
  })

  it('that is away is told so, and is asked again the next time', async () => {
    const away = openProvider({ ...(await settings())[0], issuer: new URL('http://127.0.0.1:9/') } as never)
    const step = { provider: 'x', state: 's', nonce: 'n', verifier: 'v'.repeat(43), askedAt: 0 }
    for (let n = 0; n < 2; n += 1)
      await expect(away.begin(step, 'http://localhost/my/provider')).rejects.toMatchObject({ code: 'channel-absent' })
  })
})

const settings = (more: Readonly<Record<string, unknown>> = {}, env: Readonly<Record<string, string>> = {}) =>
  writeFile(join(folder.path, 'other.json'), JSON.stringify([provider(more)])).then(() =>
    readProviders(join(folder.path, 'other.json'), env),
  )

describe('the file of providers', () => {
  it('takes the secret from a variable, too, and a public client has none', async () => {
    const named = { clientSecretFile: undefined, clientSecretEnv: 'COMPANY' }
    expect((await settings(named, { COMPANY: 'from-env' }))[0]?.secret).toBe('from-env')
    expect((await settings({ clientSecretFile: undefined }))[0]?.secret).toBeNull()
  })

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['an issuer over plain http', { issuer: 'http://id.example' }, '[0].issuer: https is wanted'],
    ['no claims', { claims: {} }, '[0].claims'],
    ['no client', { clientId: '' }, '[0].clientId'],
    ['the secret in it', { clientSecret: 'told' }, '[0].clientSecret: name a file'],
    ['a secret that is not there', { clientSecretFile: '/nowhere' }, '[0].clientSecretFile: cannot be read'],
    ['a variable that is not set', { clientSecretFile: undefined, clientSecretEnv: 'NONE' }, 'NONE is not set'],
    ['an id of its own kind', { id: 'Big Company' }, '[0].id'],
  ])('is refused with %s, and says where', async (_, more, said) => {
    await expect(settings(more)).rejects.toThrow(said)
  })
})

describe.runIf(CHROMIUM !== null)('a person in a real browser', () => {
  it('goes to the provider by a button, comes back proved, and nothing of it stays in the address', async () => {
    const { email } = await person()
    const browser = await startBrowser(CHROMIUM ?? '')
    const press = (selector: string): string => `document.querySelector('${selector}').click()`
    const say = (value: string): string => `document.querySelector('#by-code input').value = ${JSON.stringify(value)}`
    const picture = async (name: string): Promise<void> => {
      const into = process.env['DOVERIE_SCREENSHOTS']
      if (into !== undefined) await writeFile(`${into}/${name}.png`, Buffer.from(await browser.screenshot(), 'base64'))
    }
    try {
      await browser.open(`${server.url}/my/security`)
      await browser.until(`!document.querySelector('#sign-in').hidden`)
      await browser.evaluate(`${say(email)}; ${press('#by-code button')}`)
      await browser.until(`document.querySelector('#said').textContent.includes('Код отправлен')`)
      await browser.evaluate(`${say(await latestCode(server.url, email))}; ${press('#by-code button')}`)
      await browser.until(`document.querySelector('#providers button') !== null`)
      await picture('my-security-provider')
      await browser.evaluate(press('#providers button'))
      await browser.until(
        `location.pathname === '/my/provider' && document.querySelector('#said').textContent.includes('это вы')`,
      )
      expect(await browser.evaluate<string>('location.search')).toBe('')
      await picture('my-provider')
      await browser.open(`${server.url}/my/security`)
      await browser.until(`document.querySelector('#proofs').textContent.includes('внешний сервис')`)
    } finally {
      await browser.close()
    }
  })
})

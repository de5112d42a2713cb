import { SMTPServer } from 'smtp-server'
import { afterEach, expect, inject, it } from 'vitest'
import { register, someValues } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { send } from './testing/raw.ts'
import { startTestServer, type TestServer, until } from './testing/test-server.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

interface Peer {
  readonly url: string
  readonly taken: { readonly to: readonly string[]; readonly text: string }[]
}

/** A mail server that takes everything but letters to `refused@…`. */
async function startPeer(): Promise<Peer> {
  const taken: Peer['taken'] = []
  const peer = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: ({ address }, _session, done) => {
      done(address.startsWith('refused') ? new Error('no such mailbox') : null)
    },
    onData: (stream, session, done) => {
      let text = ''
      stream.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')))
      stream.on('end', () => {
        taken.push({ to: session.envelope.rcptTo.map(({ address }) => address), text })
        done()
      })
    },
  })
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve))
  closing.push(
    () =>
      new Promise((resolve) => {
        peer.close(() => {
          resolve()
        })
      }),
  )
  const { port } = peer.server.address() as { readonly port: number }
  return { url: `smtp://127.0.0.1:${port}`, taken }
}

async function serverWith(smtp: string): Promise<TestServer> {
  const server = await startTestServer(inject('adminUrl'), { smtp })
  closing.push(() => server.stop())
  return server
}

function bodyOf(letter: string): string {
  const [, body = ''] = letter.split('\r\n\r\n')
  if (/^Content-Transfer-Encoding: base64/im.test(letter)) return Buffer.from(body, 'base64').toString('utf8')
  return Buffer.from(
    body
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')
}

it('sends codes over SMTP, forgets a letter that was taken, and shows no mailbox', async () => {
  const peer = await startPeer()
  const server = await serverWith(peer.url)
  const client = server.client()
  const values = someValues()
  const { snapshot } = await client.form('registration')
  const { signIn } = await client.submit('registration', {
    snapshot,
    entity: 'start',
    values,
    consents: [],
    age: 'adult',
  })
  await until(() => Promise.resolve(peer.taken.length === 1))
  const letter = peer.taken[0]!
  expect(letter.to).toEqual([values.email])
  const code = /Your code: (\d{6})/.exec(bodyOf(letter.text))?.[1] ?? ''
  expect(await client.proveCode(signIn?.id ?? '', code)).toHaveProperty('subject')
  await until(async () => (await queryOnce(server.dataUrl, 'SELECT 1 FROM outbox')).length === 0)
  for (const path of ['/dev/mailbox', '/dev/mailbox.json']) {
    expect((await send(server.url, { method: 'GET', path })).status).toBe(404)
  }
  expect(server.logged()).not.toContain(values.email)
})

it('keeps a letter that the mail server refuses, sends the others, and says nothing of the address', async () => {
  const peer = await startPeer()
  const server = await serverWith(peer.url)
  await server.client().requestCode('refused@canary.example')
  await server.client().requestCode('taken@canary.example')
  await until(() => Promise.resolve(peer.taken.length === 1))
  expect(peer.taken[0]?.to).toEqual(['taken@canary.example'])
  await until(async () => (await queryOnce(server.dataUrl, 'SELECT 1 FROM outbox WHERE attempts > 0')).length === 1)
  expect(server.logged()).not.toContain('canary.example')
})

it('shows the development mailbox to this machine under a loopback name alone', async () => {
  const server = await startTestServer(inject('adminUrl'))
  closing.push(() => server.stop())
  const { email } = await register(server)
  const path = '/dev/mailbox'
  const page = await send(server.url, { method: 'GET', path })
  expect(page.status).toBe(200)
  expect(page.text).toContain(email)
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
  const { request } = await import('node:http')
  const status = await new Promise<number | undefined>((resolve, reject) => {
    request(new URL(path, server.url), { headers: { host: 'rebound.example' } }, (answer) => {
      answer.resume()
      resolve(answer.statusCode)
    })
      .on('error', reject)
      .end()
  })
  expect(status).toBe(404)
})

it('has no development mailbox where others could reach it', async () => {
  const server = await startTestServer(inject('adminUrl'), { host: '0.0.0.0' })
  closing.push(() => server.stop())
  const url = server.url.replace('0.0.0.0', '127.0.0.1')
  expect((await send(url, { method: 'GET', path: '/dev/mailbox.json' })).status).toBe(404)
})

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { contract } from '@doverie/sdk'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { httpGateway } from './sms.ts'
import { register } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { startTestServer, type TestServer, until } from './testing/test-server.ts'

interface Taken {
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A gateway on loopback: it turns the first message away, and takes the others. */
const taken: Taken[] = []
let failing = 1
let peer: Server
let gateway: string
let server: TestServer

beforeAll(async () => {
  peer = createServer((request, reply) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')))
    request.on('end', () => {
      taken.push({ url: request.url, headers: request.headers, body })
      reply.writeHead(failing-- > 0 ? 503 : 200, { location: '/elsewhere' }).end('{"to": "quoted"}')
    })
  })
  await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve))
  gateway = `http://127.0.0.1:${(peer.address() as AddressInfo).port}/send`
  server = await startTestServer(inject('adminUrl'), {
    sms: {
      url: gateway,
      body: '{"messages": [{"recipient": "{to}", "content": {"text": "{text}"}}], "sender": "NETRACK"}',
      authorization: 'Bearer secret-of-the-gateway',
    },
  })
})
afterAll(async () => {
  await server.stop()
  peer.close()
})

describe('a gateway for messages to phones', () => {
  it('is given the number in the body alone, and again where it failed; no log knows of it', async () => {
    const { client, values } = await register(server)
    const phone = values['phone'] ?? ''
    const { id } = await client.call(contract.sendPhoneCode, {})
    await until(() => Promise.resolve(taken.length === 1))
    expect(taken[0]?.body).toContain(phone)
    // Its next time is a minute later: that is brought about here.
    await queryOnce(server.dataUrl, `UPDATE outbox SET next_at = now() - interval '1 hour' WHERE channel = 'sms'`)
    await until(() => Promise.resolve(taken.length === 2))
    const { url, headers, body } = taken[1] ?? { url: '', headers: {}, body: '{}' }
    expect([url, headers['content-type'], headers.authorization]).toEqual([
      '/send',
      'application/json',
      'Bearer secret-of-the-gateway',
    ])
    const { messages, sender } = JSON.parse(body) as {
      readonly sender: string
      readonly messages: readonly [{ readonly recipient: string; readonly content: { readonly text: string } }]
    }
    expect([messages[0].recipient, sender]).toEqual([phone, 'NETRACK'])
    const code = /Code: (\d{6})/.exec(messages[0].content.text)?.[1] ?? ''
    expect(await client.call(contract.provePhone, { params: { id }, body: { code } })).toEqual({ counts: true })
    for (const secret of [phone, phone.slice(2), code, 'secret-of-the-gateway'])
      expect(server.logged()).not.toContain(secret)
  })

  it.each([
    ['http://sms.example/send', '{"to": "{to}", "text": "{text}"}'],
    ['ftp://sms.example', '{"to": "{to}", "text": "{text}"}'],
    ['https://sms.example', 'to={to}&text={text}'],
    ['https://sms.example', '{"to": "{to}"}'],
  ])('is refused at the start where it cannot work: %s %s', (url, body) => {
    expect(() => httpGateway({ url, body, authorization: null })).toThrow(
      expect.objectContaining({ code: 'invalid-value' }) as Error,
    )
  })

  it('puts what is sent into strings alone: no text becomes another member', async () => {
    const send = httpGateway({ url: gateway, body: '{"to": "{to}", "text": "{text}"}', authorization: null })
    await send.send({ to: '+79160000000', subject: '', text: '", "to": "+70000000000 {to}' })
    expect(JSON.parse(taken.at(-1)?.body ?? '')).toEqual({ to: '+79160000000', text: '", "to": "+70000000000 {to}' })
  })
})

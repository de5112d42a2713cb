import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { afterEach, expect, inject, it } from 'vitest'
import { contract } from '@doverie/sdk'
import { READS_PDF, textOf } from '../vault/testing/pdf-text.ts'
import { temporaryFolder } from './testing/folder.ts'
import { register, someValues } from './testing/people.ts'
import { queryOnce } from './testing/query.ts'
import { send } from './testing/raw.ts'
import { bodyOf, type SmtpPeer, startSmtpPeer } from './testing/smtp-peer.ts'
import { asOfficer, startTestServer, type TestServer, until } from './testing/test-server.ts'

const closing: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

async function startPeer(): Promise<SmtpPeer> {
  const peer = await startSmtpPeer()
  closing.push(() => peer.close())
  return peer
}

async function serverWith(smtp: string, documentTexts: string | null = null): Promise<TestServer> {
  const server = await startTestServer(inject('adminUrl'), { smtp, documentTexts })
  closing.push(() => server.stop())
  return server
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

it('attaches an answer under a password to whoever is proved and asked for a mail, in the operator’s words as they were good last', async () => {
  const peer = await startPeer()
  const texts = await temporaryFolder()
  closing.push(() => texts.remove())
  const words = (ru: string): Promise<void> =>
    writeFile(
      join(texts.path, 'copy.json'),
      `{\n  "answer copy": {\n    "title": { "ru": "Копия от НЕТРЕК" },\n    "text": [{ "ru": "${ru}" }]\n  }\n}`,
    )
  await words('К письму {letter} <b>прилагаем</b> [копию](file:///etc/passwd).')
  const server = await serverWith(peer.url, texts.path)
  const officer = await asOfficer(server)
  const client = server.client()
  const values = someValues()
  const { snapshot } = await client.form('registration')
  const form = { snapshot, entity: 'start', values, consents: [], age: 'adult' } as const
  const { signIn } = await client.submit('registration', form)
  await until(() => Promise.resolve(peer.taken.length === 1))
  const code = /Your code: (\d{6})/.exec(bodyOf(peer.taken.splice(0)[0]?.text ?? ''))?.[1] ?? ''
  await client.proveCode(signIn?.id ?? '', code)
  await words('Уважаемый {surname}!')
  expect(await server.reloadPolicy()).toBe(false)
  expect(server.logged()).toContain('copy.json:4: answer copy.text[0]: {surname} stands for nothing')
  const { requests } = await client.call(contract.askMine, { body: { kinds: ['copy'], text: 'Пришлите письмом' } })
  const params = { request: requests[0]?.id ?? '' }
  const body = { kind: 'answer', channel: 'attachment' } as const
  const { reply, password } = await officer.call(contract.sendReply, { params, body })
  expect(password).toMatch(/^([2-9A-Z]{5}-){4}[2-9A-Z]{5}$/)
  const answer = (): SmtpPeer['taken'][number] | undefined => peer.taken.find(({ text }) => text.includes(reply.number))
  await until(() => Promise.resolve(answer() !== undefined))
  const { attachments, text = '' } = await PostalMime.parse(answer()?.text ?? '')
  const file = Buffer.from(attachments[0]?.content as ArrayBuffer)
  expect([answer()?.to, attachments.length, file.subarray(0, 5).toString()]).toEqual([[values.email], 1, '%PDF-'])
  expect(file.includes('/AESV3')).toBe(true)
  for (const said of [text, server.logged()]) {
    for (const hidden of [password ?? '', values.surname]) expect(said).not.toContain(hidden)
  }
  // The register keeps the document itself, for the person behind sign-in too.
  const kept = Buffer.from(await client.call(contract.readReply, { params: { reply: reply.id } }))
  expect(kept.includes('/AESV3')).toBe(false)
  if (READS_PDF) {
    expect(() => textOf(file)).toThrow()
    const read = textOf(file, password)
    expect(read).toContain('Копия от НЕТРЕК')
    expect(read).toMatch(/К письму \d{4}-\d+ <b>прилагаем<\/b> \[копию\]\(file:\/\/\/etc\/passwd\)/)
    for (const own of [values.surname, values.email]) expect(read).toContain(own)
    expect(textOf(kept)).toBe(read)
  }
  // To somebody who is not proved nothing goes like that.
  const sender = { email: 'who@canary.example' }
  const paper = { channel: 'paper', text: '', kinds: ['copy'], sender } as const
  const other = (await officer.call(contract.registerLetter, { body: paper })).requests[0]?.id ?? ''
  const refused = officer.call(contract.sendReply, { params: { request: other }, body: { ...body, kind: 'refusal' } })
  await expect(refused).rejects.toMatchObject({ code: 'conflict', problem: { field: 'channel' } })
  // Nor of somebody who is, to a mailbox that is not proved to be theirs: whoever writes says themselves where from.
  const { subject } = await client.call(contract.showMe, { query: { entity: 'start' } })
  const { letter, requests: forged } = await officer.call(contract.registerLetter, { body: { ...paper, subject } })
  const check = { method: 'document-in-person', passed: true } as const
  await officer.call(contract.checkIdentity, { params: { letter: letter.id }, body: check })
  const sent = officer.call(contract.sendReply, { params: { request: forged[0]?.id ?? '' }, body })
  await expect(sent).rejects.toMatchObject({ code: 'conflict', problem: { field: 'channel' } })
})

it('notes of whose mailbox a letter was turned away that nobody is there, for the officer to have it corrected, until it is proved again', async () => {
  const peer = await startPeer()
  const server = await serverWith(peer.url)
  const officer = await asOfficer(server)
  const client = server.client()
  const values = someValues()
  const { email } = values
  const { snapshot } = await client.form('registration')
  const form = { snapshot, entity: 'start', values, consents: [], age: 'adult' } as const
  const { signIn } = await client.submit('registration', form)
  const code = async (): Promise<string> => {
    await until(() => Promise.resolve(peer.taken.length === 1))
    return /Your code: (\d{6})/.exec(bodyOf(peer.taken.splice(0)[0]?.text ?? ''))?.[1] ?? ''
  }
  const { subject } = await client.proveCode(signIn?.id ?? '', await code())
  const doubts = async (): Promise<readonly unknown[]> =>
    (await officer.call(contract.listDoubts, { query: {} })).doubts
  const waiting = `SELECT FROM outbox WHERE attempts > 0`
  // Of our own making: it waits for its next time, and nothing is said of the person.
  peer.refuses.set(email, '550 5.7.1 we do not like your address')
  await queryOnce(server.dataUrl, 'DELETE FROM sign_in')
  await server.client().requestCode(email)
  await until(async () => (await queryOnce(server.dataUrl, waiting)).length === 1)
  expect(await doubts()).toEqual([])
  peer.refuses.set(email, '550 5.1.1 no such mailbox')
  await queryOnce(server.dataUrl, 'UPDATE outbox SET next_at = now()')
  await until(async () => (await queryOnce(server.dataUrl, 'SELECT FROM outbox')).length === 0)
  expect(await doubts()).toMatchObject([{ subject, kind: 'bounced', field: 'email', proposes: 'correct' }])
  peer.refuses.clear()
  await queryOnce(server.dataUrl, 'DELETE FROM sign_in')
  const again = server.client()
  const asked = await again.requestCode(email)
  expect((await again.proveCode(asked.id, await code())).subject).toBe(subject)
  expect(await doubts()).toEqual([])
  expect(server.logged()).not.toContain(email)
})

it('keeps a letter that the mail server refuses, sends the others, and says nothing of the address', async () => {
  const peer = await startPeer()
  peer.refuses.set('refused@canary.example', '451 come again')
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

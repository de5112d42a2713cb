import { execFile, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { type Client, contract } from '@doverie/sdk'
import type { ImapFlow } from 'imapflow'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { type Dovecot, hasDovecot, startDovecot } from '../testing/dovecot.ts'
import { asStaff, someValues } from '../testing/people.ts'
import { queryOnce } from '../testing/query.ts'
import { bodyOf, type SmtpPeer, startSmtpPeer } from '../testing/smtp-peer.ts'
import { asOfficer, startTestServer, type TestServer, until } from '../testing/test-server.ts'
import { imapSettings } from './imap-settings.ts'
import { openMailbox } from './mailbox.ts'
import { faultOf } from './run-intake.ts'

const THERE = await hasDovecot()
const PROCESS = fileURLToPath(new URL('../testing/intake-process.ts', import.meta.url))
const FROM = 'privacy@netrack.example'
const KEPT = new Date(Date.now() - 3 * 86_400_000)

let dovecot: Dovecot
let box: ImapFlow
let smtp: SmtpPeer
let server: TestServer
let officer: Client

const put = async (raw: string | Buffer, folder = 'INBOX', at = new Date()): Promise<void> => {
  await box.append(folder, typeof raw === 'string' ? Buffer.from(raw.replaceAll('\n', '\r\n')) : raw, [], at)
}
const mail = (from: string, subject: string, text: string, more = ''): string =>
  `Message-ID: <${Math.random()}@example.org>\nFrom: ${from}\nTo: ${FROM}, info@netrack.example\nSubject: ${subject}\n${more}Content-Type: text/plain; charset=utf-8\n\n${text}`

async function count(table = 'letter'): Promise<number> {
  return (await queryOnce(server.dataUrl, `SELECT FROM ${table}`)).length
}
async function lastLetter(): Promise<contract.LetterRead> {
  const [row] = await queryOnce(server.dataUrl, 'SELECT letter_id FROM letter ORDER BY number DESC LIMIT 1')
  return officer.call(contract.readLetter, { params: { letter: String(row?.['letter_id']) } })
}
const header = (text: string, name: string): string =>
  new RegExp(`^${name}:(.*(?:\r\n[ \t].*)*)`, 'im')
    .exec(text)?.[1]
    ?.replace(/\r\n\s+/g, ' ')
    .trim() ?? ''
const letterTo = (address: string): string | undefined => smtp.taken.findLast(({ to }) => to.includes(address))?.text

/** Somebody with a proved mailbox. */
async function registered(): Promise<{ readonly email: string; readonly subject: string }> {
  const client = server.client()
  const values = someValues()
  const { snapshot } = await client.form('registration')
  const form = { snapshot, entity: 'start', values, consents: [], age: 'adult' } as const
  const { signIn } = await client.submit('registration', form)
  await until(() => Promise.resolve(letterTo(values.email) !== undefined))
  const code = /Your code: (\d{6})/.exec(bodyOf(letterTo(values.email) ?? ''))?.[1] ?? ''
  return { email: values.email, subject: (await client.proveCode(signIn?.id ?? '', code)).subject }
}

describe.skipIf(!THERE)(
  'letters from a real mailbox (skipped: not run, without Debian’s dovecot-imapd, as root)',
  () => {
    beforeAll(async () => {
      dovecot = await startDovecot()
      box = await dovecot.client('office')
      await put(mail('before@example.org', 'до нас', 'давно'))
      const adminUrl = inject('adminUrl')
      smtp = await startSmtpPeer()
      const imap = dovecot.url('office')
      server = await startTestServer(adminUrl, { smtp: smtp.url, mailFrom: `Старт <${FROM}>`, imap, imapSeconds: 1 })
      officer = await asOfficer(server)
      await until(async () => (await count('mail_folder')) === 2)
    })
    afterAll(async () => {
      await server.stop()
      await box.logout().catch(() => undefined)
      await smtp.close()
      await dovecot.remove()
    })

    it('are registered from the day the server took them, receipted once, and marked; what lay there before is left', async () => {
      await put(mail('Анна <anna@example.org>', 'вопрос', 'Прошу предоставить информацию о моих данных'), 'INBOX', KEPT)
      await until(async () => (await count()) === 1)
      const { letter, content, requests } = await lastLetter()
      expect([letter.channel, letter.receivedAt]).toEqual(['mail', Math.floor(KEPT.getTime() / 1000) * 1000])
      expect([content?.sender.email, requests.map(({ kind }) => kind)]).toEqual(['anna@example.org', ['information']])
      await until(() => Promise.resolve(letterTo('anna@example.org') !== undefined))
      const receipt = letterTo('anna@example.org') ?? ''
      expect(header(receipt, 'Auto-Submitted')).toBe('auto-replied')
      expect(header(receipt, 'Message-ID')).toMatch(/^<[0-9a-f-]{36}\.[0-9a-f]{32}@netrack\.example>$/)
      const lock = await box.getMailboxLock('INBOX')
      const flags: boolean[] = []
      for await (const { flags: set } of box.fetch('1:*', { flags: true })) flags.push(set?.has('\\Seen') === true)
      lock.release()
      expect(flags).toEqual([false, true])
      expect(server.logged()).not.toMatch(/anna@|secret|вопрос/)
    })

    it('that answer ours join their letter; bounces, spam and machines are set aside, and nobody is answered', async () => {
      const [letters, mails] = [await count(), smtp.taken.length]
      const id = header(letterTo('anna@example.org') ?? '', 'Message-ID')
      await put(mail('anna@example.org', 'Re: x', 'Вот мой паспорт', `In-Reply-To: ${id}\n`))
      await put(mail('robot@example.org', 'нет на месте', 'в отпуске', 'Auto-Submitted: auto-replied\n'))
      await put(mail('spam@example.org', 'реклама', 'купите'), 'Junk')
      await put(letterTo('anna@example.org') ?? '')
      await until(async () => (await count('mail_taken')) === 5)
      expect([await count(), await count('letter_addition'), smtp.taken.length]).toEqual([letters, 1, mails])
      const reasons = await queryOnce(server.dataUrl, 'SELECT reason FROM mail_aside ORDER BY reason')
      expect(reasons.map(({ reason }) => reason)).toEqual(['auto-reply', 'own', 'spam'])
    })

    it('that bounce tell of a mailbox at which nobody is', async () => {
      const { email, subject } = await registered()
      const id = header(letterTo(email) ?? '', 'Message-ID')
      await put(
        `From: mailer-daemon@mx\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; ${email}\nAction: failed\nStatus: 5.1.1\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: ${id}\n--b--`,
      )
      await until(async () => (await officer.call(contract.listDoubts, { query: {} })).doubts.length > 0)
      const { doubts } = await officer.call(contract.listDoubts, { query: {} })
      expect(doubts).toMatchObject([{ subject, kind: 'bounced', field: 'email' }])
    })

    it('are registered whatever they are made of, and without attachments where these are too large', async () => {
      const letters = await count()
      const large = Buffer.concat([
        Buffer.from(
          `From: big@example.org\r\nSubject: large\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nwords\r\n--b\r\nContent-Disposition: attachment; filename=a\r\n\r\n`,
        ),
        Buffer.alloc(37_000_000, `${'x'.repeat(70)}\r\n`),
      ])
      await put(large)
      await until(async () => (await count()) === letters + 1)
      const { content } = await lastLetter()
      expect([content?.text.trim(), content?.mail?.remarks, content?.parts.map(({ name }) => name)]).toEqual([
        'words',
        ['too-large'],
        ['message.eml'],
      ])
      const fits = Buffer.alloc(24_000_000, 7).toString('base64').replace(/.{76}/g, '$&\r\n')
      await put(
        Buffer.from(
          `From: big@example.org\r\nSubject: fits\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: attachment; filename=a\r\nContent-Transfer-Encoding: base64\r\n\r\n${fits}\r\n--b--`,
        ),
      )
      await put('X: y\n'.repeat(200_000))
      await until(async () => (await count()) === letters + 3)
      const found = await queryOnce(server.dataUrl, 'SELECT parts, bytes::int FROM letter ORDER BY number DESC LIMIT 2')
      expect(found.map(({ parts }) => parts)).toEqual([1, 2])
      expect(found[1]?.['bytes']).toBeGreaterThan(24_000_000)
    })

    it('wait while the mailbox is away, which is told, and come once when it is back', async () => {
      const letters = await count()
      await box.logout()
      await dovecot.stop()
      await until(() => Promise.resolve(/the mailbox cannot be read/.test(server.logged())))
      // Numbered anew meanwhile, as by a server that was set up again: what was taken is known by itself.
      await dovecot.renumber('office')
      await dovecot.start()
      box = await dovecot.client('office')
      const { uidValidity } = (await box.status('INBOX', { uidValidity: true })) || {}
      const [read] = await queryOnce(server.dataUrl, 'SELECT max(uid_validity)::int AS validity FROM mail_folder')
      expect(Number(uidValidity)).not.toBe(read?.['validity'])
      for (let n = 0; n < 5; n++) await put(mail(`many${n}@example.org`, `${n}`, 'x'))
      await until(async () => (await count()) === letters + 5)
      await until(async () => (await server.client().call(contract.healthz, {})).mailbox === 'reached')
      const [taken] = await queryOnce(
        server.dataUrl,
        'SELECT count(*)::int AS n, count(DISTINCT source)::int AS d FROM mail_taken',
      )
      expect([await count(), taken?.['n']]).toEqual([letters + 5, taken?.['d']])
      expect(server.logged()).not.toMatch(/secret|office|example\.org/)
    })

    it('set aside are counted, read, registered from their day on or let go by staff with the duty alone', async () => {
      const { aside, mailbox, fault } = await officer.call(contract.describeMail, {})
      expect([mailbox, fault, aside['spam'], aside['auto-reply']]).toEqual(['reached', null, 1, 1])
      const list = async (query: contract.AsideQuery): Promise<readonly contract.AsideMessage[]> =>
        (await officer.call(contract.listAside, { query })).messages
      const [robot] = await list({ reason: 'auto-reply' })
      const [spam] = await list({ reason: 'spam' })
      const params = { message: robot?.id ?? '' }
      expect(Buffer.from(await officer.call(contract.readAside, { params })).toString()).toContain('robot@example.org')
      const letters = await count()
      const { letter } = await officer.call(contract.registerAside, { params })
      expect([letter.channel, letter.receivedAt, await count()]).toEqual(['mail', robot?.receivedAt, letters + 1])
      const { content } = await officer.call(contract.readLetter, { params: { letter: letter.id } })
      expect([content?.sender.email, content?.text.trim()]).toEqual(['robot@example.org', 'в отпуске'])
      await officer.call(contract.dismissAside, { params: { message: spam?.id ?? '' } })
      expect(await list({ reason: 'spam' })).toEqual([])
      expect(await list({ reason: 'spam', all: 'true' })).toMatchObject([
        { id: spam?.id, dismissedBy: expect.any(String) as string },
      ])
      await expect(officer.call(contract.readAside, { params: { message: letter.id } })).rejects.toMatchObject({
        code: 'not-found',
      })
      const auditor = await asStaff(server, officer, 'auditor')
      for (const refused of [
        () => auditor.call(contract.describeMail, {}),
        () => auditor.call(contract.listAside, { query: {} }),
        () => auditor.call(contract.readAside, { params }),
        () => auditor.call(contract.registerAside, { params }),
        () => auditor.call(contract.dismissAside, { params }),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: 'forbidden' })
      }
      const page = await fetch(`${server.url}/console/mail`, { headers: { cookie: officer.cookie() ?? '' } })
      const text = await page.text()
      expect([page.status, text.includes('Ящик')]).toEqual([200, true])
      expect(text).not.toMatch(/example\.org|в отпуске/)
    })

    it('come over TLS and STARTTLS by a certificate that is trusted, and by no other; what was taken is moved where it is wanted', async () => {
      const theirs = await dovecot.client('secure')
      await theirs.mailboxCreate('Done')
      await theirs.append('INBOX', Buffer.from(mail('tls@example.org', 'x', 'x').replaceAll('\n', '\r\n')))
      const urls = [dovecot.tlsUrl('secure'), dovecot.url('secure')]
      const more = { done: null, junk: '-', since: null, seconds: 1 } as const
      const secured: unknown[] = []
      for (const url of urls) {
        const { client } = await openMailbox(imapSettings({ url, ca: dovecot.ca, ...more }))
        secured.push(client.secureConnection)
        await client.logout()
        // A certificate of somebody else; one of nobody that Node knows; the right one under another name.
        const strangers = join(dovecot.ca, '..', 'stranger.pem')
        await promisify(execFile)('openssl', [
          'req',
          '-x509',
          '-newkey',
          'ed25519',
          '-nodes',
          '-subj',
          '/CN=x',
          '-keyout',
          '/dev/null',
          '-out',
          strangers,
        ])
        const named = url.replace('127.0.0.1', 'localhost')
        for (const [address, ca] of [
          [url, strangers],
          [named, dovecot.ca],
        ] as const) {
          const refused: unknown = await openMailbox(imapSettings({ url: address, ca, ...more })).catch(
            (error: unknown) => error,
          )
          expect(faultOf(refused)).toBe('refused')
        }
      }
      expect(secured).toEqual([true, true])
      const untrusted: unknown = await openMailbox(imapSettings({ url: urls[0] ?? '', ca: null, ...more })).catch(
        (error: unknown) => error,
      )
      expect(faultOf(untrusted)).toBe('refused')
      for (const ca of [join(dovecot.ca, '..', 'key.pem'), '/nowhere'])
        expect(() => imapSettings({ url: urls[0] ?? '', ca, ...more })).toThrow(/IMAP_CA/)
      const imap = {
        imap: urls[0] ?? '',
        imapCa: dovecot.ca,
        imapDone: 'Done',
        imapSince: '2020-01-01',
        imapSeconds: 1,
      }
      const other = await startTestServer(inject('adminUrl'), { smtp: null, ...imap })
      const messages = async (folder: string): Promise<number | undefined> =>
        ((await theirs.status(folder, { messages: true })) || {}).messages
      await until(async () => (await messages('Done')) === 1)
      expect([await messages('INBOX'), (await queryOnce(other.dataUrl, 'SELECT FROM letter')).length]).toEqual([0, 1])
      await theirs.logout()
      await other.stop()
    })

    it('are neither lost nor doubled by a process that is killed after fetching one, after registering it, after marking it', async () => {
      const other = await startTestServer(inject('adminUrl'), { smtp: null, imap: null })
      const theirs = await dovecot.client('crash')
      const raw = mail('crash@example.org', 'один раз', 'x').replaceAll('\n', '\r\n')
      await theirs.append('INBOX', Buffer.from(raw), [], KEPT)
      const place = [other.dataUrl, other.keystoreUrl, other.keysDir, dovecot.url('crash')]
      const rows = async (table: string): Promise<number> =>
        (await queryOnce(other.dataUrl, `SELECT FROM ${table}`)).length
      const found: unknown[] = []
      for (const point of ['fetched', 'taken', 'marked', 'none']) {
        const child = fork(PROCESS, [...place, point], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
        const [, signal] = (await once(child, 'exit')) as [number | null, string | null]
        const { unseen } = (await theirs.status('INBOX', { unseen: true })) || {}
        found.push([point, signal, await rows('letter'), await rows('outbox'), unseen, await rows('mail_folder')])
      }
      expect(found).toEqual([
        ['fetched', 'SIGKILL', 0, 0, 1, 1],
        ['taken', 'SIGKILL', 1, 1, 1, 1],
        ['marked', 'SIGKILL', 1, 1, 0, 1],
        ['none', null, 1, 1, 0, 2],
      ])
      await theirs.logout()
      await other.stop()
    })
  },
)

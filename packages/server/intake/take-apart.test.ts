import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { imapSettings } from './imap-settings.ts'
import { MessageReader } from './message-reader.ts'
import { takeApart } from './take-apart.ts'

const lines = (...all: readonly string[]): Buffer => Buffer.from(all.join('\r\n'), 'latin1')
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64').replace(/.{76}/g, '$&\r\n')
const PLAIN = ['From: Anna <anna@example.org>', 'Subject: x', 'Message-ID: <1@example.org>', 'MIME-Version: 1.0']

describe('a message is read', () => {
  it.each([
    ['koi8-r', Buffer.from('f0d2c9d7c5d4', 'hex')],
    ['windows-1251', Buffer.from('cff0e8e2e5f2', 'hex')],
    ['utf-8', Buffer.from('Привет')],
  ])('in %s, heading and words', async (charset, bytes) => {
    const word = `=?${charset}?B?${bytes.toString('base64')}?=`
    const head = [
      `From: ${word} <anna@example.org>`,
      `Subject: ${word}`,
      `Content-Type: text/plain; charset=${charset}`,
    ]
    const raw = Buffer.concat([lines(...head, 'Content-Transfer-Encoding: 8bit', '', ''), bytes])
    const { heading, text, from } = await takeApart(raw)
    expect([heading, text.trim(), from]).toEqual(['Привет', 'Привет', { name: 'Привет', address: 'anna@example.org' }])
  })

  it('where encoded words are broken across lines, in the middle of a letter too, and with emoji', async () => {
    const bytes = Buffer.from('Отзыв согласия 🙂')
    const words = [bytes.subarray(0, 5), bytes.subarray(5)].map((part) => `=?utf-8?B?${part.toString('base64')}?=`)
    const { heading } = await takeApart(lines(`Subject: ${words[0]}`, ` ${words[1]}`, '', 'x'))
    expect(heading).toBe('Отзыв согласия 🙂')
  })

  it('as text where it is a web page: no script, no style, nothing fetched', async () => {
    const page = `<html><head><style>p{}</style><script>fetch("https://evil")</script></head><body onload="x()">
      <p>Прошу &laquo;удалить&raquo;</p><img src="https://evil/p.gif"><p>данные</p></body></html>`
    const { text, remarks } = await takeApart(
      Buffer.concat([lines(...PLAIN, 'Content-Type: text/html; charset=utf-8', '', ''), Buffer.from(page)]),
    )
    expect([text, remarks]).toEqual(['Прошу «удалить»\nданные', ['page']])
  })

  it('with attachments as they are, under names that are names; what is packed stays packed', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000))
    const { parts } = await takeApart(
      lines(
        ...PLAIN,
        'Content-Type: multipart/mixed; boundary=b',
        '',
        '--b',
        'Content-Type: text/plain',
        '',
        'words',
        '--b',
        'Content-Type: text/html;charset="<script>"',
        'Content-Disposition: attachment; filename="../../etc/passwd"',
        '',
        '<script>',
        '--b',
        'Content-Type: application/gzip',
        'Content-Disposition: attachment; filename="bomb.gz"',
        'Content-Transfer-Encoding: base64',
        '',
        base64(bomb),
        '--b--',
      ),
    )
    expect(parts.map(({ name }) => name)).toEqual(['.. .. etc passwd', 'bomb.gz'])
    expect(Buffer.from(parts[1]?.content ?? []).equals(bomb)).toBe(true)
  })

  it('where it has none of a name, an author, a heading, a word', async () => {
    for (const raw of [lines(''), lines('From: '), lines('x'), Buffer.alloc(0)]) {
      expect(await takeApart(raw)).toMatchObject({ from: null, heading: '', parts: [] })
    }
  })

  it('as a bounce, with what it says for machines and whose message it brings back', async () => {
    const { report, headers } = await takeApart(
      lines(
        'From: MAILER-DAEMON@mx.example.org',
        'Content-Type: multipart/report; report-type=delivery-status;',
        ' boundary=b',
        '',
        '--b',
        'Content-Type: text/plain',
        '',
        'sorry',
        '--b',
        'Content-Type: message/delivery-status',
        '',
        'Reporting-MTA: dns; mx.example.org',
        '',
        'Final-Recipient: rfc822; anna@example.org',
        'Action: failed',
        'Status: 5.1.1',
        '--b',
        'Content-Type: message/rfc822',
        '',
        'From: privacy@netrack.ru',
        'Message-ID:',
        ' <0a@netrack.ru>',
        '',
        'code',
        '--b--',
      ),
    )
    expect(report?.returned).toEqual(['0a@netrack.ru'])
    expect(report?.status).toContain('Final-Recipient: rfc822; anna@example.org')
    expect(headers.find(({ key }) => key === 'content-type')?.value).toContain('report-type=delivery-status')
  })

  it('in part, where it has more than a letter may have, and says so', async () => {
    const part = ['--b', 'Content-Disposition: attachment; filename=a', '', 'x']
    const many = Array.from({ length: 3_000 }, () => part).flat()
    const { parts, remarks } = await takeApart(
      lines(...PLAIN, 'Content-Type: multipart/mixed; boundary=b', '', ...many),
    )
    expect([parts.length, remarks]).toEqual([20, ['parts-left']])
    const long = await takeApart(lines(...PLAIN, '', 'x'.repeat(200_000)))
    expect([long.text.length, long.remarks]).toEqual([100_000, ['text-cut']])
  })
})

describe('what is made to hurt', () => {
  const nest = Array.from({ length: 300 }, (_, n) => [`Content-Type: multipart/mixed; boundary=b${n}`, '', `--b${n}`])
  it.each([
    ['a bomb of headers', lines('X-Y: yyyyyyyyyyyyyyyyyyyy\r\n'.repeat(200_000), 'x')],
    ['one header without an end', lines(`Subject: ${'x'.repeat(5_000_000)}`, '', 'x')],
    ['a nest of parts', lines(...PLAIN, ...nest.flat(), 'x')],
  ])('%s is given up in its own thread, and the next is read', async (_, raw) => {
    const reader = new MessageReader()
    expect(await reader.read(raw)).toBeNull()
    expect((await reader.read(lines(...PLAIN, '', 'words')))?.text.trim()).toBe('words')
    await reader.close()
  })

  it.each([
    ['a boundary that never comes', lines(...PLAIN, 'Content-Type: multipart/mixed; boundary=b', '', 'x', 'y')],
    ['base64 that is none', lines(...PLAIN, 'Content-Transfer-Encoding: base64', '', '%%%')],
    ['bytes', Buffer.from(Array.from({ length: 70_000 }, (_, n) => (n * 7) % 256))],
    ['a charset that there is not', lines(...PLAIN, 'Content-Type: text/plain; charset=klingon', '', 'x')],
    ['a page of open tags', lines('Content-Type: text/html', '', '<p><ul>'.repeat(200_000))],
    ['addresses', lines(`From: ${'<'.repeat(100_000)}`, `References: ${'<'.repeat(100_000)}`, '', 'x')],
  ])('%s is read as far as it goes', async (_, raw) => {
    expect(await takeApart(raw)).toHaveProperty('text')
  })
})

describe('IMAP_URL', () => {
  const read = (url: string) => imapSettings({ url, ca: null, done: null, junk: null, since: null, seconds: 60 })
  it('says where the mailbox is; in the open it is read on this machine only', () => {
    expect(read('imaps://a%40b.org:p%3Aw@mx.example.org/Letters')).toMatchObject({
      ...{ host: 'mx.example.org', port: 993, security: 'tls', user: 'a@b.org', password: 'p:w', folder: 'Letters' },
    })
    expect(read('imap://a:b@mx.example.org')).toMatchObject({ port: 143, security: 'starttls', folder: 'INBOX' })
    expect(read('imap://a:b@127.0.0.1:1143').security).toBe('none')
  })

  it.each(['', 'https://a:secret@x', 'imaps://x', 'imaps://a:secret%@x', 'secret'])(
    'rejects %s without repeating it',
    (url) => {
      expect(() => read(url)).toThrow(/^IMAP_URL(?!.*secret)/)
    },
  )
})

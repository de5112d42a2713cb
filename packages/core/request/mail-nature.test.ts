import { describe, expect, it } from 'vitest'
import { readDeliveryStatus } from './delivery-status.ts'
import { asksNoReceipt, authenticationHint, mailNature } from './mail-nature.ts'
import { messageIdsIn, numberInHeading, ownWords } from './mail-thread.ts'

const headers = (text: string): { key: string; value: string }[] =>
  text.split('\n').map((line) => ({ key: line.slice(0, line.indexOf(':')), value: line.slice(line.indexOf(':') + 1) }))

describe('a message is', () => {
  it.each([
    ['letter', 'subject: вопрос'],
    ['letter', 'auto-submitted: no\nreturn-path: <anna@example.org>'],
    ['letter', 'x-spam-flag: NO\nx-spam-status: No, score=1'],
    ['auto-reply', 'auto-submitted: auto-replied (vacation)'],
    ['auto-reply', 'Auto-Submitted: x\nauto-submitted: auto-generated'],
    ['auto-reply', 'precedence: auto_reply'],
    ['auto-reply', 'x-autoreply: yes'],
    ['auto-reply', 'return-path: <>'],
    ['auto-reply', 'content-type: multipart/report; report-type=disposition-notification'],
    ['bounce', 'content-type: multipart/report; boundary=x; report-type=delivery-status\nauto-submitted: auto-replied'],
    ['bounce', 'x-failed-recipients: anna@example.org'],
    ['list', 'precedence: bulk'],
    ['list', 'list-id: <news.example.org>'],
    ['spam', 'x-spam-flag: YES'],
    ['loop', Array.from({ length: 101 }, (_, i) => `received: from ${i}`).join('\n')],
  ])('%s by its headers: %s', (nature, text) => {
    expect(mailNature(headers(text), false)).toBe(nature)
  })

  it('spam where the server puts it with spam, and a bounce all the same', () => {
    expect(mailNature(headers('subject: вопрос'), true)).toBe('spam')
    expect(mailNature(headers('content-type: multipart/report; report-type=delivery-status'), true)).toBe('bounce')
  })

  it('answered by no machine where its sender asks that', () => {
    expect(asksNoReceipt(headers('x-auto-response-suppress: All'))).toBe(true)
    expect(asksNoReceipt(headers('x-auto-response-suppress: None'))).toBe(false)
  })
})

describe('where it came from', () => {
  const results = 'authentication-results: mx.example.org 1; spf=pass smtp.mailfrom=a@b; dkim=fail (x; y); dmarc=none'
  it('is what the own server says on top, and nobody else', () => {
    expect(authenticationHint(headers(results), 'mx.example.org')).toBe('spf=pass, dkim=fail, dmarc=none')
    expect(authenticationHint(headers(results), 'mx.other.org')).toBeNull()
    expect(authenticationHint(headers(results), null)).toBeNull()
    const forged = `authentication-results: mx.evil.org; spf=pass\n${results}`
    expect(authenticationHint(headers(forged), 'mx.example.org')).toBeNull()
  })
})

describe('a bounce says that nobody is there', () => {
  const report = (recipient: string): string => `Reporting-MTA: dns; mx.example.org\r\n\r\n${recipient}\r\n`
  it.each([
    [true, 'Final-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1'],
    [true, 'Final-Recipient: RFC822; <a@b.org>\nAction: Failed\nStatus: 5.2.1 (disabled)'],
    [
      true,
      'Final-Recipient: rfc822;a@b.org\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp;\n 550 5.1.1 no such user',
    ],
    [true, 'Final-Recipient: rfc822;a@b.org\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 unknown'],
    [
      false,
      'Final-Recipient: rfc822;a@b.org\nAction: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 we do not like you',
    ],
    [false, 'Final-Recipient: rfc822;a@b.org\nAction: delayed\nStatus: 5.1.1'],
    [false, 'Final-Recipient: rfc822;a@b.org\nAction: failed\nStatus: 4.4.7'],
    [false, 'Final-Recipient: rfc822;a@b.org\nAction: failed'],
  ])('%s: %s', (nobody, recipient) => {
    expect(readDeliveryStatus(report(recipient))).toEqual([{ addresses: ['a@b.org'], nobody }])
  })

  it('of nobody where it names nobody, however long it is', () => {
    for (const text of ['', 'Action: failed\nStatus: 5.1.1', 'Final-Recipient: dns; x', '\n\n'.repeat(200_000)]) {
      expect(readDeliveryStatus(text)).toEqual([])
    }
  })
})

describe('an answer', () => {
  it('names what it answers, bounded', () => {
    expect(messageIdsIn('<a@x> <b@x>\n\t<a@x> junk')).toEqual(['a@x', 'b@x'])
    const many = messageIdsIn(Array.from({ length: 500 }, (_, i) => `<${i}@x>`).join(' '))
    expect([many.length, many[0], many.at(-1)]).toEqual([40, '0@x', '499@x'])
    expect(messageIdsIn('<'.repeat(100_000))).toEqual([])
  })

  it('bears the number as our letters do', () => {
    expect(numberInHeading('Re: Ответ на обращение № 2026-000001 [2026-000123]')).toBe('2026-000123')
    expect(numberInHeading('Re: 2026-000123')).toBeNull()
  })

  it.each([
    ['Да.\n> Прошу отозвать согласие', 'Да.'],
    ['Да.\n\n25 ноября 2026 г., 10:00, Старт <a@b.org> писал(а):\n> отзыв', 'Да.'],
    ['Yes.\nOn Mon, Start wrote:\nwithdraw my consent', 'Yes.'],
    ['Да.\n-----Original Message-----\nудалите данные', 'Да.'],
    ['Да.\nОт: Старт\nОтправлено: сегодня\nудалите данные', 'Да.'],
    ['От: меня\nудалите данные', 'От: меня\nудалите данные'],
  ])('says its own words, not what it quotes: %j', (text, own) => {
    expect(ownWords(text)).toBe(own)
  })
})

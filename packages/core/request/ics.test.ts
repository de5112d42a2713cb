import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarText } from './ics.ts'

const STAMP = Date.parse('2026-11-26T11:05:00.123Z')

/** Lines as a reader puts them together again (RFC 5545, 3.1). */
const unfolded = (text: string): readonly string[] => text.replace(/\r\n /g, '').split('\r\n')
const valueOf = (text: string, name: string): string => {
  const line = unfolded(text).find((one) => one.startsWith(`${name}:`)) ?? ''
  return line.slice(name.length + 1).replace(/\\([\\;,n])/g, (_, char: string) => (char === 'n' ? '\n' : char))
}

describe('a calendar', () => {
  it('has a whole day as a date, an hour as an instant of UTC', () => {
    const text = calendarText(
      'Сроки',
      [
        { uid: 'a@x', when: { day: '2027-01-19' }, summary: 'Обращение 2026-000001', description: '' },
        { uid: 'b@x', when: { at: STAMP }, summary: 'b', description: '' },
      ],
      STAMP,
    )
    expect(unfolded(text)).toEqual(
      expect.arrayContaining(['DTSTART;VALUE=DATE:20270119', 'DTSTART:20261126T110500Z', 'DTSTAMP:20261126T110500Z']),
    )
    expect(text.endsWith('END:VCALENDAR\r\n')).toBe(true)
  })

  it('has lines of 75 octets at most that end in CRLF, and reads back as the text that it was, whatever that is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (given) => {
        const text = calendarText('n', [{ uid: 'u@x', when: { at: STAMP }, summary: given, description: given }], STAMP)
        for (const line of text.split('\r\n')) {
          expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75)
          expect(line).not.toMatch(/[\r\n]/)
        }
        expect(text.match(/BEGIN:VEVENT/g)?.length).toBeGreaterThanOrEqual(1)
        expect(unfolded(text).filter((line) => line === 'BEGIN:VEVENT')).toHaveLength(1)

        const kept = given.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
        expect(valueOf(text, 'SUMMARY')).toBe(kept)
        expect(valueOf(text, 'DESCRIPTION')).toBe(kept)
      }),
    )
  })
})

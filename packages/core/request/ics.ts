import type { Instant } from '../base/index.ts'

/** One moment of a calendar: a whole day (`2027-01-19`) or an instant. */
export interface CalendarEvent {
  /** The same for the same event, for ever: by it a calendar knows what has changed. */
  readonly uid: string
  readonly when: { readonly day: string } | { readonly at: Instant }
  readonly summary: string
  readonly description: string
}

const LINE = 75
const encoder = new TextEncoder()

/**
 * A calendar (iCalendar, RFC 5545) of such events. Lines end in CRLF and are folded at 75 octets, never within a character; texts are
 * escaped; control characters, which no text may have, are left out. What begins and ends with the day has no end of its own (3.6.1).
 */
export function calendarText(name: string, events: readonly CalendarEvent[], stamp: Instant): string {
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Doverie//Clocks//RU',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    `X-WR-CALNAME:${escaped(name)}`,
    'REFRESH-INTERVAL;VALUE=DURATION:PT1H',
    ...events.flatMap(({ uid, when, summary, description }) => [
      'BEGIN:VEVENT',
      `UID:${escaped(uid)}`,
      `DTSTAMP:${utc(stamp)}`,
      'day' in when ? `DTSTART;VALUE=DATE:${when.day.replaceAll('-', '')}` : `DTSTART:${utc(when.at)}`,
      `SUMMARY:${escaped(summary)}`,
      `DESCRIPTION:${escaped(description)}`,
      'TRANSP:TRANSPARENT',
      'END:VEVENT',
    ]),
    'END:VCALENDAR',
  ]
    .map((line) => `${folded(line)}\r\n`)
    .join('')
}

/** Section 3.3.11. */
function escaped(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')

    .replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\n/g, '\\n')
}

/** Section 3.1: the space that begins a further line is one of its octets. */
function folded(line: string): string {
  let out = ''
  let octets = 0
  for (const char of line) {
    const size = encoder.encode(char).length
    if (octets + size > LINE) {
      out += '\r\n '
      octets = 1
    }
    out += char
    octets += size
  }
  return out
}

/** `20261126T110500Z`. */
function utc(at: Instant): string {
  return new Date(at)
    .toISOString()
    .replace(/[-:]/g, '')
    .replace(/\.\d{3}/, '')
}

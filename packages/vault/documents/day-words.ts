import { type Day, dayAt, type Instant } from '@doverie/core/base'
import type { DocumentLanguage } from './texts.ts'

const MONTHS = {
  ru: 'января,февраля,марта,апреля,мая,июня,июля,августа,сентября,октября,ноября,декабря'.split(','),
  en: 'January,February,March,April,May,June,July,August,September,October,November,December'.split(','),
}

/** A moment's day where the operator is, in words: `25 ноября 2026 г.`. */
export function dayWords(zone: string, at: Instant, language: DocumentLanguage): string {
  return wordsOf(dayAt(zone, at), language)
}

/** The last day before a moment, in words: what ends as that moment begins. */
export function lastDayWords(zone: string, end: Instant, language: DocumentLanguage): string {
  return dayWords(zone, end - 1, language)
}

/** A day as it is written, `2031-12-31`, in words. */
export function writtenDayWords(day: string, language: DocumentLanguage): string {
  const [year = 0, month = 0, of = 0] = day.split('-').map(Number)
  return wordsOf({ year, month, day: of }, language)
}

function wordsOf({ year, month, day }: Day, language: DocumentLanguage): string {
  return `${day} ${MONTHS[language][month - 1] ?? ''} ${year}${language === 'ru' ? ' г.' : ''}`
}

import { dayAt, type Instant } from '@doverie/core/base'
import type { DocumentLanguage } from './texts.ts'

const MONTHS = {
  ru: 'января,февраля,марта,апреля,мая,июня,июля,августа,сентября,октября,ноября,декабря'.split(','),
  en: 'January,February,March,April,May,June,July,August,September,October,November,December'.split(','),
}

/** A moment's day where the operator is, in words: `25 ноября 2026 г.`. */
export function dayWords(zone: string, at: Instant, language: DocumentLanguage): string {
  const { year, month, day } = dayAt(zone, at)
  return `${day} ${MONTHS[language][month - 1] ?? ''} ${year}${language === 'ru' ? ' г.' : ''}`
}

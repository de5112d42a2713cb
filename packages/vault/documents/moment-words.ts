import type { Instant } from '@doverie/core/base'
import { dayWords } from './day-words.ts'

/** `26 ноября 2026 г., 14:05 (Europe/Moscow)`. */
export function momentWords(zone: string, at: Instant): string {
  const time = new Intl.DateTimeFormat('ru-RU', { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(at)
  return `${dayWords(zone, at, 'ru')}, ${time} (${zone})`
}

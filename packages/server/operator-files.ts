import { readFile } from 'node:fs/promises'
import { DoverieError, type Result } from '@doverie/core/base'
import { type CalendarYear, readCalendar } from '@doverie/core/request'
import { type DocumentTexts, readTexts } from '@doverie/vault'
import type { Settings } from './settings.ts'

/** What the operator gives beside the policy: years of the production calendar, and its own words for documents. */
export interface OperatorFiles {
  readonly calendarYears: readonly CalendarYear[]
  readonly documentTexts: DocumentTexts
}

/** Reads those files. Throws `invalid-request`, naming the file and the place, where one is not as it must be. */
export async function operatorFiles({
  calendar,
  documentTexts,
}: Pick<Settings, 'calendar' | 'documentTexts'>): Promise<OperatorFiles> {
  return {
    calendarYears: calendar === null ? [] : await readJson(calendar, readCalendar),
    documentTexts: documentTexts === null ? {} : await readJson(documentTexts, readTexts),
  }
}

async function readJson<T>(path: string, read: (value: unknown) => Result<T, string>): Promise<T> {
  let value: unknown
  try {
    value = JSON.parse(await readFile(path, 'utf8'))
  } catch {
    throw new DoverieError('invalid-request', `${path} cannot be read as JSON`)
  }
  const known = read(value)
  if (!known.ok) throw new DoverieError('invalid-request', `${path}: ${known.error}`)
  return known.value
}

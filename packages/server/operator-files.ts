import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError, type Result } from '@doverie/core/base'
import { type CalendarYear, readCalendar } from '@doverie/core/request'
import { type DocumentTexts, readTexts } from '@doverie/vault'
import { isNode, parseDocument } from 'yaml'
import type { Settings } from './settings.ts'

/** What the operator gives beside the policy: years of the production calendar, and its own words for documents. */
export interface OperatorFiles {
  readonly calendarYears: readonly CalendarYear[]
  /** The words as they were read last without a fault. */
  readonly documentTexts: () => DocumentTexts
  /** Reads the words again. Throws as at the start, and those read before stay. */
  readonly reloadTexts: () => Promise<void>
}

/** Reads those files. Throws `invalid-request`, naming the file, the line and the place, where one is not as it must be. */
export async function operatorFiles({
  calendar,
  documentTexts,
}: Pick<Settings, 'calendar' | 'documentTexts'>): Promise<OperatorFiles> {
  let texts = await textsOf(documentTexts)
  return {
    calendarYears: calendar === null ? [] : await readJson(calendar, readCalendar),
    documentTexts: () => texts,
    reloadTexts: async () => {
      texts = await textsOf(documentTexts)
    },
  }
}

/** The words of a file, or of all `.json` files of a folder, each document worded in one of them. */
async function textsOf(path: string | null): Promise<DocumentTexts> {
  if (path === null) return {}
  const isFolder = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isFolder) return readJson(path, readTexts)
  const texts: Record<string, DocumentTexts[string]> = {}
  for (const name of (await readdir(path)).filter((one) => one.endsWith('.json')).sort()) {
    for (const [document, words] of Object.entries(await readJson(join(path, name), readTexts))) {
      if (Object.hasOwn(texts, document))
        throw new DoverieError('invalid-request', `${join(path, name)}: ${document} is worded in another file, too`)
      texts[document] = words
    }
  }
  return texts
}

async function readJson<T>(path: string, read: (value: unknown) => Result<T, string>): Promise<T> {
  const text = await readFile(path, 'utf8').catch(() => {
    throw new DoverieError('invalid-request', `${path} cannot be read`)
  })
  // JSON is YAML, whose reader knows where each thing stands; a name that is given twice is an error to it.
  const places = parseDocument(text, { schema: 'json', prettyErrors: false })
  const [wrong] = places.errors
  let value: unknown
  try {
    value = JSON.parse(text)
    if (wrong !== undefined) throw wrong
  } catch {
    throw new DoverieError('invalid-request', `${path}${lineAt(text, wrong?.pos[0])} cannot be read as JSON`)
  }
  const known = read(value)
  if (known.ok) return known.value
  const at = places.getIn(pathOf(known.error), true)
  throw new DoverieError(
    'invalid-request',
    `${path}${lineAt(text, isNode(at) ? at.range?.[0] : undefined)}: ${known.error}`,
  )
}

/** What a fault names (`refusal.text[1]: …`), as the way there. */
function pathOf(fault: string): (string | number)[] {
  const [named = ''] = /^[^:]+/.exec(fault) ?? []
  return named.split(/[.[\]]+/).flatMap((step) => (step === '' ? [] : [/^\d+$/.test(step) ? Number(step) : step]))
}

function lineAt(text: string, position: number | undefined): string {
  return position === undefined ? '' : `:${text.slice(0, position).split('\n').length}`
}

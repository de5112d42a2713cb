import { type Attributes, walkXml } from './walk-xml.ts'

/** One level of a list: how its number is written. */
interface Level {
  readonly start: number
  /** `decimal`, `lowerLetter`, `bullet` … (ISO/IEC 29500-1, 17.18.59). */
  readonly format: string
  /** `%1.%2.`; the numbers of the levels are put in. */
  readonly text: string
  /** All numbers of it are written in decimals. */
  readonly legal: boolean
  /** The level after which it begins anew; null: after any above it. 0: never. */
  readonly restart: number | null
  /** The style of paragraphs that are of this level. */
  readonly style: string | null
}

interface List {
  readonly levels: ReadonlyMap<number, Level>
  /** The style that has the list's levels, where it has none of its own. */
  readonly link: string | null
}

/** What `numbering.xml` says: the lists, and the numbers by which paragraphs call them. */
export interface ListDefinitions {
  readonly lists: ReadonlyMap<string, List>
  readonly numbers: ReadonlyMap<
    string,
    {
      readonly list: string
      readonly levels: ReadonlyMap<number, Partial<Level>>
      readonly starts: ReadonlyMap<number, number>
    }
  >
}

type Draft = { -readonly [K in keyof Level]?: Level[K] }

/** Reads `numbering.xml` (17.9); no lists where there is none. */
export function listDefinitions(xml: string | undefined): ListDefinitions {
  const lists = new Map<string, { levels: Map<number, Level>; link: string | null }>()
  const numbers = new Map<string, { list: string; levels: Map<number, Draft>; starts: Map<number, number> }>()
  let list: { levels: Map<number, Level>; link: string | null } | null = null
  let number: { list: string; levels: Map<number, Draft>; starts: Map<number, number> } | null = null
  let overridden = 0
  let level: Draft | null = null
  let own = 0
  const open = (name: string, attributes: Attributes): void => {
    const value = attributes.get('val') ?? ''
    if (name === 'w:abstractNum')
      lists.set(attributes.get('abstractNumId') ?? '', (list = { levels: new Map(), link: null }))
    else if (name === 'w:num')
      numbers.set(attributes.get('numId') ?? '', (number = { list: '', levels: new Map(), starts: new Map() }))
    else if (name === 'w:numStyleLink' && list !== null) list.link = value
    else if (name === 'w:abstractNumId' && number !== null) number.list = value
    else if (name === 'w:lvlOverride') overridden = levelOf(attributes.get('ilvl'))
    else if (name === 'w:startOverride') number?.starts.set(overridden, countOf(value, 1))
    else if (name === 'w:lvl') {
      own = levelOf(attributes.get('ilvl'))
      level = {}
    } else if (level !== null) describe(level, name, value)
  }
  const close = (name: string): void => {
    if (name === 'w:lvl' && level !== null) {
      if (number !== null) number.levels.set(own, level)
      else list?.levels.set(own, { ...PLAIN, ...level })
      level = null
    } else if (name === 'w:abstractNum') list = null
    else if (name === 'w:num') number = null
  }
  if (xml !== undefined) walkXml(xml, { open, close })
  return { lists, numbers }
}

/** A mark is longer in no document: numbers of nine levels come nowhere near. */
const LONGEST_MARK = 100

const PLAIN: Level = { start: 0, format: 'decimal', text: '', legal: false, restart: null, style: null }

function describe(level: Draft, name: string, value: string): void {
  if (name === 'w:start') level.start = countOf(value, 0)
  else if (name === 'w:numFmt') level.format = value
  else if (name === 'w:lvlText') level.text = value.slice(0, LONGEST_MARK)
  else if (name === 'w:isLgl') level.legal = value !== '0' && value !== 'false'
  else if (name === 'w:lvlRestart') level.restart = countOf(value, 0)
  else if (name === 'w:pStyle') level.style = value
}

/** One of the nine levels that lists have; the first where it is none of them. */
export function levelOf(value: string | undefined): number {
  const level = countOf(value, 0)
  return level <= 8 ? level : 0
}

/** A small whole number; what is none counts as `otherwise`. */
function countOf(value: string | undefined, otherwise: number): number {
  const number = Number(value)
  return value !== undefined && Number.isInteger(number) && number >= 0 && number <= 30_000 ? number : otherwise
}

/** What a paragraph is marked with by its list; to be asked in the order of the paragraphs. */
export interface ListNumbers {
  /** `1.2.`, `•`, or an empty text where the list shows nothing. */
  readonly next: (number: string, level: number) => string
  /** The level whose paragraphs have this style; 0 where none has. */
  readonly levelOfStyle: (number: string, style: string) => number
}

/** Counts the lists of one document. `styleNumbers`: style -> the number of the list that it has. */
export function listNumbers(
  { lists, numbers }: ListDefinitions,
  styleNumbers: ReadonlyMap<string, string>,
): ListNumbers {
  const counted = new Map<string, (number | undefined)[]>()
  const started = new Set<string>()

  const listOf = (number: string): { key: string; list: List } | null => {
    const key = numbers.get(number)?.list ?? ''
    const list = lists.get(key)
    if (list === undefined || list.link === null) return list === undefined ? null : { key, list }
    const linked = numbers.get(styleNumbers.get(list.link) ?? '')?.list ?? ''
    const other = lists.get(linked)
    return other === undefined || other.link !== null ? null : { key: linked, list: other }
  }
  const levelAt = (number: string, list: List, level: number): Level | null => {
    const own = numbers.get(number)?.levels.get(level)
    const shared = list.levels.get(level)
    return own === undefined ? (shared ?? null) : { ...(shared ?? PLAIN), ...own }
  }
  const next = (number: string, level: number): string => {
    const found = listOf(number)
    const shape = found === null ? null : levelAt(number, found.list, level)
    if (found === null || shape === null) return ''
    const counts = counted.get(found.key) ?? []
    counted.set(found.key, counts)
    // A list that begins at a number of its own does so where it is first used.
    const start = numbers.get(number)?.starts.get(level)
    const begins = start !== undefined && !started.has(`${number} ${level}`)
    started.add(`${number} ${level}`)
    const before = counts[level]
    counts[level] = begins ? start : before === undefined ? (start ?? shape.start) : before + 1
    for (let deeper = level + 1; deeper < counts.length; deeper++) {
      const { restart = null } = levelAt(number, found.list, deeper) ?? {}
      if (restart === null || (restart !== 0 && level < restart)) counts[deeper] = undefined
    }
    if (shape.format === 'bullet') return '•'
    const parts = new Map<string, string>()
    const mark = shape.text.replace(/%([1-9])/g, (_, digit: string) => {
      const known = parts.get(digit)
      if (known !== undefined) return known
      const at = Number(digit) - 1
      const part = at === level ? shape : levelAt(number, found.list, at)
      // A level above that no paragraph had yet counts as begun.
      const count = (counts[at] ??= part?.start ?? 1)
      const text = written(count, shape.legal ? 'decimal' : (part?.format ?? 'decimal'))
      parts.set(digit, text)
      return text
    })
    return mark.slice(0, LONGEST_MARK)
  }
  const levelOfStyle = (number: string, style: string): number => {
    const list = listOf(number)?.list
    if (list === undefined) return 0
    for (const level of list.levels.keys()) if (levelAt(number, list, level)?.style === style) return level
    return 0
  }
  return { next, levelOfStyle }
}

const LATIN = 'abcdefghijklmnopqrstuvwxyz'
const RUSSIAN = 'абвгдежзиклмнопрстуфхцчшщэюя'
const ROMAN = [
  [1000, 'm'],
  [900, 'cm'],
  [500, 'd'],
  [400, 'cd'],
  [100, 'c'],
  [90, 'xc'],
  [50, 'l'],
  [40, 'xl'],
  [10, 'x'],
  [9, 'ix'],
  [5, 'v'],
  [4, 'iv'],
  [1, 'i'],
] as const

/** A number as a format writes it; formats that policies do not use are written in decimals. */
function written(count: number, format: string): string {
  switch (format) {
    case 'none':
      return ''
    case 'decimalZero':
      return String(count).padStart(2, '0')
    case 'lowerLetter':
      return letters(count, LATIN)
    case 'upperLetter':
      return letters(count, LATIN).toUpperCase()
    case 'russianLower':
      return letters(count, RUSSIAN)
    case 'russianUpper':
      return letters(count, RUSSIAN).toUpperCase()
    case 'lowerRoman':
      return roman(count)
    case 'upperRoman':
      return roman(count).toUpperCase()
    default:
      return String(count)
  }
}

/** After the last letter the first comes twice: `z`, `aa`, `bb`. */
function letters(count: number, alphabet: string): string {
  if (count < 1) return String(count)
  const times = Math.min(20, Math.ceil(count / alphabet.length))
  return (alphabet[(count - 1) % alphabet.length] ?? '').repeat(times)
}

/** Above 3,999 there are no Roman numbers, in Word either. */
function roman(count: number): string {
  if (count < 1 || count > 3999) return String(count)
  let rest = count
  let all = ''
  for (const [value, sign] of ROMAN) {
    for (; rest >= value; rest -= value) all += sign
  }
  return all
}

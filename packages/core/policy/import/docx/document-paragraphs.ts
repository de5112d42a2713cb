import { raise } from '../raise.ts'
import { levelOf, type ListNumbers } from './list-levels.ts'
import type { ParagraphStyles } from './paragraph-styles.ts'
import { type Attributes, walkXml, XmlFault } from './walk-xml.ts'

/** A footnote or an endnote that the text refers to. */
export interface NoteReference {
  readonly kind: 'footnote' | 'endnote'
  readonly id: string
}

/** Gives a note the number by which the text is to refer to it. */
export type Refer = (reference: NoteReference) => number

interface Paragraph {
  /** Lines: a break that was made by hand ends one. */
  lines: string[]
  /** References to notes before the first word. */
  marks: string
  style: string | null
  number: string | null
  level: number | null
}

/** What is not shown: deleted and moved text, the code of fields, the second of two choices, comments. */
const UNSHOWN: ReadonlySet<string> = new Set([
  'w:del',
  'w:moveFrom',
  'w:instrText',
  'w:delText',
  'w:delInstrText',
  'mc:Fallback',
  'w:pPrChange',
  'w:rPrChange',
  'w:numberingChange',
])

/** A policy of 100 pages has a tenth of it. */
const MOST_PARAGRAPHS = 20_000

/**
 * The paragraphs of a part, in its order, with the numbers of their lists written out and references to notes as
 * superscripts. `within` (a note's element) parts the paragraphs by its `id`; else all are under an empty one.
 */
export function documentParagraphs(
  xml: string,
  styles: ParagraphStyles,
  lists: ListNumbers,
  refer: Refer,
  within: string | null = null,
): ReadonlyMap<string, readonly (readonly string[])[]> {
  const found = new Map<string, (readonly string[])[]>()
  let paragraphs = 0
  const reader = new PartReader(styles, lists, refer, (lines, part) => {
    if (++paragraphs > MOST_PARAGRAPHS)
      throw new XmlFault(`a part of the document has more than ${MOST_PARAGRAPHS} paragraphs`, 1)
    const own = found.get(part)
    if (own === undefined) found.set(part, [lines])
    else own.push(lines)
  })
  walkXml(xml, {
    open: (name, attributes) => {
      if (name === within) reader.part = attributes.get('id') ?? ''
      reader.open(name, attributes)
    },
    close: (name) => {
      reader.close(name)
    },
    text: (text) => {
      reader.text(text)
    },
  })
  return found
}

/** Takes the lines of a paragraph, with the part that it is in. */
type Take = (lines: readonly string[], part: string) => void

/** A small machine: an element means something by what is open around it. */
class PartReader {
  part = ''
  readonly #styles: ParagraphStyles
  readonly #lists: ListNumbers
  readonly #refer: Refer
  readonly #take: Take
  /** A text box has paragraphs inside a paragraph. */
  readonly #paragraphs: Paragraph[] = []
  #unshown = 0
  #properties = false
  #hidden = false
  #raised = false
  #spells = false

  constructor(styles: ParagraphStyles, lists: ListNumbers, refer: Refer, take: Take) {
    this.#styles = styles
    this.#lists = lists
    this.#refer = refer
    this.#take = take
  }

  open(name: string, attributes: Attributes): void {
    if (this.#unshown > 0 || UNSHOWN.has(name)) {
      this.#unshown++
      return
    }
    const value = attributes.get('val') ?? ''
    const paragraph = this.#paragraphs.at(-1)
    if (name === 'w:p') this.#paragraphs.push({ lines: [''], marks: '', style: null, number: null, level: null })
    else if (name === 'w:pPr') this.#properties = true
    else if (name === 'w:r') this.#hidden = this.#raised = false
    else if (paragraph === undefined) return
    else if (name === 'w:vanish') this.#hidden = !this.#properties && isOn(value)
    else if (name === 'w:vertAlign') this.#raised = !this.#properties && value === 'superscript'
    else if (name === 'w:pStyle') paragraph.style = value
    else if (name === 'w:numId') paragraph.number = value
    else if (name === 'w:ilvl') paragraph.level = levelOf(value)
    else if (this.#hidden || this.#properties) return
    else this.#write(paragraph, name, attributes)
  }

  #write(paragraph: Paragraph, name: string, attributes: Attributes): void {
    if (name === 'w:t') this.#spells = true
    else if (name === 'w:tab' || name === 'w:sym') append(paragraph, ' ')
    else if (name === 'w:noBreakHyphen') append(paragraph, '-')
    else if (name === 'w:br' || name === 'w:cr') paragraph.lines.push('')
    else if (name === 'w:footnoteReference' || name === 'w:endnoteReference') {
      const kind = name === 'w:footnoteReference' ? 'footnote' : 'endnote'
      const mark = raise(String(this.#refer({ kind, id: attributes.get('id') ?? '' })))
      // A line that begins with a mark is a note's: what only refers to one is still the text's own.
      if (paragraph.lines.every((line) => line.trim() === '')) paragraph.marks += mark
      else append(paragraph, mark)
    }
  }

  text(text: string): void {
    const paragraph = this.#paragraphs.at(-1)
    if (!this.#spells || paragraph === undefined) return
    append(paragraph, this.#raised && /^\s*\d+\s*$/.test(text) ? raise(text.trim()) : text)
  }

  close(name: string): void {
    if (this.#unshown > 0) {
      this.#unshown--
      return
    }
    if (name === 'w:t') this.#spells = false
    else if (name === 'w:pPr') this.#properties = false
    else if (name === 'w:p') {
      const paragraph = this.#paragraphs.pop()
      if (paragraph === undefined) return
      append(paragraph, paragraph.marks)
      if (!this.#styles.isContents(paragraph.style)) this.#take(this.#numbered(paragraph), this.part)
    }
  }

  #numbered({ lines, style, number: own, level: ownLevel }: Paragraph): readonly string[] {
    const inherited = this.#styles.listOf(style)
    const number = own ?? inherited?.number ?? '0'
    // A paragraph without a word has a number in Word, too, but a policy has no clause there.
    if (number === '0' || lines.every((line) => line.trim() === '')) return lines
    const byStyle = (): number => {
      const named = style === null ? 0 : this.#lists.levelOfStyle(number, style)
      return named > 0 || inherited === null ? named : this.#lists.levelOfStyle(number, inherited.by)
    }
    const mark = this.#lists.next(number, ownLevel ?? inherited?.level ?? byStyle())
    const [first = '', ...rest] = lines
    return mark === '' ? lines : [`${mark} ${first.trimStart()}`, ...rest]
  }
}

function append(paragraph: Paragraph, text: string): void {
  const last = paragraph.lines.length - 1
  paragraph.lines[last] = `${paragraph.lines[last] ?? ''}${text}`
}

/** A switch that is there is on, unless it says otherwise. */
function isOn(value: string): boolean {
  return value !== '0' && value !== 'false' && value !== 'off'
}

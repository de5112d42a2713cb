import { raise } from './raise.ts'
import { type SourceLine, tidy } from './source-lines.ts'

const ENTITIES: Readonly<Record<string, string>> = {
  nbsp: ' ',
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  laquo: '«',
  raquo: '»',
  ldquo: '“',
  rdquo: '”',
  bdquo: '„',
  lsquo: '‘',
  rsquo: '’',
  ndash: '–',
  mdash: '—',
  shy: '',
  hellip: '…',
  sect: '§',
  middot: '·',
  bull: '•',
  copy: '©',
  reg: '®',
  sup1: '¹',
  sup2: '²',
  sup3: '³',
}

/** Lists inside one another that are counted: no policy has more, and a mark as long as the nest is what a hostile one asks for. */
const DEEPEST = 20

const BLOCK = /^(p|div|br|h[1-6]|li|ol|ul|tr|table|blockquote|hr|body|section|article|header|footer)$/
const HIDDEN = /^(head|style|script|title|xml)$/

/** True where a text is a web page, as Word saves one. */
export function isHtml(text: string): boolean {
  return /<(!doctype html|html|body)[\s>]/i.test(text.slice(0, 2000))
}

/**
 * The lines of a web page: a paragraph each, with the numbers of ordered lists written out and the digits of superscripts
 * as such. Nothing of a page is run or fetched; what is no text is left out.
 */
export function htmlLines(html: string): readonly SourceLine[] {
  const page = new Page()
  let at = 0
  while (at < html.length) {
    const open = html.indexOf('<', at)
    page.write(html.slice(at, open < 0 ? html.length : open))
    if (open < 0) break
    const comment = html.startsWith('<!--', open)
    const close = html.indexOf(comment ? '-->' : '>', open)
    if (close < 0) break
    at = close + (comment ? 3 : 1)
    const [, slash = '', name = ''] =
      /^<(\/?)([a-z][a-z0-9]*)/i.exec(html.slice(open, Math.min(close, open + 20))) ?? []
    if (name !== '') page.tag(name.toLowerCase(), slash !== '')
    page.pass(html.slice(open, at))
  }
  return page.end()
}

/** The page so far: a small machine, since a tag means something by what is open around it. */
class Page {
  readonly #lines: SourceLine[] = []
  readonly #lists: (number | null)[] = []
  #text = ''
  #line = 1
  #begun = 1
  #hidden: string | null = null
  #raised = false

  write(text: string): void {
    if (this.#hidden === null && text !== '') {
      if (this.#text.trim() === '') this.#begun = this.#line + linesIn(/^\s*/.exec(text)?.[0] ?? '')
      const plain = withoutEntities(text)
      const digits = plain.trim()
      this.#text += this.#raised && /^\d+$/.test(digits) ? raise(digits) : plain
    }
    this.pass(text)
  }

  pass(text: string): void {
    this.#line += linesIn(text)
  }

  tag(name: string, closes: boolean): void {
    if (this.#hidden !== null) {
      if (closes && name === this.#hidden) this.#hidden = null
      return
    }
    if (HIDDEN.test(name) && !closes) this.#hidden = name
    if (name === 'sup') this.#raised = !closes
    if (!BLOCK.test(name)) return
    this.#close()
    if (name === 'ol' || name === 'ul') {
      if (closes) this.#lists.pop()
      else this.#lists.push(name === 'ol' ? 0 : null)
    }
    if (name === 'li' && !closes) this.#text = this.#itemMark()
  }

  end(): readonly SourceLine[] {
    this.#close()
    return this.#lines
  }

  #itemMark(): string {
    const last = this.#lists.length - 1
    const count = this.#lists[last]
    if (count === undefined || count === null || last >= DEEPEST) return '• '
    this.#lists[last] = count + 1
    return `${this.#lists.filter((number) => number !== null).join('.')}. `
  }

  #close(): void {
    const text = tidy(this.#text)
    // A number without its words: the paragraph inside the list item follows.
    if (/^\d+(\.\d+)*\.$|^•$/.test(text) && this.#lists.length > 0) return
    if (text !== '') this.#lines.push({ text, line: this.#begun, begins: true })
    this.#text = ''
  }
}

function linesIn(text: string): number {
  return text.split('\n').length - 1
}

function withoutEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z][a-z0-9]{1,7}));/gi, (whole, ten, sixteen, name) => {
    if (typeof name === 'string') return ENTITIES[name.toLowerCase()] ?? whole
    const code = typeof ten === 'string' ? Number(ten) : Number.parseInt(String(sixteen), 16)
    // A control character or a surrogate is no text; the place says that something was there.
    return code >= 32 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : ' '
  })
}

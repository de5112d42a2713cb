import { levelOf } from './list-levels.ts'
import { walkXml } from './walk-xml.ts'

/** What a style says of its paragraphs' lists, itself or by the styles it is based on. */
export interface StyleList {
  /** `0` where it takes a list away. */
  readonly number: string
  /** Null where the list's level names the style instead. */
  readonly level: number | null
  /** The style that said so. */
  readonly by: string
}

export interface ParagraphStyles {
  readonly listOf: (style: string | null) => StyleList | null
  /** True of a line of the table of contents, which repeats what the text says. */
  readonly isContents: (style: string | null) => boolean
  /** Style -> number of the list, of styles that have one. */
  readonly numbers: ReadonlyMap<string, string>
}

interface Style {
  contents: boolean
  based: string | null
  number: string | null
  level: number | null
}

/** The longest chain of styles followed: Word takes ten. A cycle ends here, too. */
const LONGEST_CHAIN = 20

/** Reads `styles.xml` (ISO/IEC 29500-1, 17.7); no styles where there is none. */
export function paragraphStyles(xml: string | undefined): ParagraphStyles {
  const styles = new Map<string, Style>()
  let standard: string | null = null
  let style: Style | null = null
  if (xml !== undefined) {
    walkXml(xml, {
      open: (name, attributes) => {
        const value = attributes.get('val') ?? ''
        if (name === 'w:style') {
          const id = attributes.get('styleId') ?? ''
          styles.set(id, (style = { contents: false, based: null, number: null, level: null }))
          if (attributes.get('type') === 'paragraph' && attributes.get('default') === '1') standard = id
        } else if (style === null) return
        // The one name that Word never translates; ids it does.
        else if (name === 'w:name') style.contents = /^toc (\d|heading)/i.test(value)
        else if (name === 'w:basedOn') style.based = value
        else if (name === 'w:numId') style.number = value
        else if (name === 'w:ilvl') style.level = levelOf(value)
      },
      close: (name) => {
        if (name === 'w:style') style = null
      },
    })
  }
  const listOf = (id: string | null): StyleList | null => {
    let at: string | null = id ?? standard
    let level: number | null = null
    for (let steps = 0; at !== null && steps < LONGEST_CHAIN; steps++) {
      const found = styles.get(at)
      if (found === undefined) return null
      level ??= found.level
      if (found.number !== null) return { number: found.number, level, by: at }
      at = found.based
    }
    return null
  }
  const numbers = new Map([...styles].flatMap(([id, { number }]) => (number === null ? [] : [[id, number] as const])))
  const isContents = (id: string | null): boolean => id !== null && styles.get(id)?.contents === true
  return { listOf, isContents, numbers }
}

import { err, ok, type Result } from '../../../base/index.ts'
import { raise } from '../raise.ts'
import { type SourceLine, tidy } from '../source-lines.ts'
import { documentParagraphs, type NoteReference } from './document-paragraphs.ts'
import { listDefinitions, listNumbers } from './list-levels.ts'
import { paragraphStyles } from './paragraph-styles.ts'
import { walkXml, XmlFault } from './walk-xml.ts'
import { zipParts } from './zip-parts.ts'

/** The parts that hold a text and its numbers. What else there is (pictures, macros, fonts) is not unpacked. */
const PARTS = /^(_rels\/\.rels|[^/]+\/(_rels\/[^/]+\.xml\.rels|[^/]+\.xml))$/

/** References to notes: a policy has some dozens. */
const MOST_NOTES = 5000
/** The most characters that a document may show. */
const LARGEST = 4_000_000

/** True of the first bytes of a ZIP archive, which a document of Word's is. */
export function isArchive(bytes: Uint8Array): boolean {
  return [0x50, 0x4b, 0x03, 0x04].every((byte, i) => bytes[i] === byte)
}

/**
 * The lines of a document of Word's own format (ISO/IEC 29500): a paragraph each, with the numbers that Word counts itself,
 * and the notes at the end, as superscripts name them. `line` counts the paragraphs. Nothing is run, fetched or declared.
 */
export function docxLines(
  bytes: Uint8Array,
): Result<readonly SourceLine[], { readonly line: number; readonly message: string }> {
  const parts = zipParts(bytes, (name) => PARTS.test(name))
  if (!parts.ok) return err({ line: 1, message: parts.error })
  try {
    const main = targetOf(parts.value, '_rels/.rels', /\/officeDocument$/)
    const document = main === null ? undefined : parts.value.get(main)
    if (main === null || document === undefined)
      return err({ line: 1, message: 'the archive is no document of Word’s (.docx)' })
    return ok(linesOf(parts.value, main, document))
  } catch (fault) {
    if (fault instanceof XmlFault) return err({ line: 1, message: fault.message })
    throw fault
  }
}

function linesOf(parts: ReadonlyMap<string, string>, main: string, document: string): readonly SourceLine[] {
  const [folder = '', name = ''] = main.split('/')
  const part = (kind: RegExp): string | undefined => {
    const target = targetOf(parts, `${folder}/_rels/${name}.rels`, kind)
    return target === null ? undefined : parts.get(target)
  }
  const styles = paragraphStyles(part(/\/styles$/))
  const lists = listNumbers(listDefinitions(part(/\/numbering$/)), styles.numbers)
  const referred = new Map<string, NoteReference & { readonly number: number }>()
  // A note has its words once, however often the text refers to it.
  let references = 0
  const refer = ({ kind, id }: NoteReference): number => {
    if (++references > MOST_NOTES) throw new XmlFault(`the document refers to notes more than ${MOST_NOTES} times`, 1)
    const known = referred.get(`${kind} ${id}`)
    const number = known?.number ?? referred.size + 1
    if (known === undefined) referred.set(`${kind} ${id}`, { kind, id, number })
    return number
  }
  const body = documentParagraphs(document, styles, lists, refer).get('') ?? []
  const notes = {
    footnote: notesOf(part(/\/footnotes$/), 'w:footnote'),
    endnote: notesOf(part(/\/endnotes$/), 'w:endnote'),
  }
  const lines: SourceLine[] = []
  let at = 0
  let sum = 0
  const add = (text: string): void => {
    const tidied = tidy(text)
    // Lists write numbers that the document does not hold.
    if ((sum += tidied.length) > LARGEST) throw new XmlFault(`the document shows more than ${LARGEST} characters`, 1)
    if (tidied !== '') lines.push({ text: tidied, line: at, begins: true })
  }
  for (const paragraph of body) {
    at++
    for (const line of paragraph) add(line)
  }
  for (const { kind, id, number } of referred.values()) {
    at++
    const words = (notes[kind].get(id) ?? [])
      .flat()
      .map(tidy)
      .filter((line) => line !== '')
    add(`${raise(String(number))} ${words.join(' ')}`)
  }
  return lines

  function notesOf(xml: string | undefined, element: string): ReturnType<typeof documentParagraphs> {
    // A note that refers to a note has no number of its own in Word either.
    return xml === undefined ? new Map() : documentParagraphs(xml, styles, lists, () => 0, element)
  }
}

/** The part that a relationship of this kind names, as a path from the archive's root. */
function targetOf(parts: ReadonlyMap<string, string>, relations: string, kind: RegExp): string | null {
  const folder = relations.startsWith('_rels/') ? '' : `${relations.split('/')[0] ?? ''}/`
  const xml = parts.get(relations)
  let found: string | null = null
  if (xml === undefined) return null
  walkXml(xml, {
    open: (name, attributes) => {
      if (name !== 'rel:Relationship' || attributes.get('TargetMode') === 'External') return
      const target = attributes.get('Target') ?? ''
      if (kind.test(attributes.get('Type') ?? ''))
        found ??= target.startsWith('/') ? target.slice(1) : `${folder}${target}`
    },
    close: () => undefined,
  })
  return found
}

import { SaxesParser } from 'saxes'

/** Deepest nesting taken: tables in tables in text boxes come nowhere near. */
const DEEPEST = 200
/** Most elements of a part: one of 4 MB that Word wrote has half of it. */
const MOST_ELEMENTS = 250_000
/** Most attributes of one element, declarations of namespaces among them. */
const MOST_ATTRIBUTES = 100

/** The namespaces of WordprocessingML (ISO/IEC 29500, transitional and strict), of relationships, and of choices. */
const SPACES: Readonly<Record<string, string>> = {
  'http://schemas.openxmlformats.org/wordprocessingml/2006/main': 'w',
  'http://purl.oclc.org/ooxml/wordprocessingml/main': 'w',
  'http://schemas.openxmlformats.org/markup-compatibility/2006': 'mc',
  'http://schemas.openxmlformats.org/package/2006/relationships': 'rel',
}

/** A part of a document that is no XML, or asks of a reader what no document of Word's does. The message quotes nothing of it. */
export class XmlFault extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.line = line
  }
}

/** Attributes by local name. */
export type Attributes = ReadonlyMap<string, string>

export interface Visitor {
  /** `w:p`; of namespaces that mean nothing here `:p`. */
  readonly open: (name: string, attributes: Attributes) => void
  readonly close: (name: string) => void
  readonly text?: (text: string) => void
}

/** Walks XML in document order. Nothing is fetched and no entity is declared: a document type is a fault, and so is what is not well-formed. */
export function walkXml(xml: string, { open, close, text }: Visitor): void {
  const parser = new SaxesParser({ xmlns: true, position: true })
  let depth = 0
  let elements = 0
  let attributesOfTag = 0
  const fault = (message: string): never => {
    throw new XmlFault(message, parser.line)
  }
  parser.on('error', () => fault('a part of the document is not well-formed XML'))
  parser.on('doctype', () => fault('a part of the document declares a document type, which Word never does'))
  parser.on('opentagstart', () => {
    attributesOfTag = 0
  })
  parser.on('attribute', () => {
    if (++attributesOfTag > MOST_ATTRIBUTES)
      fault(`a part of the document has an element of more than ${MOST_ATTRIBUTES} attributes`)
  })
  parser.on('opentag', ({ uri, local, attributes }) => {
    if (++elements > MOST_ELEMENTS) fault(`a part of the document has more than ${MOST_ELEMENTS} elements`)
    if (++depth > DEEPEST) fault(`a part of the document is nested more than ${DEEPEST} deep`)
    open(named(uri, local), new Map(Object.values(attributes).map((one) => [one.local, one.value])))
  })
  parser.on('closetag', ({ uri, local }) => {
    depth--
    close(named(uri, local))
  })
  if (text !== undefined) {
    parser.on('text', text)
    parser.on('cdata', text)
  }
  parser.write(xml.replace(/^\ufeff/, '')).close()
}

function named(uri: string, local: string): string {
  return `${Object.hasOwn(SPACES, uri) ? (SPACES[uri] ?? '') : ''}:${local}`
}

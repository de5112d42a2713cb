import { createRequire } from 'node:module'
import { dirname, join, sep } from 'node:path'
import type * as PdfMake from 'pdfmake'
import type { Content, TDocumentDefinitions } from 'pdfmake/interfaces.js'
import type { Block, OutgoingDocument } from './outgoing.ts'

/** The packed font that has Cyrillic letters. */
const FONTS = join(dirname(createRequire(import.meta.url).resolve('pdfmake/package.json')), 'fonts', 'Roboto')

/** The version of PDF in which the library encrypts with AES-256. */
const ENCRYPTED = '1.7ext3' as const

/** Whoever has the password may print it and have it read aloud. */
const ALL_ALLOWED = { printing: 'highResolution', copying: true, contentAccessibility: true } as const

let maker: typeof PdfMake.default | null = null

/**
 * The library, loaded at the first document: few processes make any, and it is large. Fonts from the package and nothing else: no
 * address in a text is ever fetched, and no other file opened.
 */
async function prepared(): Promise<typeof PdfMake.default> {
  if (maker !== null) return maker
  const { default: pdfmake } = await import('pdfmake')
  pdfmake.setUrlAccessPolicy(() => false)
  pdfmake.setLocalAccessPolicy((path: string) => path.startsWith(FONTS + sep))
  pdfmake.setFonts({
    Roboto: {
      normal: join(FONTS, 'Roboto-Regular.ttf'),
      bold: join(FONTS, 'Roboto-Medium.ttf'),
      italics: join(FONTS, 'Roboto-Italic.ttf'),
      bolditalics: join(FONTS, 'Roboto-MediumItalic.ttf'),
    },
  })
  maker = pdfmake
  return pdfmake
}

/**
 * The document as a PDF (A4). Its texts are taken as they are: nothing in them is markup, an address or a file. With a password it is
 * encrypted under it (AES-256, security handler revision 5: it does nothing to slow guessing down, so only a long random one protects).
 */
export async function renderPdf(document: OutgoingDocument, password: string | null = null): Promise<Buffer> {
  const locked =
    password === null
      ? {}
      : { version: ENCRYPTED, userPassword: password, ownerPassword: password, permissions: ALL_ALLOWED }
  return (await prepared()).createPdf({ ...definitionOf(document), ...locked }).getBuffer()
}

/** A sheet for the post: who sends it, small; to whom it goes, large, where the window of an envelope is. A4. */
export async function renderAddressSheet(from: readonly string[], to: readonly string[]): Promise<Buffer> {
  const definition: TDocumentDefinitions = {
    pageSize: 'A4',
    pageMargins: [62, 62, 48, 62],
    info: { producer: 'Doverie', creator: 'Doverie' },
    language: 'ru',
    defaultStyle: { font: 'Roboto', lineHeight: 1.3 },
    content: [
      { stack: from.map((text) => ({ text })), fontSize: 11 },
      { stack: to.map((text) => ({ text })), fontSize: 16, margin: [230, 60, 0, 0] },
    ],
  }
  return (await prepared()).createPdf(definition).getBuffer()
}

function definitionOf(document: OutgoingDocument): TDocumentDefinitions {
  const { from, to, number, day, about, title, blocks, signature, footer, language } = document
  const no = language === 'ru' ? '№' : 'No.'
  return {
    pageSize: 'A4',
    pageMargins: [62, 50, 48, 62],
    info: { title, author: from[0] ?? '', producer: 'Doverie', creator: 'Doverie' },
    language,
    defaultStyle: { font: 'Roboto', fontSize: 10.5, lineHeight: 1.25 },
    footer: (page, pages) => ({
      columns: [
        { text: footer, fontSize: 8, color: '#555555' },
        { text: `${page} / ${pages}`, alignment: 'right', fontSize: 8, color: '#555555', width: 60 },
      ],
      margin: [62, 20, 48, 0],
    }),
    // No heading stands alone at the foot of a page, and no signature on a page of its own.
    pageBreakBefore: (node, nodes) => {
      const following = nodes.getFollowingNodesOnPage()
      if (node.headlineLevel === 1) return following.length === 0
      return node.id === END && node.pageNumbers.length === 1 && !following.some(({ id }) => id === SIGNATURE)
    },
    content: [
      {
        columns: [
          { width: '50%', stack: from.map((text, at) => ({ text, bold: at === 0 })), fontSize: 9.5 },
          { width: '50%', stack: to.map((text) => ({ text })), margin: [24, 0, 0, 0] },
        ],
      },
      { text: `${day}   ${no} ${number}`, margin: [0, 18, 0, 0] },
      { text: about, color: '#444444', margin: [0, 2, 0, 16] },
      { text: title, fontSize: 14, bold: true, margin: [0, 0, 0, 10] },
      ...signed(blocks, signature),
    ],
  }
}

const END = 'end'
const SIGNATURE = 'signature'

/** The blocks and the line to sign: the end of what is signed is known by its id, for the two stand on one page. */
function signed(blocks: readonly Block[], signature: string): Content[] {
  const line: Content = { text: signature, id: SIGNATURE, margin: [0, 26, 0, 0] }
  const last = blocks.at(-1)
  if (last === undefined || signature === '') return [...blocks.map(contentOf), line]
  return [...blocks.slice(0, -1).map(contentOf), ...ended(last), line]
}

function ended(block: Block): Content[] {
  switch (block.kind) {
    case 'heading':
    case 'text':
      return [{ text: block.text, id: END, margin: [0, 0, 0, 6] }]
    case 'list': {
      const items = block.items.map((text, at) => (at === block.items.length - 1 ? { text, id: END } : { text }))
      return [{ ul: items, margin: [0, 0, 0, 6] }]
    }
    case 'table':
      return [contentOf(block)]
  }
}

function contentOf(block: Block): Content {
  switch (block.kind) {
    case 'heading':
      return { text: block.text, bold: true, fontSize: 11.5, headlineLevel: 1, margin: [0, 10, 0, 4] }
    case 'text':
      return { text: block.text, margin: [0, 0, 0, 6] }
    case 'list':
      return { ul: block.items.map((text) => ({ text })), margin: [0, 0, 0, 6] }
    case 'table':
      return {
        table: {
          headerRows: 1,
          dontBreakRows: true,
          // A head alone at the foot of a page says nothing.
          keepWithHeaderRows: 1,
          widths: widthsOf(block.head.length, block.widths),
          body: [
            block.head.map((text) => ({ text, bold: true, fillColor: '#eeeeee' })),
            ...block.rows.map((row) => row.map((text) => ({ text }))),
          ],
        },
        layout: {
          hLineWidth: () => 0.5,
          vLineWidth: () => 0.5,
          hLineColor: () => '#999999',
          vLineColor: () => '#999999',
        },
        fontSize: 9,
        margin: [0, 2, 0, 8],
      }
  }
}

function widthsOf(columns: number, shares: readonly number[] | undefined): string[] {
  const whole = shares?.reduce((sum, share) => sum + share, 0) ?? columns
  return Array.from({ length: columns }, (_, at) => `${(((shares?.[at] ?? 1) / whole) * 100).toFixed(2)}%`)
}

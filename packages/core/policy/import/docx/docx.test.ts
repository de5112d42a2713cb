import { readFileSync } from 'node:fs'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, it } from 'vitest'
import { importPolicy, type ImportedPolicy } from '../import-policy.ts'

const W = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const SEED = new URL('../../../../../policies/netrack/policy.ru.md', import.meta.url)

function relations(targets: Readonly<Record<string, string>>): string {
  const all = Object.entries(targets).map(
    ([kind, target], i) => `<Relationship Id="r${i}" Type="${OFFICE}/${kind}" Target="${target}"/>`,
  )
  return `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">${all.join('')}</Relationships>`
}

const LEVELS = [0, 1, 2].map(
  (i) =>
    `<w:lvl w:ilvl="${i}"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:pStyle w:val="Clause${i}"/><w:lvlText w:val="${['%1.', '%1.%2.', '%1.%2.%3.'][i] ?? ''}"/></w:lvl>`,
)
const PARTS: Readonly<Record<string, string>> = {
  '_rels/.rels': relations({ officeDocument: 'word/document.xml' }),
  'word/_rels/document.xml.rels': relations({
    styles: 'styles.xml',
    numbering: 'numbering.xml',
    footnotes: 'footnotes.xml',
  }),
  'word/numbering.xml': `<w:numbering xmlns:w="${W}"><w:abstractNum w:abstractNumId="0">${LEVELS.join('')}</w:abstractNum>
    <w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="russianLower"/><w:lvlText w:val="%1)"/></w:lvl></w:abstractNum>
    <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
    <w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num></w:numbering>`,
  'word/styles.xml': `<w:styles xmlns:w="${W}">${[0, 1, 2].map((i) => `<w:style w:type="paragraph" w:styleId="Clause${i}"><w:name w:val="Clause ${i}"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>`).join('')}
    <w:style w:type="paragraph" w:styleId="Own"><w:basedOn w:val="Clause1"/></w:style>
    <w:style w:type="paragraph" w:styleId="11"><w:name w:val="toc 1"/></w:style></w:styles>`,
  'word/footnotes.xml': `<w:footnotes xmlns:w="${W}"><w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>
    <w:footnote w:id="1"><w:p><w:r><w:footnoteRef/></w:r><w:r><w:t xml:space="preserve"> Клуб ведёт ИП Смотрителев</w:t></w:r></w:p></w:footnote></w:footnotes>`,
}

/** A paragraph: `p` of what its properties are, then its runs. */
const p = (properties: string, ...runs: readonly string[]): string =>
  `<w:p><w:pPr>${properties}</w:pPr>${runs.join('')}</w:p>`
const r = (text: string): string => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
const styled = (style: string): string => `<w:pStyle w:val="${style}"/>`
const listed = (number: number, level = 0): string =>
  `<w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${number}"/></w:numPr>`

const BODY = [
  p('', r('Положение клуба')),
  p(styled('11'), r('1. Какие сведения\t3')),
  p('', r('О сведениях, которые клуб'), '<w:r><w:footnoteReference w:id="1"/></w:r>', r(' получает.')),
  p(styled('Clause0'), r('Какие сведения')),
  p(
    styled('Clause1'),
    r('Клуб просит имя '),
    `<w:del>${r('и возраст')}</w:del><w:ins>${r('и телефон')}</w:ins>`,
    r(':'),
  ),
  p(listed(2), r('имя;')),
  p(listed(2), r('телефон.')),
  p(styled('Own'), '<w:r><w:rPr><w:vanish/></w:rPr><w:t>тайное</w:t></w:r>', r('Больше ничего:')),
  p(listed(3), r('ни адреса.')),
  p(styled('Clause2'), r('Размер'), '<w:r><w:noBreakHyphen/></w:r>', r('куртки не нужен.')),
  `<w:tbl><w:tr><w:tc>${p(styled('Clause0'), r('Зачем'))}</w:tc></w:tr></w:tbl>`,
  p(styled('Clause1'), r('Чтобы знать.')),
  p(listed(1, 1), '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>TOC</w:instrText></w:r>', r('Чтобы звать.')),
]

function document(body: readonly string[] = BODY, space = W): string {
  return `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="${space}"><w:body>${body.join('')}</w:body></w:document>`
}

function docx(parts: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const all = Object.entries({ 'word/document.xml': document(), ...PARTS, ...parts })
  return zipSync(Object.fromEntries(all.map(([name, part]) => [name, typeof part === 'string' ? strToU8(part) : part])))
}

function imported(bytes: Uint8Array): ImportedPolicy {
  const result = importPolicy('club.docx', bytes)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  return result.value
}

const words = ({ text }: ImportedPolicy): readonly (readonly string[])[] =>
  [...text.clauses].map(([number, { title, text: own }]) => [number, title === '' ? own : title])

describe('a document of Word’s own format', () => {
  it('gives its clauses under the numbers that Word counts, with its footnote, and without what is deleted, hidden or repeated', () => {
    const read = imported(docx({}))
    expect([read.format, read.language, read.text.title]).toEqual(['docx', 'ru', 'Положение клуба'])
    expect(words(read)).toEqual([
      ['0', 'Преамбула'],
      ['0.1', 'О сведениях, которые клуб¹ получает.'],
      ['1', 'Какие сведения'],
      ['1.1', 'Клуб просит имя и телефон:\n\nа) имя;\n\nб) телефон.'],
      ['1.2', 'Больше ничего:\n\nа) ни адреса.'],
      ['1.2.1', 'Размер-куртки не нужен.'],
      ['2', 'Зачем'],
      ['2.1', 'Чтобы знать.'],
      ['2.2', 'Чтобы звать.'],
      ['note.1', 'Клуб ведёт ИП Смотрителев'],
    ])
  })

  it.each<[string, Readonly<Record<string, string | Uint8Array>>]>([
    [
      'the strict namespaces',
      { 'word/document.xml': document(BODY, 'http://purl.oclc.org/ooxml/wordprocessingml/main') },
    ],
    ['a byte order mark', { 'word/document.xml': `\ufeff${document()}` }],
    ['UTF-16', { 'word/document.xml': Buffer.from(`\ufeff${document().replace('UTF-8', 'UTF-16')}`, 'utf16le') }],
    [
      'pictures and macros beside it',
      { 'word/vbaProject.bin': new Uint8Array(100), 'word/media/a.png': new Uint8Array(9) },
    ],
    ['a path from the root', { '_rels/.rels': relations({ officeDocument: '/word/document.xml' }) }],
  ])('reads the same with %s', (_, parts) => {
    expect(words(imported(docx(parts)))).toEqual(words(imported(docx({}))))
  })

  it('reads the numbers that somebody typed, too', () => {
    const clauses = readFileSync(SEED, 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('#'))
    expect(clauses.length).toBeGreaterThan(20)
    const typed = [p('', r('Terms')), p('', r('1. Data')), p('', r('1.1. A name.')), p('', r('1.2. No more.'))]
    expect(words(imported(docx({ 'word/document.xml': document(typed) })))).toEqual([
      ['1', 'Data'],
      ['1.1', 'A name.'],
      ['1.2', 'No more.'],
    ])
  })
})

describe('the words of a paragraph', () => {
  it('are its own where it begins with a reference to a note, and where they lie in a hyperlink, a field or a section of data', () => {
    const link = (...runs: readonly string[]): string => `<w:hyperlink w:anchor="a">${runs.join('')}</w:hyperlink>`
    const reference = '<w:r><w:footnoteReference w:id="1"/></w:r>'
    const body = [
      p('', r('Terms')),
      p('', r('1. Data')),
      p('', reference, r(' 1.1. A name.')),
      p('', r('1.2. see '), link(r('the site'), reference), `<w:fldSimple>${r(' and clause 1')}</w:fldSimple>`),
      p('', r('1.3. '), '<w:r><w:t><![CDATA[No <more>.]]></w:t></w:r>'),
    ]
    expect(words(imported(docx({ 'word/document.xml': document(body) })))).toEqual([
      ['1', 'Data'],
      ['1.1', 'A name.¹'],
      ['1.2', 'see the site¹ and clause 1'],
      ['1.3', 'No <more>.'],
      ['note.1', 'Клуб ведёт ИП Смотрителев'],
    ])
  })

  it('have no longer mark of a list than a hundred characters, and above 3,999 no Roman one', () => {
    const level = (format: string, text: string): string =>
      `<w:lvl w:ilvl="0"><w:start w:val="29999"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/></w:lvl>`
    const numbering = (one: string): string =>
      `<w:numbering xmlns:w="${W}"><w:abstractNum w:abstractNumId="0">${one}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`
    const body = document([p('', r('Terms')), p('', r('1. Data')), p('', r('1.1. A list:')), p(listed(1), r('end'))])
    const read = (one: string): string => {
      const parts = { 'word/document.xml': body, 'word/numbering.xml': numbering(one) }
      return imported(docx(parts)).text.clauses.get('1.1')?.text.split('\n\n')[1] ?? ''
    }
    expect(read(level('upperRoman', '%1)'))).toBe('29999) end')
    expect(read(level('lowerLetter', '%1'.repeat(50)))).toHaveLength(104)
  })
})

const LOL = `<!DOCTYPE w:document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>`
const [HEAD = '', ...REST] = document().split('?>')
const declared = (prologue: string): string => `${HEAD}?>${prologue}${REST.join('?>')}`
const deep = (times: number): string => document([`${'<w:sdt>'.repeat(times)}${'</w:sdt>'.repeat(times)}`])

/** Two files of one name: what one reader takes the other does not. */
function twice(): Uint8Array {
  const bytes = docx({ 'word/documen2.xml': document([]) })
  const text = Buffer.from(bytes).toString('latin1').replaceAll('word/documen2.xml', 'word/document.xml')
  return Buffer.from(text, 'latin1')
}

/** A file that its directory calls otherwise than it calls itself. */
function renamed(): Uint8Array {
  const bytes = docx({ 'word/documen2.xml': document([p('', r('1. Other'))]) })
  const text = Buffer.from(bytes).toString('latin1')
  return Buffer.from(text.replace('word/documen2.xml', 'word/document.xml'), 'latin1')
}

/** A second document before the first, which no directory names: Word shows the first. */
function smuggled(): Uint8Array {
  const [bytes, other] = [docx({}), zipSync({ 'word/document.xml': strToU8(document([p('', r('1. Other'))])) })]
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const end = bytes.length - 22
  const begins = view.getUint32(end + 16, true)
  const hidden = other.subarray(0, new DataView(other.buffer, other.byteOffset).getUint32(other.length - 6, true))
  const central = Uint8Array.from(bytes.subarray(begins))
  new DataView(central.buffer).setUint32(central.length - 6, begins + hidden.length, true)
  return Buffer.concat([bytes.subarray(0, begins), hidden, central])
}

describe('what an archive holds beside its directory', () => {
  it('is not read, as Word does not show it', () => {
    expect(words(imported(smuggled()))).toEqual(words(imported(docx({}))))
  })
})

describe('a hostile document', () => {
  it.each<[string, () => Uint8Array, string]>([
    ['an archive cut short', () => docx({}).subarray(0, 900), 'damaged'],
    ['a damaged archive', () => docx({}).map((byte, i) => (i > 60 && i < 160 ? byte ^ 0x5a : byte)), 'damaged'],
    ['the head of an archive alone', () => Uint8Array.from([0x50, 0x4b, 3, 4]), 'damaged'],
    ['another archive', () => zipSync({ 'a.txt': strToU8('a') }), 'no document of Word'],
    ['a bomb', () => docx({ 'word/document.xml': new Uint8Array(5_000_000) }), 'more than 4000000 bytes'],
    [
      'a bomb in many parts',
      () => docx(Object.fromEntries(Array.from({ length: 99 }, (_, i) => [`word/a${i}.xml`, new Uint8Array(100_000)]))),
      'more than 4000000 bytes',
    ],
    [
      'very many files',
      () => zipSync(Object.fromEntries(Array.from({ length: 3000 }, (_, i) => [`a/${i}`, new Uint8Array(1)]))),
      'more than 2000 files',
    ],
    ['two files of one name', twice, 'two files of one name'],
    ['a file that the directory calls otherwise', renamed, 'two names'],
    [
      'paragraphs without end',
      () => docx({ 'word/document.xml': document([p('').repeat(20_001)]) }),
      '20000 paragraphs',
    ],
    [
      'elements without end',
      () => docx({ 'word/document.xml': document(['<w:a/>'.repeat(250_001)]) }),
      '250000 elements',
    ],
    ['entities', () => docx({ 'word/document.xml': declared(LOL) }), 'declares a document type'],
    [
      'an entity from elsewhere',
      () => docx({ 'word/document.xml': declared('<!DOCTYPE a SYSTEM "file:///etc/passwd">') }),
      'declares a document type',
    ],
    [
      'an entity that is not declared',
      () => docx({ 'word/document.xml': document([p('', r('&b;'))]) }),
      'not well-formed',
    ],
    ['what is not well-formed', () => docx({ 'word/document.xml': document(['<w:p>']) }), 'not well-formed'],
    ['nesting without end', () => docx({ 'word/document.xml': deep(100_000) }), 'nested more than 200 deep'],
    [
      'attributes without end',
      () =>
        docx({
          'word/document.xml': document([`<w:p ${Array.from({ length: 500 }, (_, i) => `a${i}=""`).join(' ')}/>`]),
        }),
      'more than 100 attributes',
    ],
    ['bytes that are no UTF-8', () => docx({ 'word/document.xml': Uint8Array.from([0x3c, 0xff, 0x3e]) }), 'damaged'],
    [
      'styles based on one another',
      () =>
        docx({
          'word/document.xml': document([p(styled('A'), r('a'))]),
          'word/styles.xml': `<w:styles xmlns:w="${W}"><w:style w:styleId="A"><w:basedOn w:val="B"/></w:style><w:style w:styleId="B"><w:basedOn w:val="A"/></w:style></w:styles>`,
        }),
      'no numbered clauses',
    ],
    [
      'a document that lies elsewhere',
      () => docx({ '_rels/.rels': relations({ officeDocument: '../../etc/passwd' }) }),
      'no document of Word',
    ],
  ])('is refused whole, with a reason: %s', (_, bytes, says) => {
    const result = importPolicy('club.docx', bytes())
    expect(result.ok ? [] : result.error.map(({ message }) => message)).toEqual([expect.stringContaining(says)])
  })
})

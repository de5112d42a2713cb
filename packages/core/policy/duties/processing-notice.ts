import type { GroundKind, LegalProfile, Localised } from '../../base/index.ts'
import { registerRows, type RegisterRow, storageWords } from '../interchange/index.ts'
import { legalGrounds } from '../legal/legal-grounds.ts'
import type { Declarations, Purpose } from '../model.ts'

/** One item of the notice of processing, as the law lists it. */
export interface ProcessingItem {
  readonly id: string
  readonly label: Localised
  readonly article: Localised
  /** False where a lawyer must still confirm that the law asks for it. */
  readonly verified: boolean
  /** In Russian, as the authority reads it; empty where the policy does not know it and somebody must say it. */
  readonly lines: readonly string[]
}

/** What of the notice changed from one version of the policy to another. */
export interface ProcessingChange {
  readonly id: string
  readonly label: Localised
  readonly removed: readonly string[]
  readonly added: readonly string[]
}

const NOTHING = 'не осуществляется'
/** Stands behind a norm or a term that no lawyer has confirmed; the document says so once, at its end. */
export const UNCONFIRMED_MARK = '**'
const PEOPLE: Readonly<Record<GroundKind, string>> = {
  contract: 'клиенты: те, кто заключает или заключил договор',
  consent: 'люди, которые дали согласие на эту цель',
  law: 'все, чьи сведения хранятся на другом основании',
}

/** What the notice of processing says by a policy (152-FZ art. 22(3)), item by item; empty where the law knows no such notice. */
export function processingNotice(policy: Declarations, profile: LegalProfile): readonly ProcessingItem[] {
  const rows = registerRows(policy, profile, 'ru')
  return profile.processing.map(({ id, label, article, verified }) => ({
    ...{ id, label, article, verified },
    lines: linesOf(id, policy, profile, rows),
  }))
}

function linesOf(
  item: string,
  policy: Declarations,
  profile: LegalProfile,
  rows: readonly RegisterRow[],
): readonly string[] {
  const purposes = [...policy.purposes.values()]
  switch (item) {
    case 'operator': {
      const { name, site, email, address } = policy.operator
      const entities = [...policy.entities.values()].map(({ label }) => label['ru'] ?? '')
      return [name, ...entities, `адрес: ${address['ru'] ?? ''}`, `сайт: ${site}, почта: ${email}`]
    }
    case 'purposes':
      return rows.map(({ purpose }) => purpose.join(', '))
    case 'categories':
      return grouped(rows.map(({ purpose, data }) => [purpose.join(', '), data.join('; ')]))
    case 'people':
      return peopleOf(policy, purposes)
    case 'grounds':
      return grouped(purposes.flatMap((purpose) => groundsOf(purpose, profile)))
    case 'operations':
      return grouped(rows.map(({ purpose, operations }) => [purpose.join(', '), operations.join('; ')]))
    case 'measures':
      return policy.measures.filter(({ internal }) => !internal).map(({ text }) => text['ru'] ?? '')
    case 'term':
      return termsOf(policy, purposes)
    case 'cross-border': {
      const abroad = grouped(
        rows.flatMap(({ purpose, crossBorder }) => crossBorder.map((one) => [purpose.join(', '), one] as const)),
      )
      return abroad.length === 0 ? [NOTHING] : abroad
    }
    default:
      return []
  }
}

/** Each distinct text once, in the order of its first, with the purposes that it is said of (art. 22(3.1): by purpose). */
function grouped(pairs: readonly (readonly [purpose: string, text: string])[]): readonly string[] {
  const of = new Map<string, Set<string>>()
  for (const [purpose, text] of pairs) {
    if (text !== '') of.set(text, (of.get(text) ?? new Set()).add(purpose))
  }
  return [...of].map(([text, purposes]) => {
    const names = [...purposes].map((purpose) => `«${purpose}»`)
    return `${text} — для ${names.length === 1 ? 'цели' : 'целей'}: ${names.join(', ')}`
  })
}

function groundsOf(purpose: Purpose, profile: LegalProfile): readonly (readonly [string, string])[] {
  return legalGrounds(profile, purpose).map(({ kind, label, article, verified }) => {
    const norm = kind === 'law' && purpose.norm !== null ? purpose.norm : article
    const text = `${label['ru'] ?? ''}: ${norm['ru'] ?? ''}${verified ? '' : ` ${UNCONFIRMED_MARK}`}`
    return [purpose.label['ru'] ?? '', text]
  })
}

/** Whose data they are, in plain words: by what a purpose rests on, and who else may be among them. */
function peopleOf(policy: Declarations, purposes: readonly Purpose[]): readonly string[] {
  return [
    ...grouped(
      purposes.flatMap(({ label, grounds }) => grounds.map((kind) => [label['ru'] ?? '', PEOPLE[kind]] as const)),
    ),
    ...(policy.system.representatives === null ? [] : ['представители тех, чьи это сведения']),
    ...([...policy.fields.values()].some(({ whose }) => whose === 'other') ? ['лица, которых назвал клиент'] : []),
  ]
}

/** How long, by what each purpose rests on; then what a norm keeps, and for what. */
function termsOf(policy: Declarations, purposes: readonly Purpose[]): readonly string[] {
  const kept = policy.retention.flatMap((ground) =>
    ground.purposes.map(
      (id) =>
        [
          policy.purposes.get(id)?.label['ru'] ?? id,
          `${storageWords(ground, ground.article['ru'] ?? '', 'ru')}${ground.verified ? '' : ` ${UNCONFIRMED_MARK}`}`,
        ] as const,
    ),
  )
  const keeping = new Set(policy.retention.flatMap((ground) => ground.purposes))
  const own = purposes.flatMap(({ id, label, grounds }) =>
    grounds.flatMap((kind) => {
      const term = TERMS[kind]
      return kind === 'law' && keeping.has(id) ? [] : [[label['ru'] ?? '', term] as const]
    }),
  )
  return grouped([...own, ...kept])
}

const TERMS: Readonly<Record<GroundKind, string>> = {
  contract: 'пока действует договор',
  consent: 'до отзыва согласия или до его окончания',
  law: 'пока сведения хранятся на другом из названных оснований',
}

/** What of the notice differs between two versions, item by item; empty where nothing is to be told. */
export function processingChanges(
  before: Declarations,
  after: Declarations,
  profile: LegalProfile,
): readonly ProcessingChange[] {
  const former = new Map(processingNotice(before, profile).map(({ id, lines }) => [id, lines]))
  return processingNotice(after, profile).flatMap(({ id, label, lines }) => {
    const was = former.get(id) ?? []
    const removed = was.filter((line) => !lines.includes(line))
    const added = lines.filter((line) => !was.includes(line))
    return removed.length + added.length === 0 ? [] : [{ id, label, removed, added }]
  })
}

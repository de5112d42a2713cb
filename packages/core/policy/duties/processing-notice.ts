import type { LegalProfile, Localised } from '../../base/index.ts'
import { registerRows, type RegisterRow } from '../interchange/index.ts'
import type { Declarations } from '../model.ts'

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

/** What the notice of processing says by a policy (152-FZ art. 22(3)), item by item; empty where the law knows no such notice. */
export function processingNotice(policy: Declarations, profile: LegalProfile): readonly ProcessingItem[] {
  const rows = registerRows(policy, profile, 'ru')
  return profile.processing.map(({ id, label, article, verified }) => ({
    ...{ id, label, article, verified },
    lines: linesOf(id, policy, rows),
  }))
}

function linesOf(item: string, policy: Declarations, rows: readonly RegisterRow[]): readonly string[] {
  switch (item) {
    case 'operator': {
      const { name, site, email, address } = policy.operator
      const entities = [...policy.entities.values()].map(({ label }) => label['ru'] ?? '')
      return [name, ...entities, `адрес: ${address['ru'] ?? ''}`, `сайт: ${site}, почта: ${email}`]
    }
    case 'purposes':
      return rows.map(({ purpose }) => purpose.join(', '))
    case 'categories':
      return byPurpose(rows, ({ data }) => data)
    case 'people':
      return byPurpose(rows, ({ people }) => people)
    case 'grounds':
      return byPurpose(rows, ({ grounds }) => grounds)
    case 'operations':
      return byPurpose(rows, ({ operations }) => operations)
    case 'measures':
      return policy.measures.map(({ text }) => text['ru'] ?? '')
    case 'term':
      return byPurpose(rows, ({ storage }) => storage)
    case 'cross-border': {
      const abroad = byPurpose(rows, ({ crossBorder }) => crossBorder)
      return abroad.length === 0 ? [NOTHING] : abroad
    }
    default:
      return []
  }
}

function byPurpose(rows: readonly RegisterRow[], of: (row: RegisterRow) => readonly string[]): readonly string[] {
  return rows.flatMap((row) => {
    const values = of(row)
    return values.length === 0 ? [] : [`${row.purpose.join(', ')}: ${values.join('; ')}`]
  })
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

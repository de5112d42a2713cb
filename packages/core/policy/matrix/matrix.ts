import type { Localised } from '../../base/index.ts'
import type { Declarations } from '../model.ts'
import { type Binding, bindingsOf } from './bindings.ts'

/** How often entries of the ledger cite a clause. */
export interface ClauseDecisions {
  /** Decisions by this version of the policy. */
  readonly permitted: number
  readonly refused: number
  /** Entries of this version that are no decision on a person's data: access given, a policy adopted. */
  readonly acts: number
  /** Entries of every other version, in which the number may have stood for something else. */
  readonly otherVersions: number
}

/** A test of the bundle, and the clauses it expects an answer to cite. */
export interface ClauseTest {
  readonly id: string
  readonly clauses: readonly string[]
}

/** All that one clause of the text has come to. */
export interface MatrixRow {
  readonly clause: string
  /** In each language its heading; where it has none, how it begins. */
  readonly title: Localised
  /** Rules and retention grounds: what software decides by. */
  readonly rules: readonly Binding[]
  /** What else the bundle declares on it: purposes, fields, roles, forms … */
  readonly declarations: readonly Binding[]
  /** What people do, where software cannot act. */
  readonly measures: readonly { readonly id: string; readonly text: Localised }[]
  /** Why nothing acts on it; null where something does, or should. */
  readonly informational: Localised | null
  /** Null where no ledger was looked at. */
  readonly decisions: ClauseDecisions | null
  /** Tests that expect it; null where no tests were looked at. */
  readonly tests: readonly string[] | null
}

/** Every clause of the text that binds, with what it has come to, in the order of the text. */
export function clauseMatrix(
  policy: Declarations,
  given: {
    readonly decisions?: ReadonlyMap<string, ClauseDecisions> | null
    readonly tests?: readonly ClauseTest[] | null
  } = {},
): readonly MatrixRow[] {
  const { decisions = null, tests = null } = given
  const bindings = bindingsOf(policy)
  const reasons = new Map(
    policy.informational.flatMap(({ clauses, reason }) => clauses.map((clause) => [clause, reason] as const)),
  )
  const measures = new Map(policy.measures.map((measure) => [measure.id, measure.text]))
  const binding = policy.texts.get(policy.languages[0] ?? '')
  return [...(binding?.clauses.keys() ?? [])].map((clause) => {
    const bound = bindings.get(clause) ?? []
    return {
      clause,
      title: titleOf(policy, clause),
      rules: bound.filter(({ kind }) => kind === 'rule' || kind === 'retention'),
      declarations: bound.filter(({ kind }) => kind !== 'rule' && kind !== 'retention' && kind !== 'measure'),
      measures: bound.flatMap(({ kind, id }) => (kind === 'measure' ? [{ id, text: measures.get(id) ?? {} }] : [])),
      informational: reasons.get(clause) ?? null,
      decisions: decisions === null ? null : (decisions.get(clause) ?? NONE),
      tests: tests === null ? null : tests.flatMap(({ id, clauses }) => (clauses.includes(clause) ? [id] : [])),
    }
  })
}

const NONE: ClauseDecisions = { permitted: 0, refused: 0, acts: 0, otherVersions: 0 }

/** True of a clause that nothing in the bundle has taken up; `checkPolicy` refuses a bundle with one. */
export function isUncovered({ rules, declarations, measures, informational }: MatrixRow): boolean {
  return rules.length + declarations.length + measures.length === 0 && informational === null
}

const LONGEST_TITLE = 90

function titleOf(policy: Declarations, number: string): Localised {
  return Object.fromEntries(
    policy.languages.map((language) => {
      const clause = policy.texts.get(language)?.clauses.get(number)
      const words = clause === undefined ? '' : clause.title === '' ? clause.text : clause.title
      return [language, shortened(words)]
    }),
  )
}

/** The first words of a text, cut between two of them. */
function shortened(text: string): string {
  const line = text.replace(/\s+/g, ' ')
  if (line.length <= LONGEST_TITLE) return line
  const cut = line.slice(0, LONGEST_TITLE)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), 1))} …`
}

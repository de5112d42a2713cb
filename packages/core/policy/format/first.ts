import type { ClauseText } from '../clauses.ts'
import type { ActorDeclaration } from '../model.ts'
import { type Place, type PolicyProblem, problemAt } from '../problem.ts'
import { type Reader, object, optional } from '../reader.ts'
import { actClauses, type RulesFile, type ServiceFile, sharedKeys, unknownClauses } from '../shapes.ts'
import { system, type WrittenSystem } from '../system.ts'
import { clauses } from '../text-shapes.ts'
import meant from './first.json' with { type: 'json' }

/** `rules.yaml` of the first format: what was left out meant what the program of its day took it for. */
export type FirstRulesFile = Omit<RulesFile, 'format' | 'defaults' | 'system'> & {
  readonly defaults: Pick<RulesFile['defaults'], 'at' | 'no-rule' | 'no-live-data'> & {
    readonly [K in 'undeclared' | 'unknown' | 'acts']: RulesFile['defaults'][K] | null
  }
  readonly system: WrittenSystem | null
}

/** The shape of the first format. INVARIANT: it takes all that programs took before bundles named their format. */
export const firstRulesFile: Reader<FirstRulesFile> = object({
  ...sharedKeys,
  defaults: object({
    'no-rule': clauses,
    'no-live-data': clauses,
    undeclared: optional(clauses, null),
    unknown: optional(unknownClauses, null),
    acts: optional(actClauses, null),
  }),
  system: optional(system, null),
})

/** The present way to say what a file of the first format says, or why it says nothing that can be acted on. */
export function inPresentFormat(
  file: FirstRulesFile,
  services: readonly ServiceFile[],
  texts: ReadonlyMap<string, ClauseText>,
): { readonly file: RulesFile; readonly problems: readonly PolicyProblem[] } {
  const { at } = file.defaults
  const own = texts.get(file.languages[0] ?? '')?.clauses
  // The program named these clauses whoever's policy it was; what the text does not have is named no more.
  const known = (numbers: readonly string[]): readonly string[] => {
    const there = numbers.filter((number) => own?.has(number))
    return there.length > 0 ? there : file.defaults['no-rule']
  }
  const { undeclared, unknown, acts } = meant.defaults
  const stated = file.system ?? {
    at,
    ...meant.system,
    'contract-numbers': numbersOf(file, services),
    representatives: null,
    surname: null,
    'beside-surname': [],
    signature: null,
    keeper: null,
  }
  return {
    file: {
      ...file,
      format: 1,
      defaults: {
        ...file.defaults,
        undeclared: file.defaults.undeclared ?? known(undeclared),
        unknown: file.defaults.unknown ?? eachOf(unknown, known),
        acts: file.defaults.acts ?? eachOf(acts, known),
      },
      actors: withDuties(file.actors, stated.officer),
      system: stated,
    },
    problems: file.system === null && !isKnown(stated, file, services) ? [missingSystem(at)] : [],
  }
}

function eachOf<K extends string>(
  of: Readonly<Record<K, readonly string[]>>,
  known: (numbers: readonly string[]) => readonly string[],
): Readonly<Record<K, readonly string[]>> {
  const entries = Object.entries<readonly string[]>(of).map(([key, numbers]) => [key, known(numbers)])
  return Object.fromEntries(entries) as Readonly<Record<K, readonly string[]>>
}

/** Before roles had duties, the officer's had all that there were. */
function withDuties(actors: readonly ActorDeclaration[], officer: string): readonly ActorDeclaration[] {
  if (actors.some(({ duties }) => duties.length > 0)) return actors
  return actors.map((actor) => (actor.id === officer ? { ...actor, duties: ['access', 'adopt'] } : actor))
}

function numbersOf(file: FirstRulesFile, services: readonly ServiceFile[]): string | null {
  const name = meant.system['contract-numbers']
  return fieldsOf(file, services).has(name) ? name : null
}

/** Whether the names by which the program of the day lived are the bundle's at all. */
function isKnown(parts: WrittenSystem, file: FirstRulesFile, services: readonly ServiceFile[]): boolean {
  const purposes = new Set([file, ...services].flatMap((one) => one.purposes.map(({ id }) => id)))
  const fields = fieldsOf(file, services)
  return (
    purposes.has(parts.rights) &&
    purposes.has(parts.law) &&
    fields.has(parts['sign-in']) &&
    fields.has(parts['consent-evidence']) &&
    file.actors.some(({ id }) => id === parts.officer)
  )
}

function fieldsOf(file: FirstRulesFile, services: readonly ServiceFile[]): ReadonlySet<string> {
  return new Set([file, ...services].flatMap((one) => one.fields.map(({ id }) => id)))
}

function missingSystem(at: Place): PolicyProblem {
  return problemAt(at, "the key 'system' is missing: it names what the software itself lives by (docs/policy.md)")
}

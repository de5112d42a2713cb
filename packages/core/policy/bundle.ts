import { err, ok, OPERATIONS, type Result } from '../base/index.ts'
import { type ClauseText, readClauses } from './clauses.ts'
import { compile } from './compile.ts'
import { declare, type Files } from './declare.ts'
import { type FirstRulesFile, inPresentFormat } from './format/first.ts'
import { isPresent, rulesOfAnyFormat } from './format/format.ts'
import type { Declarations } from './model.ts'
import type { Policy } from './policy.ts'
import { byPlace, type PolicyProblem, problemAt } from './problem.ts'
import { BAD, type Bad, type Reader, type Reading, type Reference } from './reader.ts'
import { unresolved } from './references.ts'
import { campaignFile, entityFile, type RulesFile, serviceFile } from './shapes.ts'
import { LARGEST_BUNDLE, sourceFault, withoutMark } from './source-check.ts'
import { type Budget, readYaml } from './yaml-file.ts'

/** What lies beside a bundle in its folder and is no part of the policy: its tests, and the official text as published. */
const BESIDE = /^(tests|official)\//

/** The most problems told of a bundle, and the most references looked at for a suggestion. */
const MOST_PROBLEMS = 200

/** The most lexemes of YAML in all files of a bundle. */
const MOST_LEXEMES = 150_000

/** The most combinations of a rule and an act, and of a rule and a datum, that the decision index is laid out from. */
const LARGEST_SPACE = 5_000_000

/**
 * Reads a bundle: path within the bundle's folder (`rules.yaml`, `services/x.yaml`) -> text. Either a whole policy, or
 * what is wrong with it, each problem with file, line, column and clause; never a half-read policy, and nothing is thrown.
 * What parses may still fail `checkPolicy`, and must pass it before it is put in force.
 */
export function parseBundle(files: ReadonlyMap<string, string>): Result<Policy, readonly PolicyProblem[]> {
  const problems: PolicyProblem[] = []
  const references: Reference[] = []
  const texts = new Map<string, ClauseText>()
  let written: RulesFile | FirstRulesFile | Bad = BAD
  const services: Files['services'][number][] = []
  const entities: Files['entities'][number][] = []
  const campaigns: Files['campaigns'][number][] = []
  const budget: Budget = { lexemes: MOST_LEXEMES }
  let size = 0

  for (const [file, raw] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (BESIDE.test(file) || problems.length > MOST_PROBLEMS) continue
    // What one file alone is too long for says nothing of the others.
    const fault = sourceFault(file, raw)
    if (fault !== null) {
      problems.push(fault)
      continue
    }
    size += raw.length
    if (size > LARGEST_BUNDLE) {
      problems.push(tooLarge(file))
      break
    }
    const source = withoutMark(raw)
    const reading: Omit<Reading, 'lines'> = { file, problems, references, clauses: [] }
    const language = /^policy\.([a-z]{2,3})\.md$/.exec(file)?.[1]
    if (language !== undefined) {
      const read = readClauses(file, language, source)
      problems.push(...read.problems.slice(0, MOST_PROBLEMS))
      texts.set(language, read.text)
    } else if (file === 'rules.yaml') written = readFile(source, rulesOfAnyFormat, reading, budget)
    else if (/^services\/[a-z0-9-]+\.yaml$/.test(file))
      pushRead(services, readFile(source, serviceFile, reading, budget))
    else if (/^entities\/[a-z0-9-]+\.yaml$/.test(file))
      pushRead(entities, readFile(source, entityFile, reading, budget))
    else if (/^campaigns\/[a-z0-9-]+\.yaml$/.test(file))
      pushRead(campaigns, readFile(source, campaignFile, reading, budget))
    else problems.push(problemAt({ file, line: 1 }, 'a bundle has no such file'))
  }
  if (!files.has('rules.yaml')) problems.push(problemAt({ file: 'rules.yaml', line: 1 }, 'the file is missing'))
  if (problems.length > 0 || written === BAD) return err(foremost(problems))

  const rules = isPresent(written) ? { file: written, problems: [] } : inPresentFormat(written, services, texts)
  const declared = declare({ rules: rules.file, services, entities, campaigns, texts })
  const faults = [
    ...rules.problems,
    ...declared.problems,
    ...unresolved(declared.value, references),
    ...tooWide(declared.value),
  ]
  if (faults.length > 0) return err(foremost(faults))
  return ok({ ...declared.value, index: compile(declared.value) })
}

function pushRead<T>(list: T[], value: T | Bad): void {
  if (value !== BAD) list.push(value)
}

/** A parser's own fault on hostile input is the input's fault. */
function readFile<T>(source: string, shape: Reader<T>, reading: Omit<Reading, 'lines'>, budget: Budget): T | Bad {
  try {
    return readYaml(source, shape, reading, budget)
  } catch {
    reading.problems.push(problemAt({ file: reading.file, line: 1 }, 'the file cannot be read as YAML'))
    return BAD
  }
}

function tooLarge(file: string): PolicyProblem {
  return problemAt({ file, line: 1 }, `up to this file the bundle is longer than ${LARGEST_BUNDLE} characters`)
}

/** A bundle of a few pages can span a space that nobody could enumerate. */
function tooWide(policy: Declarations): readonly PolicyProblem[] {
  const { rules, actors, purposes, entities, fields, defaults } = policy
  const acts = actors.size * OPERATIONS.length * purposes.size * entities.size
  if (rules.length * Math.max(acts, fields.size * fields.size) <= LARGEST_SPACE) return []
  return [problemAt(defaults.at, `${rules.length} rules over ${acts} kinds of acts are too many to decide by`)]
}

/** The first problems by place; where there are more, the last one says how many. */
function foremost(problems: readonly PolicyProblem[]): readonly PolicyProblem[] {
  const sorted = [...problems].sort(byPlace)
  const last = sorted[MOST_PROBLEMS]
  if (last === undefined) return sorted
  const more = problemAt(last, `${sorted.length - MOST_PROBLEMS} more problems from here on`)
  return [...sorted.slice(0, MOST_PROBLEMS), more]
}

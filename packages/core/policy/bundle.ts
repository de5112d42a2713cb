import { err, ok, type Result } from '../base/index.ts'
import { type ClauseText, readClauses } from './clauses.ts'
import { compile } from './compile.ts'
import { declare, type Files } from './declare.ts'
import type { Policy } from './policy.ts'
import { type PolicyProblem, problemAt } from './problem.ts'
import { BAD, type Bad, type Reader, type Reading, type Reference } from './reader.ts'
import { unresolved } from './references.ts'
import { campaignFile, rulesFile, serviceFile } from './shapes.ts'
import { LONGEST_FILE, readYaml } from './yaml-file.ts'

/**
 * Reads a bundle: path within the bundle's folder (`rules.yaml`, `services/x.yaml`) -> text. Either a whole policy, or all
 * that is wrong with it, each problem with file, line and clause; never a half-read policy, and nothing is thrown.
 * What parses may still fail `checkPolicy`, and must pass it before it is put in force.
 */
export function parseBundle(files: ReadonlyMap<string, string>): Result<Policy, readonly PolicyProblem[]> {
  const problems: PolicyProblem[] = []
  const references: Reference[] = []
  const texts = new Map<string, ClauseText>()
  let rules: Files['rules'] | Bad = BAD
  const services: Files['services'][number][] = []
  const campaigns: Files['campaigns'][number][] = []

  for (const [file, source] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (source.length > LONGEST_FILE) {
      problems.push(problemAt({ file, line: 1 }, `the file is longer than ${LONGEST_FILE} characters`))
      continue
    }
    const reading: Omit<Reading, 'lines'> = { file, problems, references, clauses: [] }
    const language = /^policy\.([a-z]{2,3})\.md$/.exec(file)?.[1]
    if (language !== undefined) {
      const read = readClauses(file, language, source)
      problems.push(...read.problems)
      texts.set(language, read.text)
    } else if (file === 'rules.yaml') rules = readFile(source, rulesFile, reading)
    else if (/^services\/[a-z0-9-]+\.yaml$/.test(file)) pushRead(services, readFile(source, serviceFile, reading))
    else if (/^campaigns\/[a-z0-9-]+\.yaml$/.test(file)) pushRead(campaigns, readFile(source, campaignFile, reading))
    else problems.push(problemAt({ file, line: 1 }, 'a bundle has no such file'))
  }
  if (!files.has('rules.yaml')) problems.push(problemAt({ file: 'rules.yaml', line: 1 }, 'the file is missing'))
  if (problems.length > 0 || rules === BAD) return err(problems)

  const declared = declare({ rules, services, campaigns, texts })
  const faults = [...declared.problems, ...unresolved(declared.value, references)]
  if (faults.length > 0) return err(faults)
  return ok({ ...declared.value, index: compile(declared.value) })
}

function pushRead<T>(list: T[], value: T | Bad): void {
  if (value !== BAD) list.push(value)
}

/** A parser's own fault on hostile input is the input's fault. */
function readFile<T>(source: string, shape: Reader<T>, reading: Omit<Reading, 'lines'>): T | Bad {
  try {
    return readYaml(source, shape, reading)
  } catch {
    reading.problems.push(problemAt({ file: reading.file, line: 1 }, 'the file cannot be read as YAML'))
    return BAD
  }
}

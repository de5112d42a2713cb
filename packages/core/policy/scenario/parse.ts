import { err, type Facts, ok, type Result } from '../../base/index.ts'
import type { Act } from '../decision.ts'
import { type Declarations, isPersonSide, PERSON } from '../model.ts'
import { type PolicyProblem, problemAt } from '../problem.ts'
import { BAD, type Bad, hint, type Reader, type Reading, type Reference } from '../reader.ts'
import { unresolved } from '../references.ts'
import { sourceFault, withoutMark } from '../source-check.ts'
import { readYaml } from '../yaml-file.ts'
import type { Clock } from './moments.ts'
import { factsOf, fieldsOfData, gatherPeople, knows, type People } from './people.ts'
import type { Question, Scenario } from './scenario.ts'
import { caseFile, testFile } from './shapes.ts'
import type { Setting, TestFile, WrittenAct, WrittenFacts, WrittenSubmission, WrittenTest } from './written.ts'

/** What building a file's tests needs. */
interface Ground {
  readonly policy: Declarations
  readonly people: People
  readonly file: Setting
  readonly clock: Clock
  readonly problems: PolicyProblem[]
}

/**
 * Reads the tests of a bundle: path (`tests/x.yaml`) -> text. People are known to all files. Either every test, in the
 * order of files and lines, or all that is wrong, each problem with file and line; nothing is thrown.
 */
export function parseScenarios(
  policy: Declarations,
  files: ReadonlyMap<string, string>,
): Result<readonly Scenario[], readonly PolicyProblem[]> {
  const problems: PolicyProblem[] = []
  const references: Reference[] = []
  const read: TestFile[] = []
  for (const [file, source] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const value = readFile(file, source, testFile, problems, references)
    if (value !== BAD) read.push(value)
  }
  if (problems.length > 0) return err(problems)
  problems.push(...unresolved(policy, references))
  const people = gatherPeople(
    read.flatMap((file) => file.people),
    problems,
  )
  if (problems.length > 0) return err(problems)

  const names = new Set<string>()
  const scenarios: Scenario[] = []
  for (const file of read) {
    const ground: Ground = { policy, people, file, clock: clockOf(policy, file), problems }
    for (const test of file.tests) {
      if (names.has(test.name)) problems.push(problemAt(test.at, 'there is another test of this name'))
      names.add(test.name)
      const question = questionOf(ground, test)
      if (question !== null)
        scenarios.push({ name: test.name, at: test.at, question, expected: expected(ground, test) })
    }
  }
  return problems.length > 0 ? err(problems) : ok(scenarios)
}

/** Reads a single case to be explained: the setting of a test file with one `given` and one `when`. */
export function parseCase(
  policy: Declarations,
  file: string,
  source: string,
): Result<{ readonly act: Act; readonly facts: Facts | null }, readonly PolicyProblem[]> {
  const problems: PolicyProblem[] = []
  const references: Reference[] = []
  const read = readFile(file, source, caseFile, problems, references)
  if (read === BAD) return err(problems)
  problems.push(...unresolved(policy, references))
  const people = gatherPeople(read.people, problems)
  if (problems.length > 0) return err(problems)
  const ground: Ground = { policy, people, file: read, clock: clockOf(policy, read), problems }
  const act = actOf(ground, read.when)
  const facts = personOf(ground, read.given)
  return problems.length > 0 || act === null ? err(problems) : ok({ act, facts })
}

function readFile<T>(
  file: string,
  source: string,
  shape: Reader<T>,
  problems: PolicyProblem[],
  references: Reference[],
): T | Bad {
  const fault = sourceFault(file, source)
  if (fault !== null) {
    problems.push(fault)
    return BAD
  }
  try {
    const reading: Omit<Reading, 'lines'> = { file, problems, references, clauses: [] }
    return readYaml(withoutMark(source), shape, reading)
  } catch {
    // A parser's own fault on hostile input is the input's fault.
    problems.push(problemAt({ file, line: 1 }, 'the file cannot be read as YAML'))
    return BAD
  }
}

function clockOf({ zone }: Declarations, file: Setting): Clock {
  return { zone, now: file.now({ zone, now: 0 }) }
}

function questionOf(ground: Ground, { when, given, at }: WrittenTest): Question | null {
  if (when.kind === 'act') {
    const act = actOf(ground, when.act)
    const facts = personOf(ground, given)
    return act === null ? null : { kind: 'act', act, facts }
  }
  if (given !== null) ground.problems.push(problemAt(at, 'a form is judged by itself: nobody is given'))
  return formOf(ground, when.submission)
}

function formOf({ policy, file, clock, problems }: Ground, written: WrittenSubmission): Question | null {
  const { form, values, consents, age, at } = written
  if (!policy.forms.has(form)) {
    problems.push(problemAt(at, `unknown form '${form}'${hint(form, [...policy.forms.keys()])}`))
    return null
  }
  const entity = written.entity ?? file.entity
  if (entity === undefined) {
    problems.push(problemAt(at, NO_ENTITY))
    return null
  }
  // What the form does not ask is not told: tests of that say so by a value.
  const told = policy.age === null || age === 'untold' ? {} : { age }
  return { kind: 'form', form, submission: { entity, values, consents, ...told }, now: clock.now }
}

const NO_ENTITY = "the key 'entity' is missing, here and at the head of the file"

function personOf({ policy, people, clock, problems }: Ground, given: WrittenFacts | null): Facts | null {
  if (given === null || !knows(people, given, problems)) return null
  return factsOf(policy, people, given, clock)
}

/** The act that is written. `data` may name categories and compartments: all their fields are asked for at once. */
function actOf({ policy, file, clock, problems }: Ground, written: WrittenAct): Act | null {
  const declared = policy.actors.get(written.actor)
  const entity = written.entity ?? file.entity
  if (entity === undefined) problems.push(problemAt(written.at, NO_ENTITY))
  if (written.data.includes(PERSON) && written.data.length > 1)
    problems.push(problemAt(written.at, `'${PERSON}' stands for no field at all and cannot go with others`))
  if (declared === undefined || entity === undefined) return null
  return {
    actor: { kind: declared.kind, name: isPersonSide(declared.kind) ? '' : declared.id },
    operation: written.operation,
    purpose: written.purpose,
    entity,
    fields: fieldsOfData(policy, written.data),
    ticket: written.ticket,
    ...(written.recipient === undefined ? {} : { recipient: written.recipient }),
    ...(written.channel === undefined ? {} : { channel: written.channel }),
    now: clock.now,
  }
}

function expected({ clock }: Ground, { then }: WrittenTest): Scenario['expected'] {
  return {
    effect: then.permit === null ? 'refuse' : 'permit',
    clauses: then.permit ?? then.refuse ?? [],
    reason: then.reason,
    until: typeof then.until === 'function' ? then.until(clock) : then.until,
  }
}

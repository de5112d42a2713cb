import { parseScenarios } from '../scenario/parse.ts'
import type { Scenario } from '../scenario/scenario.ts'
import type { Policy } from '../policy.ts'
import { netrack, netrackFiles } from './netrack.ts'

/** The files of the tests that are shipped with the bundle. */
export function netrackTestFiles(): ReadonlyMap<string, string> {
  return new Map([...netrackFiles()].filter(([file]) => file.startsWith('tests/')))
}

/** The tests that are shipped with the bundle; throws with their problems where they do not parse. */
export function netrackTests(policy: Policy = netrack()): readonly Scenario[] {
  const parsed = parseScenarios(policy, netrackTestFiles())
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error, null, 2))
  return parsed.value
}

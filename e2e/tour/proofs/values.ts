import * as contract from '@doverie/core/contract'
import { ALL_FIELDS, compartmentOf } from '../journey/grants.ts'
import type { Traveller } from '../journey/journey.ts'
import type { PersonState } from '../journey/person-state.ts'
import { isEvidence } from '../journey/reads.ts'
import type { Stage } from '../journey/stage.ts'
import { openMany } from './batch.ts'
import { grouped, type Proof, proof } from './proof.ts'

/** Everything that is held opens under law, and every value of it is the one collected. */
export async function proveValues(stage: Stage, travellers: readonly Traveller[]): Promise<readonly Proof[]> {
  const states = travellers.map(({ state }) => state).filter(({ destroyed, held }) => !destroyed && held.size > 0)
  const openings = states.map((state) => {
    const fields = ALL_FIELDS.filter((field) => state.held.has(compartmentOf(field)))
    return { state, subject: state.subject, purpose: 'legal', entity: state.person.entity, fields }
  })
  const answers = await openMany(stage, 'dpo', openings)
  const whole = tally()
  const parted = tally()
  for (const [i, { state, fields }] of openings.entries()) {
    count(state.lost.size > 0 ? parted : whole, state, fields, answers[i])
  }
  return [
    line('everybody else opens, as collected', whole),
    line('what is kept of those in part destroyed opens', parted),
  ]
}

interface Tallied {
  people: number
  values: number
  shut: number
  different: number
}

function tally(): Tallied {
  return { people: 0, values: 0, shut: 0, different: 0 }
}

function count(
  tallied: Tallied,
  state: PersonState,
  fields: readonly string[],
  answer: contract.OpenedFields | contract.Problem | undefined,
): void {
  tallied.people += 1
  if (answer === undefined || contract.isProblem(answer)) {
    tallied.shut += 1
    return
  }
  for (const field of fields) {
    const opened = answer.values[field] ?? null
    const right =
      field === 'consent-records'
        ? isEvidence(state, opened)
        : JSON.stringify(opened) === JSON.stringify(state.values.get(field) ?? null)
    if (opened !== null) tallied.values += 1
    if (!right) tallied.different += 1
  }
}

function line(title: string, { people, values, shut, different }: Tallied): Proof {
  const detail = `${grouped(values)} values of ${grouped(people)} people, ${different} different, ${shut} people shut`
  return proof(title, shut === 0 && different === 0, detail)
}

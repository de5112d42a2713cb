import { DoverieError, type ErrorCode, isDoverieError, type Uuid } from '@doverie/core/base'
import { REF } from '../guard/key-ring.ts'
import type { Vault } from '../guard/vault.ts'
import { listHoldersOf } from '../store/key-store.ts'
import { listSubjects, loadFacts } from '../store/subjects.ts'
import { isOpened, openFields } from './open-fields.ts'
import { rightsPurpose } from './on-person.ts'

const PAGE = 1_000
const FIRST: Uuid = '00000000-0000-0000-0000-000000000000'

/** Whom a vault knows, and whether it can open what it holds of them. */
export interface Sampled {
  /** Alive, destroyed or going, as the data say. */
  readonly live: number
  readonly destroyed: number
  /** Alive by the data, and without keys in the key store: what is held of them opens for nobody. */
  readonly keyless: number
  /** People of the sample, and the compartments held of them: opened, refused by the policy, and failed by their fault. */
  readonly people: number
  readonly opened: number
  readonly refused: number
  readonly faults: ReadonlyMap<ErrorCode, number>
}

/**
 * Counts everybody, and opens what is held of so many of them through the guard, each as the person would: decided by the policy
 * and entered in the ledger, so only for a copy that is thrown away. The values are shown to nobody. Throws `policy-absent`.
 */
export async function samplePeople(vault: Vault, size: number): Promise<Sampled> {
  const found = { live: 0, destroyed: 0, keyless: 0 }
  const sample: Uuid[] = []
  for (let after = FIRST; ; ) {
    const page = await listSubjects(vault.data, after, PAGE)
    const last = page.at(-1)
    if (last === undefined) break
    const known = await loadFacts(vault.data, page)
    const live = page.filter((subject) => known.get(subject)?.facts.state === 'live')
    const keyed = await listHoldersOf(vault.keys, REF, live)
    found.live += live.length
    found.destroyed += page.length - live.length
    found.keyless += live.length - keyed.length
    for (const subject of keyed) takeEvenly(vault, sample, subject, size, found.live)
    after = last
  }
  return { ...found, ...(await openAll(vault, sample)) }
}

/** Each of those who came past is in the sample with the same chance (reservoir sampling). */
function takeEvenly(vault: Vault, sample: Uuid[], subject: Uuid, size: number, seen: number): void {
  if (sample.length < size) sample.push(subject)
  else {
    const place = vault.random(6).readUIntBE(0, 6) % seen
    if (place < size) sample[place] = subject
  }
}

async function openAll(
  vault: Vault,
  sample: readonly Uuid[],
): Promise<Pick<Sampled, 'people' | 'opened' | 'refused' | 'faults'>> {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  const entity = [...policy.entities.keys()][0] ?? ''
  const known = await loadFacts(vault.data, sample)
  const faults = new Map<ErrorCode, number>()
  let opened = 0
  let refused = 0
  for (const subject of sample) {
    const caller = { kind: 'subject' as const, subject, proved: known.get(subject)?.facts.proved ?? [] }
    for (const compartment of known.get(subject)?.facts.held ?? []) {
      const fields = [...policy.fields].filter(([, field]) => field.compartment === compartment).map(([name]) => name)
      if (fields.length === 0) continue
      try {
        const outcome = await openFields(vault, caller, { subject, purpose: rightsPurpose(vault), entity, fields })
        if (isOpened(outcome)) opened += 1
        else refused += 1
      } catch (error) {
        if (!isDoverieError(error)) throw error
        faults.set(error.code, (faults.get(error.code) ?? 0) + 1)
      }
    }
  }
  return { people: sample.length, opened, refused, faults }
}

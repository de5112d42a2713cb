import { DoverieError, type Instant, type Representative, type Uuid } from '@doverie/core/base'
import type { RepresentativeCaller, SubjectCaller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import { checkSubjectId } from '../guard/vocabulary.ts'
import { listRepresentations } from '../store/representation.ts'
import { loadFacts } from '../store/subjects.ts'

/** Somebody for whom the person who asks may act, and how far. */
export interface Represented {
  readonly subject: Uuid
  readonly authority: Representative
}

/** For whom a person may act now, by authority that was verified and has neither been ended nor lapsed. */
export async function listRepresented(
  vault: Vault,
  { subject: person }: SubjectCaller,
): Promise<readonly Represented[]> {
  const known = await listRepresentations(vault.data, person)
  const facts = await loadFacts(vault.data, [...new Set(known.map(({ subject }) => subject))])
  const now = vault.now()
  return known.flatMap(({ subject, representative }) => {
    const of = facts.get(subject)?.facts
    const authority = of?.state === 'live' ? of.representatives?.find(({ id }) => id === representative) : undefined
    return authority !== undefined && holds(authority, now) ? [{ subject, authority }] : []
  })
}

/**
 * Somebody signed in as themselves, as the representative of another person. Whether their authority holds is asked again of the
 * facts at every act; of several the one that covers most is taken. Throws `forbidden`, alike whether there is such a person.
 */
export async function actFor(vault: Vault, caller: SubjectCaller, subject: string): Promise<RepresentativeCaller> {
  checkSubjectId(subject)
  const authorities = (await listRepresented(vault, caller)).filter((one) => one.subject === subject)
  const [widest] = authorities.map(({ authority }) => authority).sort((a, b) => breadth(b) - breadth(a))
  if (widest === undefined) throw new DoverieError('forbidden', 'No authority to act for this person is known here.')
  const { id, scope } = widest
  const { session, proved, steps } = caller
  return {
    kind: 'representative',
    subject,
    representative: id,
    person: caller.subject,
    scope: scope ?? null,
    proved,
    ...(session === undefined ? {} : { session }),
    ...(steps === undefined ? {} : { steps }),
  }
}

function breadth({ scope }: Representative): number {
  return scope?.length ?? Number.POSITIVE_INFINITY
}

function holds({ since, until }: Representative, now: Instant): boolean {
  return since <= now && (until === null || until > now)
}

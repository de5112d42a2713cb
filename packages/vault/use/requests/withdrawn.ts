import type { Instant, Localised, Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { DocumentLanguage } from '../../documents/texts.ts'
import type { Vault } from '../../guard/vault.ts'
import { listEventsOf } from '../../store/subjects.ts'

/** Consents that were withdrawn, in words, each once, and when the last of them was; null where none was. */
export interface Withdrawn {
  readonly consents: readonly string[]
  readonly at: Instant | null
}

/** Which consents of a person were withdrawn since a moment, by whichever way; all that is known of them is in their events. */
export async function withdrawnSince(
  vault: Vault,
  policy: Policy,
  subject: Uuid,
  since: Instant,
  language: DocumentLanguage,
): Promise<Withdrawn> {
  const say = (text: Localised | undefined, otherwise: string): string => text?.[language] ?? text?.['ru'] ?? otherwise
  const ended = (await listEventsOf(vault.data, [subject])).flatMap(({ event }) =>
    event.kind === 'consent-withdrawn' && event.at >= since ? [event] : [],
  )
  const consents = ended.map(({ purpose, entity }) => {
    const what = say(policy.purposes.get(purpose)?.label, purpose)
    return entity === null ? what : `${what} (${say(policy.entities.get(entity)?.label, entity)})`
  })
  return { consents: [...new Set(consents)], at: ended.at(-1)?.at ?? null }
}

import type { Uuid } from '@doverie/core/base'
import { answeringKey, isOfLostKey, type LetterKey, loadLetterKey } from '../../guard/letter-keys.ts'
import type { Vault } from '../../guard/vault.ts'
import type { IncidentRow } from '../../store/incidents.ts'

const PART = 'incident'

/** What staff say of an incident in their own words. Words may name people: they lie sealed under a key of the incident's own. */
export interface IncidentContent {
  readonly what: string
  readonly cause: string
  /** Systems concerned. */
  readonly systems: string
  readonly harm: string
  readonly measures: string
  /** Who is authorised to deal with the authority. */
  readonly contact: string
  /** What the investigation found, and whose actions caused it. */
  readonly result: string
  readonly culprits: string
  /** Why it is no breach, or why the people are not told, in words. */
  readonly reason: string
  /** The numbers that the authority gave the notices, and the operator's own reference. */
  readonly references: readonly string[]
  /** What the people affected are told, in their languages. */
  readonly message: Readonly<Record<'ru' | 'en', string>>
}

/** All that can be said of an incident, in one go or bit by bit. */
export type IncidentWords = Partial<Omit<IncidentContent, 'references' | 'message'>>

const NOTHING: IncidentContent = {
  ...{ what: '', cause: '', systems: '', harm: '', measures: '', contact: '', result: '', culprits: '', reason: '' },
  references: [],
  message: { ru: '', en: '' },
}

export function sealIncident(key: LetterKey, content: Partial<IncidentContent>): Buffer {
  return key.seal(PART, Buffer.from(JSON.stringify({ ...NOTHING, ...content })))
}

/** What is said of an incident, and the key for more; nothing where an older key store has lost the key: then its clocks run on all the same. */
export async function openIncidentWords(
  vault: Vault,
  { id, sealed }: Pick<IncidentRow, 'id' | 'sealed'>,
): Promise<{ readonly content: IncidentContent; readonly key: LetterKey }> {
  const at = vault.now()
  const key = await loadLetterKey(vault, id, at).catch((error: unknown) => {
    if (!isOfLostKey(error)) throw error
    return answeringKey(vault, id, at)
  })
  return { content: openSealed(key, sealed), key }
}

/** What is said of an incident, by its key alone, as under the lock of its row; nothing where it lies under a key that is lost. */
export function openSealed(key: LetterKey, sealed: Uint8Array): IncidentContent {
  try {
    return JSON.parse(key.open(PART, sealed).toString('utf8')) as IncidentContent
  } catch (error) {
    if (!isOfLostKey(error)) throw error
    return NOTHING
  }
}

/** A part of an incident sealed under its key: a document by its id. */
export function partOf(document: Uuid, twin: boolean): string {
  return twin ? `${document}|twin` : document
}

import type { Uuid } from '@doverie/core/base'
import { answeringKey, isOfLostKey, type LetterKey } from '../../guard/letter-keys.ts'
import type { Vault } from '../../guard/vault.ts'
import type { DutyRow } from '../../store/duties.ts'

const PART = 'duty'

/** What staff say of a duty in their own words. Words may name people: they lie sealed under a key of the duty's own. */
export interface DutyContent {
  /** Who is responsible for organising the processing, as the authority is told: name and ways to reach them. */
  readonly contact: string
  /** Where the databases are. */
  readonly place: string
  /** Since when data are processed. */
  readonly begins: string
  /** The level of protection, means of encryption, what else is told of security. */
  readonly security: string
  /** Numbers by which the operator is registered. */
  readonly tax: string
  /** Who assessed or signed: names and posts. */
  readonly signatory: string
  /** Whom an agreement is with: name and address, as people are told (152-FZ art. 14(7)(9)). */
  readonly party: string
  readonly note: string
}
export type DutyWords = Partial<DutyContent>

const NOTHING: DutyContent = {
  ...{ contact: '', place: '', begins: '', security: '', tax: '' },
  ...{ signatory: '', party: '', note: '' },
}

/** The key of a duty, made with its first words. A crash before they are stored leaves a key of a duty that has none yet. */
export function dutyKey(vault: Vault, id: Uuid): Promise<LetterKey> {
  return answeringKey(vault, id, vault.now())
}

/** What was said before with what is said now. */
export function saying(key: LetterKey, sealed: Uint8Array | null, words: DutyWords): Buffer {
  const given = Object.entries(words).filter(([, text]) => (text as string | undefined) !== undefined)
  return key.seal(PART, Buffer.from(JSON.stringify({ ...openDutyWords(key, sealed), ...Object.fromEntries(given) })))
}

/** What is said of a duty; nothing where nobody said anything, or its key is lost: then its clocks run on all the same. */
export function openDutyWords(key: LetterKey, sealed: Uint8Array | null): DutyContent {
  if (sealed === null) return NOTHING
  try {
    return { ...NOTHING, ...(JSON.parse(key.open(PART, sealed).toString('utf8')) as DutyWords) }
  } catch (error) {
    if (!isOfLostKey(error)) throw error
    return NOTHING
  }
}

/** What is said of a duty, as it stands. */
export async function wordsOf(vault: Vault, { id, sealed }: Pick<DutyRow, 'id' | 'sealed'>): Promise<DutyContent> {
  return sealed === null ? NOTHING : openDutyWords(await dutyKey(vault, id), sealed)
}

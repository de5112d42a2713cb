import type { Instant, Localised, Uuid } from '@doverie/core/base'
import type { Caller } from '../guard/caller.ts'
import type { Vault } from '../guard/vault.ts'
import type { KmsKind } from '../seal/kms.ts'
import { listDestructions as list, type RegisteredDestruction } from '../store/destructions.ts'
import { assertOfficer } from './duties.ts'

/** An act of destruction with its horizon: when what was gone, honestly. */
export interface DestructionAct
  extends Pick<
    RegisteredDestruction,
    'id' | 'subject' | 'person' | 'compartments' | 'purpose' | 'entry' | 'begunAt' | 'epoch'
  > {
  /** Rows, keys and search tags gone from both databases. */
  readonly goneAt: Instant
  /** The root version destroyed that old copies of the keys are wrapped under; null until the epoch has ended. */
  readonly rootDestroyedAt: Instant | null
  /** From when on no old copy of either database can be opened; null until that is known. */
  readonly irrecoverableFrom: Instant | null
  /** What may outlast even that, where the root key was held. */
  readonly remanence: Localised
}

const REMANENCE: Readonly<Record<KmsKind, Localised>> = {
  file: {
    ru: 'Ключ удалён из файла, место на диске перезаписано. Копия папки ключей, снимок диска, флеш-накопитель или копирующая файловая система могли его сохранить.',
    en: 'The key left the file and the disk was overwritten. A copy of the keys folder, a snapshot, a flash drive or a copying file system may have kept it.',
  },
  transit: {
    ru: 'Версия ключа удалена из хранилища OpenBao или Vault. Копии самого этого хранилища, сделанные раньше, содержат её до конца своего срока.',
    en: 'The version was trimmed from OpenBao or Vault. Earlier copies of that store itself hold it until they expire.',
  },
  aws: {
    ru: 'AWS KMS уничтожает ключ по окончании срока ожидания; до этого дня владелец счёта может отменить удаление.',
    en: 'AWS KMS destroys the key when its waiting days are over; until that day the account’s owner can cancel the deletion.',
  },
}

const PAGE = 200

/** The register of destructions, newest first, for the data-protection officer: of one person, or those done before a moment. */
export async function listDestructions(
  vault: Vault,
  caller: Caller,
  which: { readonly subject?: Uuid | undefined; readonly before?: Instant | undefined } = {},
): Promise<readonly DestructionAct[]> {
  assertOfficer(vault, caller)
  const { subject = null, before = null } = which
  return (await list(vault.keys, { subject, before, limit: PAGE })).map(actOf)
}

function actOf(row: RegisteredDestruction): DestructionAct {
  const { id, subject, person, compartments, purpose, entry, begunAt, doneAt, epoch } = row
  return { ...{ id, subject, person, compartments, purpose, entry, begunAt, epoch }, goneAt: doneAt, ...horizonOf(row) }
}

/** From when on nothing brings it back, and what may outlast even that. */
export function horizonOf({
  kms,
  rootDestroyedAt,
  irrecoverableFrom,
}: RegisteredDestruction): Pick<DestructionAct, 'rootDestroyedAt' | 'irrecoverableFrom' | 'remanence'> {
  return {
    rootDestroyedAt,
    irrecoverableFrom: rootDestroyedAt === null ? null : (irrecoverableFrom ?? rootDestroyedAt),
    remanence: REMANENCE[kms as KmsKind],
  }
}

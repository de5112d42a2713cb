import { ANSWER, earliest } from '@doverie/core/request'
import { dayAt, formatDay } from '@doverie/core/base'
import { tellOfficer } from '../deputies/tell-officer.ts'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import type { RequestRow } from '../../store/requests.ts'
import type { Case } from './on-request.ts'

/** Tells the officer by mail how much of a term has passed. Number, kind and days only: no word of the letter, no name. */
export async function queueEscalation(
  vault: Vault,
  tx: Queryable,
  { policy, law }: Case,
  row: RequestRow,
): Promise<void> {
  const first = earliest(row.fold.tracks)
  if (first === null) return
  const share = Math.max(...row.fold.tracks.filter(({ end }) => end === null).map(({ told }) => told))
  const day = (instant: number): string => formatDay(dayAt(law.zone, instant - 1))
  const clock = law.profile.clocks.find(({ id }) => id === first.rule)
  const what = first.rule === ANSWER ? { ru: 'ответить', en: 'answer' } : clock?.duty
  await tellOfficer(vault, tx, policy, {
    subject: `Обращение ${row.number}: прошло ${share} % срока / request ${row.number}: ${share} % of its term`,
    text: [
      `Обращение ${row.number} (${row.kind}), получено ${day(row.receivedAt + 1)}.`,
      `Ближайший срок: ${what?.['ru'] ?? first.rule}, до ${day(first.planned)} включительно, крайний день ${day(first.outer)}.`,
      '',
      `Request ${row.number} (${row.kind}), received ${day(row.receivedAt + 1)}.`,
      `Next: ${what?.['en'] ?? first.rule}, by ${day(first.planned)}, at the latest ${day(first.outer)}.`,
    ].join('\n'),
  })
}

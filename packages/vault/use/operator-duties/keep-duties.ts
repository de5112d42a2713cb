import { DoverieError, formatInstant, isDoverieError } from '@doverie/core/base'
import { owedBy } from '@doverie/core/policy'
import { earliest, escalationDue, isOwed, type LaterDutyEvent } from '@doverie/core/request'
import { clockWords } from '../../documents/clock-words.ts'
import { DUTY_WORDS } from '../../documents/duty-words.ts'
import { tellOfficer } from '../deputies/tell-officer.ts'
import type { Vault } from '../../guard/vault.ts'
import { type Queryable, transaction } from '../../store/database.ts'
import { type DutyRow, listDuties } from '../../store/duties.ts'
import { lawFor, policyOf } from '../requests/law.ts'
import { actOnDuty, type DutyCase, enterDuty } from './on-duty.ts'

const MOST = 1_000

/**
 * Sees to the operator's own duties: enters what the policy in force asks to be in writing and is not, asks for an assessment anew when the
 * policy has changed, and reminds the officer at 50, 80 and 100 % of a term. Safe in several processes: of two that find the same owed, one
 * enters it. Gives how many duties it entered or moved.
 */
export async function keepDuties(vault: Vault): Promise<number> {
  if (vault.policy() === null) return 0
  const rows = await listDuties(vault.data, MOST)
  let moved = await openOwed(vault, rows)
  const faults: Error[] = []
  for (const row of rows.filter(({ endedAt }) => endedAt === null)) {
    try {
      if (await keepDuty(vault, row)) moved += 1
    } catch (error) {
      // Another process was first. One that fails keeps no other waiting.
      if (!isDoverieError(error, 'conflict')) faults.push(error instanceof Error ? error : new DoverieError('internal'))
    }
  }
  const [fault] = faults
  if (fault !== undefined) throw fault
  return moved
}

/** What has ended is owed anew while the policy asks for it; what was confirmed, or is not required, is not. */
async function openOwed(vault: Vault, rows: readonly DutyRow[]): Promise<number> {
  const policy = policyOf(vault)
  const law = lawFor(vault, policy)
  const missing = owedBy(policy, law.profile).filter(
    ({ kind, about }) =>
      isOwed(law, kind) && !rows.some((row) => row.kind === kind && row.about === about && row.state !== 'ended'),
  )
  let opened = 0
  for (const { kind, about } of missing) {
    const country = policy.recipients.get(about)?.country
    const facts = { version: policy.id, ...(kind === 'cross-border' && country != null ? { country } : {}) }
    const duty = { kind, about, start: vault.now(), facts }
    if ((await transaction(vault.data, (tx) => enterDuty(vault, tx, null, { policy, law }, duty))) !== null) opened += 1
  }
  return opened
}

async function keepDuty(vault: Vault, row: DutyRow): Promise<boolean> {
  const policy = policyOf(vault)
  const found = { policy, law: lawFor(vault, policy), row }
  if (row.kind === 'harm' && row.state === 'in-force' && row.facts.version !== policy.id) {
    await actOnDuty(vault, found, {
      name: 'renew-duty',
      caller: null,
      events: (_, at) => [{ kind: 'outdated', at }],
      detail: { before: row.facts.version ?? '', version: policy.id },
      change: ({ facts }) => ({ facts: { ...facts, version: policy.id, before: row.facts.version ?? null } }),
    })
    return true
  }
  return remind(vault, found)
}

async function remind(vault: Vault, found: DutyCase): Promise<boolean> {
  const now = vault.now()
  if (found.row.wakeAt === null || found.row.wakeAt > now) return false
  await actOnDuty(vault, found, {
    name: 'escalate-duty',
    caller: null,
    events: ({ fold }, at) => {
      const due = fold.tracks.flatMap((track): readonly LaterDutyEvent[] => {
        const share = escalationDue(track, at)
        return share === null ? [] : [{ kind: 'escalated', rule: track.rule, share, at }]
      })
      // Another process was first.
      if (due.length === 0) throw new DoverieError('conflict')
      return due
    },
    also: (tx, row) => queueReminder(vault, tx, found, row),
  })
  return true
}

/** Number, kind, moments and duty only: no word that anybody wrote. */
async function queueReminder(vault: Vault, tx: Queryable, { policy, law }: DutyCase, row: DutyRow): Promise<void> {
  const first = earliest(row.fold.tracks)
  if (first === null) return
  const share = first.told
  const due = formatInstant(law.zone, first.planned)
  const kind = DUTY_WORDS[row.kind]
  const about = policy.recipients.get(row.about)?.label
  await tellOfficer(vault, tx, policy, {
    subject: `Обязанность ${row.number}: прошло ${share} % срока / duty ${row.number}: ${share} % of its term`,
    text: [
      `${kind['ru'] ?? ''}${about === undefined ? '' : `, ${about['ru'] ?? ''}`}, № ${row.number}.`,
      `Ближайший срок: ${clockWords(law, first.rule)['ru'] ?? first.rule}, до ${due}.`,
      '',
      `${kind['en'] ?? ''}${about === undefined ? '' : `, ${about['en'] ?? ''}`}, No. ${row.number}.`,
      `Next: ${clockWords(law, first.rule)['en'] ?? first.rule}, by ${due}.`,
    ].join('\n'),
  })
}

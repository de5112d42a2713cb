import { DoverieError, type Instant } from '@doverie/core/base'
import type { AuditedEntry } from '@doverie/core/log'
import type { Caller } from '../guard/caller.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { findPeriod } from '../store/simulation.ts'
import { assertDuty } from './duties.ts'
import { entriesBetween } from './read-ledger.ts'

/** A page of the ledger's private half. */
export interface AuditPage {
  readonly entries: readonly AuditedEntry[]
  /** What to go on after; null where the period ends. */
  readonly next: number | null
}

export interface AuditRequest {
  readonly from: Instant
  readonly to: Instant
  /** The last place of the page before. */
  readonly after?: number | undefined
}

const PAGE = 2_000

/**
 * The entries of a period for whoever has the duty to audit: every place from the first of it to the last, none left out, so that
 * gaps show. No personal data is in them; whose an entry is, `ref` tells nobody without that person's secret. Every page is
 * itself entered in the ledger, before it is read: `after` is the caller's word. Throws `forbidden`, and `ledger-inconsistent` where a private half is missing.
 */
export async function auditLedger(vault: Vault, caller: Caller, request: AuditRequest): Promise<AuditPage> {
  const auditor = await assertDuty(vault, caller, 'audit')
  const { from, to, after } = request
  if (to <= from) throw new DoverieError('invalid-request', 'The period ends before it begins.', { field: 'to' })
  const clauses = vault.policy()?.actors.get(auditor.name)?.clauses ?? []
  const detail = after === undefined ? { from, to } : { from, to, after }
  await transaction(vault.data, (tx) => recordAct(vault, tx, 'audit', auditor, clauses, detail))
  const places = await findPeriod(vault.data, from, to)
  if (places === null) return { entries: [], next: null }
  const first = Math.max(places.first, (after ?? -1) + 1)
  const end = Math.min(places.end, first + PAGE)
  if (first >= end) return { entries: [], next: null }
  const held = await entriesBetween(vault.data, first, end)
  const entries = Array.from({ length: end - first }, (_, i) => {
    const entry = held.get(first + i)
    if (entry === undefined)
      throw new DoverieError('ledger-inconsistent', `The private half of entry ${first + i} is missing.`)
    return { place: first + i, salt: entry.salt.toString('hex'), body: entry.body }
  })
  return { entries, next: end < places.end ? end - 1 : null }
}

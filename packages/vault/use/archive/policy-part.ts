import { type Canonical, canonical, type Instant } from '@doverie/core/base'
import { formContract, parseBundle, type Policy } from '@doverie/core/policy'
import type { ArchivedRow, ArchivePeriod } from '../../store/archive.ts'
import type { Queryable } from '../../store/database.ts'
import { findDocument } from '../../store/documents.ts'
import { listPolicyVersions, type PolicyVersionRow } from '../../store/policy-versions.ts'

/** A version that was in force in a period, and until when it was. */
export interface VersionInForce {
  readonly row: PolicyVersionRow
  readonly from: Instant
  readonly until: Instant | null
}

/** Every version in force at any time of the period, the oldest first. */
export async function versionsIn(tx: Queryable, { begin, end }: ArchivePeriod): Promise<readonly VersionInForce[]> {
  const adopted = (await listPolicyVersions(tx))
    .flatMap((row) => (row.effective_from === null ? [] : [{ row, from: row.effective_from.getTime() }]))
    .sort((a, b) => a.from - b.from || Number(a.row.adopted_at) - Number(b.row.adopted_at))
  return adopted
    .map(({ row, from }, i) => ({ row, from, until: adopted[i + 1]?.from ?? null }))
    .filter(({ from, until }) => from < end && (until === null || (until > begin && until > from)))
}

export function versionLine({ row, until }: VersionInForce): ArchivedRow {
  return {
    ...{
      version: row.version,
      effectiveFrom: row.effective_from,
      effectiveUntil: until === null ? null : new Date(until),
    },
    ...{ text: row.text_hash, bundle: row.bundle_hash, proposedBy: row.proposed_by, proposedAt: row.proposed_at },
    ...{ adoptedBy: row.adopted_by, adoptedAt: row.adopted_at },
  }
}

/**
 * The files of a version: the bundle as it was proposed (its SHA-256 is the one that the ledger has), its texts to be read, and its forms
 * with all that they show. Forms of one that this program cannot read any more are left out.
 */
export async function* policyFiles(
  tx: Queryable,
  { row, from }: VersionInForce,
  { begin }: ArchivePeriod,
): AsyncGenerator<{ readonly path: string; readonly text: string }> {
  const folder = `policies/${row.version.replaceAll(/[^A-Za-z0-9@._-]/g, '_')}`
  const body = await findDocument(tx, row.bundle_hash)
  if (body === null) return
  yield { path: `${folder}/bundle.json`, text: body }
  const files = new Map(Object.entries(JSON.parse(body) as Readonly<Record<string, string>>))
  for (const [name, text] of files) {
    if (/^policy\.[a-z]{2,3}\.md$/.test(name)) yield { path: `${folder}/${name}`, text }
  }
  const parsed = parseBundle(files)
  if (parsed.ok) yield { path: `${folder}/forms.json`, text: formsText(parsed.value, Math.max(from, begin)) }
}

/** Every form that was offered at a moment, as its contract has it: fields with what they are for, notices, texts of consents, schema. */
function formsText(policy: Policy, at: Instant): string {
  const forms = [...policy.forms.keys()].sort().flatMap((id) => {
    const contract = formContract(policy, id, at)
    return contract.ok ? [canonical(contract.value as unknown as Canonical)] : []
  })
  return `[\n${forms.join(',\n')}\n]\n`
}

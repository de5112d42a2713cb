import { hash } from 'node:crypto'
import { canonical, DoverieError, err, type Instant, isDoverieError, ok, type Result } from '@doverie/core/base'
import { checkPolicy, parseBundle, type Policy, type PolicyProblem, problemLine } from '@doverie/core/policy'
import type { Caller, StaffCaller } from '../guard/caller.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { staffRoles } from '../store/access.ts'
import { type Queryable, transaction } from '../store/database.ts'
import { findDocument, keepDocument } from '../store/documents.ts'
import {
  adoptPolicyVersion,
  findPolicyInForce,
  insertPolicyVersion,
  listPolicyVersions,
  lockPolicyVersions,
  type PolicyVersionRow,
} from '../store/policy-versions.ts'
import { assertDuty, assertSecond, linkOf } from './duties.ts'
import { enterChangeNotice } from './operator-duties/change-notice.ts'

/** Whoever holds the machine: they propose what lies in the policy's folder. No pseudonym has a colon, so nobody is called this. */
const INSTALLATION = 'machine:holder'

/** Files of a bundle: path -> text. */
export type BundleFiles = ReadonlyMap<string, string>

/** Proves what a bundle promises of all its decisions, and tells what does not hold. It takes seconds: see where it is given. */
export type Prover = (files: BundleFiles) => Promise<readonly PolicyProblem[]>

const unproved: Prover = () => Promise.resolve([])

/** A version of the policy and what became of it. */
export interface PolicyVersion {
  /** `bundle@version`. */
  readonly version: string
  /** SHA-256 of the operator's official text, hex. */
  readonly text: string
  /** SHA-256 of the canonical JSON of the bundle's files, hex. */
  readonly bundle: string
  readonly proposedBy: string
  readonly proposedAt: Instant
  /** Null while it waits for a second person. */
  readonly adoptedBy: string | null
  readonly adoptedAt: Instant | null
  /** The first instant of its validity; null while it waits. */
  readonly effectiveFrom: Instant | null
}

/**
 * Proposes a bundle as the next version of the policy: it is parsed, checked, proved where it is new, kept for ever under its version and entered in the
 * ledger with the hash of its text. `caller` null is whoever holds the machine. A version proposed before is left as it is; with
 * another content it is `policy-invalid`, for decisions name versions. The very first version of an installation is adopted with
 * the proposal: there is nobody yet to be the second person.
 */
export async function proposePolicy(
  vault: Vault,
  caller: Caller | null,
  files: BundleFiles,
  prove: Prover = unproved,
): Promise<Result<PolicyVersion, readonly PolicyProblem[]>> {
  if (caller !== null) await assertDuty(vault, caller, 'adopt')
  const parsed = parseBundle(files)
  return parsed.ok ? propose(vault, caller, files, parsed.value, prove) : parsed
}

async function propose(
  vault: Vault,
  caller: Caller | null,
  files: BundleFiles,
  policy: Policy,
  prove: Prover,
): Promise<Result<PolicyVersion, readonly PolicyProblem[]>> {
  const body = canonical(Object.fromEntries(files))
  const bundleHash = hash('sha256', body, 'buffer')
  const known = proposedBefore(policy, bundleHash, await listPolicyVersions(vault.data))
  // What was taken before was checked and proved then.
  if (known !== null) return ok(versionOf(known))
  const problems = checkPolicy(policy)
  if (problems.length > 0) return err(problems)
  const disproved = await prove(files)
  if (disproved.length > 0) return err(disproved)
  const at = vault.now()
  const row = await transaction(vault.data, async (tx) => {
    await lockPolicyVersions(tx)
    const versions = await listPolicyVersions(tx)
    const meanwhile = proposedBefore(policy, bundleHash, versions)
    if (meanwhile !== null) return meanwhile
    await keepDocument(tx, bundleHash, body, at)
    const text_hash = Buffer.from(policy.official.sha256, 'hex')
    const proposed_by = nameOf(caller)
    await insertPolicyVersion(tx, { version: policy.id, text_hash, bundle_hash: bundleHash, proposed_by }, at)
    await recordVersion(vault, tx, 'propose-policy', caller, policy, bundleHash, {})
    if (versions.length === 0) await putOnRecord(vault, tx, caller, policy, bundleHash, proposed_by, at)
    const [made] = (await listPolicyVersions(tx)).filter(({ version }) => version === policy.id)
    if (made === undefined) throw new DoverieError('internal')
    return made
  })
  return ok(versionOf(row))
}

/** The row of this very bundle; null where its version is new. Throws `policy-invalid` where the version has another content. */
function proposedBefore(
  policy: Policy,
  bundleHash: Buffer,
  versions: readonly PolicyVersionRow[],
): PolicyVersionRow | null {
  const known = versions.find(({ version }) => version === policy.id)
  if (known === undefined || bundleHash.equals(known.bundle_hash)) return known ?? null
  throw new DoverieError('policy-invalid', `The content of ${policy.id} has changed: give the bundle a new version.`)
}

/**
 * Adopts a proposed version: it is in force from its own first day, or at once. INVARIANT: the one who adopts is not the one who
 * proposed. What it changes of what the authority was told opens a notice of that. Adopting again changes nothing. Throws `forbidden`, `not-found` for a version nobody proposed, and `policy-invalid` for
 * one that passes no more.
 */
export async function adoptPolicy(vault: Vault, caller: Caller, version: string): Promise<PolicyVersion> {
  const officer = await assertDuty(vault, caller, 'adopt')
  const row = await transaction(vault.data, async (tx) => {
    await lockPolicyVersions(tx)
    const known = await versionNamed(tx, version)
    if (known.adopted_at !== null) return known
    assertSecond(caller, known.proposed_by)
    const policy = await policyOf(tx, known)
    assertPasses(policy)
    await assertServed(tx, policy, officer)
    await putOnRecord(vault, tx, caller, policy, known.bundle_hash, known.proposed_by, vault.now())
    return versionNamed(tx, version)
  })
  await refreshPolicy(vault)
  return versionOf(row)
}

/** A proposal may have waited while the program learnt to ask for more. */
function assertPasses(policy: Policy): void {
  const [problem] = checkPolicy(policy)
  if (problem === undefined) return
  throw new DoverieError('policy-invalid', `${policy.id} does not pass the check any more: ${problemLine(problem)}`)
}

/** Throws `policy-invalid` where under this version nobody here could give access or put the next one in force. */
async function assertServed(tx: Queryable, policy: Policy, officer: StaffCaller): Promise<void> {
  const roles = [officer.name, ...(await staffRoles(tx))]
  for (const duty of ['access', 'adopt'] as const) {
    if (roles.some((role) => policy.actors.get(role)?.duties.includes(duty))) continue
    throw new DoverieError('policy-invalid', `No member of staff has a role with the duty '${duty}' by this version.`)
  }
}

/**
 * Puts the version in force here that the database says is: after an adoption, here or in another process, and on the first day
 * of one adopted ahead. Where that version cannot be read any more, everything is refused: an older one is no substitute.
 * `proposed`, where given, is a bundle whose content is known to be that of its version: it is not read again.
 */
export async function refreshPolicy(vault: Vault, proposed?: Policy): Promise<void> {
  // One after the other: what was read before an adoption must not be put in force after it.
  const before = refreshing.get(vault) ?? Promise.resolve()
  const mine = before.then(() => refreshNow(vault, proposed))
  refreshing.set(
    vault,
    mine.catch(() => undefined),
  )
  return mine
}

const refreshing = new WeakMap<Vault, Promise<void>>()

async function refreshNow(vault: Vault, proposed?: Policy): Promise<void> {
  const row = await findPolicyInForce(vault.data, vault.now())
  if (row === null || vault.policy()?.id === row.version) return
  try {
    vault.setPolicy(proposed?.id === row.version ? proposed : await policyOf(vault.data, row))
  } catch (error) {
    vault.setPolicy(null)
    throw error
  }
}

/** Proposes a bundle for whoever holds the machine, and puts in force here what is adopted: the first version is, at once. */
export async function loadPolicy(
  vault: Vault,
  files: BundleFiles,
  prove: Prover = unproved,
): Promise<Result<PolicyVersion, readonly PolicyProblem[]>> {
  const parsed = parseBundle(files)
  if (!parsed.ok) return parsed
  const proposed = await propose(vault, null, files, parsed.value, prove)
  if (proposed.ok) await refreshPolicy(vault, parsed.value)
  return proposed
}

/** The policy in force, or null. */
export function currentPolicy(vault: Vault): Policy | null {
  return vault.policy()
}

/** Every version, oldest first. */
export async function listPolicies(vault: Vault): Promise<readonly PolicyVersion[]> {
  return (await listPolicyVersions(vault.data)).map(versionOf)
}

/** A version with its files, as they were proposed. Throws `not-found`. */
export async function readPolicy(
  vault: Vault,
  version: string,
): Promise<PolicyVersion & { readonly files: Readonly<Record<string, string>> }> {
  const row = await versionNamed(vault.data, version)
  return { ...versionOf(row), files: await filesOf(vault.data, row) }
}

/** The policy of a version as it is decided by, for whoever looks back at its decisions. Throws `not-found`. */
export async function policyNamed(vault: Vault, version: string): Promise<Policy> {
  const current = vault.policy()
  return current?.id === version ? current : policyOf(vault.data, await versionNamed(vault.data, version))
}

/** The same; null where no version of that name was proposed, or its files are missing, changed or understood no more. */
export async function policyIfKept(vault: Vault, version: string): Promise<Policy | null> {
  try {
    return await policyNamed(vault, version)
  } catch (error) {
    if (isDoverieError(error, 'policy-invalid') || isDoverieError(error, 'not-found')) return null
    throw error
  }
}

async function versionNamed(db: Queryable, version: string): Promise<PolicyVersionRow> {
  const row = (await listPolicyVersions(db)).find((one) => one.version === version)
  if (row === undefined) throw new DoverieError('not-found', 'No such version of the policy was proposed.')
  return row
}

async function filesOf(db: Queryable, row: PolicyVersionRow): Promise<Readonly<Record<string, string>>> {
  const body = await findDocument(db, row.bundle_hash)
  if (body === null || !hash('sha256', body, 'buffer').equals(row.bundle_hash)) {
    throw new DoverieError('policy-invalid', `The kept files of ${row.version} are missing or changed.`)
  }
  return JSON.parse(body) as Record<string, string>
}

async function policyOf(db: Queryable, row: PolicyVersionRow): Promise<Policy> {
  const parsed = parseBundle(new Map(Object.entries(await filesOf(db, row))))
  if (!parsed.ok || parsed.value.id !== row.version) {
    throw new DoverieError('policy-invalid', `The kept files of ${row.version} are not readable by this program.`)
  }
  return parsed.value
}

async function putOnRecord(
  vault: Vault,
  tx: Queryable,
  caller: Caller | null,
  policy: Policy,
  bundleHash: Buffer,
  proposer: string,
  at: Instant,
): Promise<void> {
  const from = Math.max(at, policy.effective?.from ?? at)
  const former = await findPolicyInForce(tx, from)
  await adoptPolicyVersion(tx, policy.id, nameOf(caller), at, from)
  await recordVersion(vault, tx, 'adopt-policy', caller, policy, bundleHash, {
    proposer,
    approver: nameOf(caller),
    effective: from,
    ...linkOf(caller),
  })
  if (former === null) return
  const before = await readable(tx, former)
  await enterChangeNotice(vault, tx, caller, { before, version: former.version, after: policy, from })
}

/** The policy of a version; null where its files are understood no more. */
async function readable(tx: Queryable, row: PolicyVersionRow): Promise<Policy | null> {
  try {
    return await policyOf(tx, row)
  } catch (error) {
    if (isDoverieError(error, 'policy-invalid')) return null
    throw error
  }
}

async function recordVersion(
  vault: Vault,
  tx: Queryable,
  act: string,
  caller: Caller | null,
  policy: Policy,
  bundleHash: Buffer,
  detail: Readonly<Record<string, string | number>>,
): Promise<void> {
  await recordAct(vault, tx, act, caller, policy.defaults.acts.adopt, {
    version: policy.id,
    text: policy.official.sha256,
    bundle: bundleHash.toString('hex'),
    ...detail,
  })
}

export function nameOf(caller: Caller | null): string {
  return caller?.kind === 'staff' ? caller.pseudonym : INSTALLATION
}

function versionOf(row: PolicyVersionRow): PolicyVersion {
  return {
    version: row.version,
    text: row.text_hash.toString('hex'),
    bundle: row.bundle_hash.toString('hex'),
    proposedBy: row.proposed_by,
    proposedAt: row.proposed_at.getTime(),
    adoptedBy: row.adopted_by,
    adoptedAt: row.adopted_at?.getTime() ?? null,
    effectiveFrom: row.effective_from?.getTime() ?? null,
  }
}

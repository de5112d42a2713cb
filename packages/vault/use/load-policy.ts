import { hash } from 'node:crypto'
import { canonical, DoverieError, err, ok, type Result } from '@doverie/core/base'
import { checkPolicy, parseBundle, type Policy, type PolicyProblem } from '@doverie/core/policy'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import { keepDocument, keepPolicyVersion } from '../store/documents.ts'

/**
 * Loads a bundle (path -> text) and puts it in force. One that does not parse or pass its check is not loaded: the last good
 * policy stays, or none, and then everything is refused. A version, once loaded, never changes its content: then `policy-invalid`
 * is thrown, for old decisions name it.
 */
export async function loadPolicy(
  vault: Vault,
  files: ReadonlyMap<string, string>,
): Promise<Result<{ readonly policy: string }, readonly PolicyProblem[]>> {
  const parsed = parseBundle(files)
  if (!parsed.ok) return parsed
  const policy = parsed.value
  const problems = checkPolicy(policy)
  if (problems.length > 0) return err(problems)
  await adopt(vault, policy, files)
  vault.setPolicy(policy)
  return ok({ policy: policy.id })
}

async function adopt(vault: Vault, policy: Policy, files: ReadonlyMap<string, string>): Promise<void> {
  const text = canonical(Object.fromEntries(files))
  const bundleHash = hash('sha256', text, 'buffer')
  const at = vault.now()
  const textHash = Buffer.from(policy.official.sha256, 'hex')
  const known = await transaction(vault.data, async (tx) => {
    const outcome = await keepPolicyVersion(tx, policy.id, textHash, bundleHash, at)
    if (outcome !== 'new') return outcome
    await keepDocument(tx, bundleHash, text, at)
    const detail = { version: policy.id, text: policy.official.sha256, bundle: bundleHash.toString('hex') }
    await recordAct(vault, tx, 'load-policy', null, ['0'], detail)
    return outcome
  })
  if (known === 'changed') {
    throw new DoverieError('policy-invalid', `The content of ${policy.id} has changed: give the bundle a new version.`)
  }
}

/** The policy in force, or null. */
export function currentPolicy(vault: Vault): Policy | null {
  return vault.policy()
}

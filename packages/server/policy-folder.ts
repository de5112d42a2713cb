import { isDoverieError } from '@doverie/core/base'
import { problemLine } from '@doverie/core/policy'
import {
  currentPolicy,
  listPolicies,
  loadPolicy,
  type PolicyVersion,
  type Prover,
  refreshPolicy,
  type Vault,
} from '@doverie/vault'
import { readBundle } from './bundle-files.ts'
import type { Log } from './embedded/index.ts'

/**
 * Proposes the bundle of a folder and says whether it passed. The first version is in force at once; another waits for a second
 * person, and for its first day. Where it does not pass, each fault is told with file, line and clause; what was adopted before
 * is in force, and without any everything is refused.
 */
export async function loadPolicyFolder(vault: Vault, dir: string, log: Log, prove?: Prover): Promise<boolean> {
  const files = await readBundle(dir).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    if (isDoverieError(error, 'policy-invalid')) log.warn(`policy: ${error.message}`)
    else log.warn(`policy: ${dir} cannot be read (${code ?? 'unknown reason'})`)
    return null
  })
  const loaded = files !== null && (await adopt(vault, files, log, prove))
  if (!loaded) {
    // A version in force that cannot be read any more refuses everything, and keeps nobody from starting and adopting another.
    await refreshPolicy(vault).catch((error: unknown) => {
      if (!isDoverieError(error, 'policy-invalid')) throw error
    })
    const before = currentPolicy(vault)
    if (before !== null) log.warn(`policy: ${before.id} stays in force`)
    else {
      log.warn('policy: none is in force; everything is refused')
      const waiting = (await listPolicies(vault)).findLast(({ adoptedAt }) => adoptedAt === null)
      if (waiting !== undefined) tellStanding(vault, waiting, log)
    }
  }
  return loaded
}

async function adopt(
  vault: Vault,
  files: ReadonlyMap<string, string>,
  log: Log,
  prove: Prover | undefined,
): Promise<boolean> {
  try {
    const outcome = await loadPolicy(vault, files, prove)
    if (outcome.ok) {
      tellStanding(vault, outcome.value, log)
      return true
    }
    for (const problem of outcome.error) log.warn(`policy: ${problemLine(problem)}`)
  } catch (error) {
    if (!isDoverieError(error, 'policy-invalid')) throw error
    log.warn(`policy: ${error.message}`)
  }
  return false
}

function tellStanding(vault: Vault, { version, adoptedAt, effectiveFrom }: PolicyVersion, log: Log): void {
  const current = currentPolicy(vault)?.id
  if (current === version) return
  const until = current === undefined ? 'until then everything is refused' : `${current} stays in force until then`
  if (adoptedAt === null) {
    log.warn(
      `policy: ${version} is proposed; a data-protection officer adopts it (POST /v1/policy/versions/${version}/adoption); ${until}`,
    )
  } else if (effectiveFrom !== null && effectiveFrom > vault.now()) {
    log.info(`policy: ${version} is adopted from ${new Date(effectiveFrom).toISOString()}; ${until}`)
  } else
    log.info(
      `policy: the folder holds ${version}, which a later version has followed; ${current ?? 'none'} is in force`,
    )
}

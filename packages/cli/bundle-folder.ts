import { resolve } from 'node:path'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import { parseBundle, type Policy, type PolicyProblem, problemLine } from '@doverie/core/policy'
import { readBundle } from '@doverie/server/bundle-files'

/** A bundle that parsed, with everything that lies in its folder. */
export interface BundleFolder {
  readonly files: ReadonlyMap<string, string>
  readonly policy: Policy
}

/** Reads and parses a bundle's folder. Problems are told on stdout; then, or where there is no folder, it throws. */
export async function bundleFolder(folder: string): Promise<BundleFolder> {
  const files = await readBundle(resolve(folder)).catch((error: unknown) => {
    if (isDoverieError(error, 'policy-invalid')) throw error
    throw new DoverieError('policy-absent', `${folder} cannot be read`)
  })
  const parsed = parseBundle(files)
  if (!parsed.ok) return failWith(folder, parsed.error)
  return { files, policy: parsed.value }
}

/** Tells problems, each on its line, and throws `policy-invalid`. */
export function failWith(folder: string, problems: readonly PolicyProblem[]): never {
  for (const problem of problems) process.stdout.write(`${problemLine(problem)}\n`)
  throw new DoverieError(
    'policy-invalid',
    `${folder} has ${problems.length} problem${problems.length === 1 ? '' : 's'}`,
  )
}

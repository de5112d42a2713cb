import { hash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { canonical } from '@doverie/core/base'
import type { Vault } from '../guard/vault.ts'
import type { BundleFiles } from '../use/adopt-policy.ts'

const KEPT = fileURLToPath(new URL('../../../vectors/bundles/', import.meta.url))

/** The files of a version that a former program took (`netrack-1.0.0`). */
export function formerBundle(name: string): Map<string, string> {
  const folder = `${KEPT}${name}/bundle/`
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => /\.(md|yaml)$/.test(file))
  return new Map(files.map((file) => [file, readFileSync(`${folder}${file}`, 'utf8')]))
}

/** Makes files the version in force of a database in which there is none: rows as a former program left them. */
export async function leaveInForce(vault: Vault, version: string, files: BundleFiles): Promise<void> {
  const body = canonical(Object.fromEntries(files))
  const sum = hash('sha256', body, 'buffer')
  await vault.data.query('INSERT INTO document VALUES ($1, $2, $3)', [sum, body, new Date(vault.now())])
  await vault.data.query(
    `INSERT INTO policy_version (version, text_hash, bundle_hash, proposed_by, proposed_at, adopted_by, adopted_at, effective_from)
     VALUES ($1, $2, $3, 'machine:holder', $4, 'machine:holder', $4, $4)`,
    [version, Buffer.alloc(32), sum, new Date(vault.now() - 86_400_000)],
  )
}

/** Changes what is kept of a version, as a fault of a disk would, or a hand. */
export async function spoil(vault: Vault, version: string): Promise<void> {
  await vault.data.query(
    `UPDATE document SET body = body || ' ' WHERE hash = (SELECT bundle_hash FROM policy_version WHERE version = $1)`,
    [version],
  )
}

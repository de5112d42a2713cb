import { readdirSync, readFileSync } from 'node:fs'
import { parseBundle } from '../bundle.ts'
import type { Policy } from '../policy.ts'

/** The bundles that are shipped: a hosting company's, and an invented clinic's. */
export const SHIPPED = ['netrack', 'zabota-clinic'] as const
export type Shipped = (typeof SHIPPED)[number]

/** The files of a shipped bundle, its tests among them. */
export function shippedFiles(name: Shipped): ReadonlyMap<string, string> {
  return filesOf(new URL(`../../../../policies/${name}/`, import.meta.url))
}

/** The texts and rules of a bundle's folder. */
export function filesOf(folder: URL): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  const files = names.map((file) => file.replaceAll('\\', '/')).filter((file) => /\.(md|yaml)$/.test(file))
  return new Map(files.map((file) => [file, readFileSync(new URL(file, folder), 'utf8')]))
}

/** A shipped policy; throws with its problems where it does not parse. */
export function shipped(name: Shipped, files: ReadonlyMap<string, string> = shippedFiles(name)): Policy {
  const parsed = parseBundle(files)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error, null, 2))
  return parsed.value
}

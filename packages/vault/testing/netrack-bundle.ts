import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BUNDLE = fileURLToPath(new URL('../../../policies/netrack/', import.meta.url))

/** The shipped bundle as `loadPolicy` takes it. */
export function netrackBundle(): Map<string, string> {
  const files = readdirSync(BUNDLE, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(md|yaml)$/.test(name))
  return new Map(files.map((name) => [name, readFileSync(join(BUNDLE, name), 'utf8')]))
}

/** The root key of test vaults; two processes over the same databases use the same. */
export const TEST_ROOT_KEY: Buffer = Buffer.alloc(32, 7)
export const TEST_ORIGIN = 'test.example/log'

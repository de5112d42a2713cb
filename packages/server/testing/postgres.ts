import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbedded } from '../embedded/index.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** A superuser's url of the PostgreSQL that all tests share; see `createDatabases`. */
    readonly adminUrl: string
  }
}

interface Shared {
  readonly adminUrl: string
  readonly stop: () => Promise<void>
}

interface Run {
  users: number
  readonly cluster: Promise<Shared>
}

/** Each vitest project loads this module anew; the one cluster of the run is therefore kept outside of it. */
const place: { doverieTestRun?: Run | undefined } = globalThis as { doverieTestRun?: Run | undefined }

/**
 * Vitest's global setup: one PostgreSQL for the whole run, removed with its folder at the end.
 * `DOVERIE_TEST_DATABASE_URL` (a superuser's url) puts another server in its place.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = (place.doverieTestRun ??= { users: 0, cluster: startShared() })
  shared.users += 1
  const { adminUrl, stop } = await shared.cluster
  project.provide('adminUrl', adminUrl)
  return async () => {
    shared.users -= 1
    if (shared.users > 0) return
    place.doverieTestRun = undefined
    await stop()
  }
}

async function startShared(): Promise<Shared> {
  const external = process.env['DOVERIE_TEST_DATABASE_URL'] ?? ''
  if (external !== '') return { adminUrl: external, stop: () => Promise.resolve() }
  const folder = await mkdtemp(join(tmpdir(), 'doverie-test-'))
  const silent = { info: () => undefined, warn: () => undefined }
  const cluster = await startEmbedded({ dir: join(folder, 'data'), log: silent, maxConnections: 200 })
  const stop = async (): Promise<void> => {
    await cluster.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { adminUrl: cluster.adminUrl, stop }
}

import type { PublicReads, Vault } from '@doverie/vault'
import type { Logger } from 'pino'
import type { JobState } from './jobs.ts'
import type { IdentityProvider } from './oidc.ts'
import type { Settings } from './settings.ts'

/** What every handler works with. */
export interface ServerContext {
  readonly vault: Vault
  /** By which all that people made public is shown. */
  readonly publicReads: PublicReads
  readonly settings: Settings
  readonly logger: Logger
  readonly jobs: JobState
  /** By whom people may prove that it is them. */
  readonly providers: readonly IdentityProvider[]
  /** True where the server listens on loopback only. */
  readonly loopback: boolean
}

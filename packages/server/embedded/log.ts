/** Where the supervisor tells what it does; a pino logger fits. No personal value ever passes here. */
export interface Log {
  readonly info: (message: string) => void
  readonly warn: (message: string) => void
}

/** Tells nobody. */
export const QUIET: Log = { info: () => undefined, warn: () => undefined }

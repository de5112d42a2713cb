/** Whether and when the process was asked to stop. */
export interface StopSignal {
  asked(): boolean
  /** Resolves once it was asked. */
  wait(): Promise<void>
  /** Asks from inside. */
  now(): void
}

/** One Ctrl-C in a terminal may arrive twice: from the terminal itself and through npm. Later ones are a person's. */
const SAME_PRESS_MS = 2000

/**
 * Listens for SIGINT, SIGTERM and SIGHUP from here on. Pressed again by an impatient person, it ends the process at
 * once; PostgreSQL is then still told to stop by its supervisor's exit hook.
 */
export function stopSignal(): StopSignal {
  let askedAt: number | undefined
  let resolveWait: () => void = () => undefined
  const waiting = new Promise<void>((resolve) => {
    resolveWait = resolve
  })
  const now = (): void => {
    if (askedAt !== undefined && performance.now() - askedAt > SAME_PRESS_MS) process.exit(130)
    askedAt ??= performance.now()
    resolveWait()
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, now)
  return { asked: () => askedAt !== undefined, wait: () => waiting, now }
}

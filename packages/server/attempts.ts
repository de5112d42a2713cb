import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit'
import { countAttempt, type Vault } from '@doverie/vault'

/**
 * Where `@fastify/rate-limit` counts: in the database, so that the limit per address holds for all processes and across
 * restarts. One statement for each form or sign-in, none for anything else.
 */
export function attemptStore(vault: Vault): FastifyRateLimitStoreCtor {
  return class AttemptStore implements FastifyRateLimitStore {
    #route = ''

    incr(
      key: string,
      callback: (error: Error | null, result?: { current: number; ttl: number }) => void,
      window = 60_000,
    ): void {
      countAttempt(vault, `${this.#route} ${key}`, window).then(
        ({ attempts, left }) => {
          callback(null, { current: attempts, ttl: left })
        },
        (error: unknown) => {
          callback(error as Error)
        },
      )
    }

    /** The plugin hands the route over as `routeInfo`, whatever its types say. */
    child(options: object): FastifyRateLimitStore {
      const { routeInfo } = options as { readonly routeInfo?: { readonly url?: string } }
      const store = new AttemptStore()
      store.#route = routeInfo?.url ?? ''
      return store
    }
  }
}

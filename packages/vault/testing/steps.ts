import type pg from 'pg'
import type { Kms } from '../seal/kms.ts'
import type { Vault } from '../guard/vault.ts'

type Statement = string | { readonly name?: string; readonly text: string }

/** Told before each statement that a vault's pools send and each call to its KMS. */
export type OnStep = (step: string) => void

/** Has every statement of a pool told by its name before it is sent, until the function it gives is called. */
export function watchPool(pool: pg.Pool, onStep: OnStep): () => void {
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown
  const connect = pool.connect.bind(pool)
  const told = (statement: Statement): void => {
    onStep(typeof statement === 'string' ? statement : (statement.name ?? statement.text))
  }
  Object.assign(pool, {
    query: (...args: unknown[]) => {
      told(args[0] as Statement)
      return query(...args)
    },
    connect: async (...args: unknown[]) => {
      // A pool's own query connects by a callback: that statement was told already.
      if (args.length > 0) return (connect as (...rest: unknown[]) => unknown)(...args)
      const client = await connect()
      const run = client.query.bind(client) as (...rest: unknown[]) => unknown
      const release = client.release.bind(client)
      Object.assign(client, {
        query: (...rest: unknown[]) => {
          told(rest[0] as Statement)
          return run(...rest)
        },
        release: (...rest: [boolean?]) => {
          Reflect.deleteProperty(client, 'query')
          Object.assign(client, { release })
          release(...rest)
        },
      })
      return client
    },
  })
  return () => {
    Reflect.deleteProperty(pool, 'query')
    Reflect.deleteProperty(pool, 'connect')
  }
}

export function watchVault(vault: Vault, onStep: OnStep): void {
  for (const name of ['data', 'keys'] as const) {
    watchPool(vault[name], (step) => {
      onStep(`${name} ${step}`)
    })
  }
}

/** A KMS whose calls are told before they are made. */
export function watchKms(kms: Kms, onStep: OnStep): Kms {
  const told = <Args extends unknown[], T>(name: string, call: (...args: Args) => Promise<T>) => {
    return (...args: Args): Promise<T> => {
      onStep(`kms ${name}`)
      return call(...args)
    }
  }
  return {
    kind: kms.kind,
    newest: told('newest', () => kms.newest()),
    add: told('add', () => kms.add()),
    wrap: told('wrap', (root: string, key: Uint8Array, place: string) => kms.wrap(root, key, place)),
    unwrap: told('unwrap', (root: string, wrapped: Uint8Array, place: string) => kms.unwrap(root, wrapped, place)),
    destroy: told('destroy', (root: string) => kms.destroy(root)),
  }
}

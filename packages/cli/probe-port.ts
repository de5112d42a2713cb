import { createServer } from 'node:net'
import { DoverieError } from '@doverie/core/base'

/**
 * Faults with `port-in-use` unless the address can be listened on right now. Asked before anything is changed; the
 * server may still lose the port to somebody in between, and then says the same.
 */
export async function probePort(host: string, port: number): Promise<void> {
  const server = createServer()
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen({ host, port, exclusive: true }, resolve)
    })
  } catch (error) {
    throw portFault(host, port, error)
  }
  await new Promise((resolve) => server.close(resolve))
}

/** The fault for an address that could not be listened on. */
export function portFault(host: string, port: number, cause: unknown): DoverieError {
  const code = (cause as NodeJS.ErrnoException).code
  const reason =
    code === 'EADDRINUSE'
      ? 'is in use'
      : code === 'EACCES'
        ? 'needs more rights'
        : `cannot be used (${code ?? 'unknown'})`
  return new DoverieError('port-in-use', `port ${port} on ${host} ${reason}; choose another with --port`, {}, cause)
}

import { isDoverieError } from '@doverie/core/base'

/**
 * The one line that a failed command prints. A fault of the closed list speaks for itself; of anything else only the
 * kind is told, since a foreign message may quote what it was given.
 */
export function faultLine(error: unknown): string {
  if (isDoverieError(error)) return `doverie: ${error.message.replace(/\s+/g, ' ').trim()} [${error.code}]`
  if (!(error instanceof Error)) return 'doverie: a fault of the program [internal]'
  const { code } = error as NodeJS.ErrnoException
  const kind = code === undefined ? error.name : `${error.name} ${code}`
  // Of the stack only the place: its first lines repeat the message.
  const place = /\n\s+at .*?([\w.-]+\/[\w.-]+:\d+):\d+\)?/.exec(error.stack ?? '')?.[1]
  return `doverie: a fault of the program: ${kind}${place === undefined ? '' : ` in ${place}`} [internal]`
}

import { DoverieError } from '@doverie/core/base'
import type { Letter, MailAnswer } from '@doverie/vault'
import { isLoopback } from './loopback.ts'

/** A gateway takes a message within so many milliseconds, or it is tried again. */
const PATIENCE = 10_000

/** Hands messages to phones over. */
export interface PhoneGateway {
  /** Resolves once the gateway took the message. */
  send(letter: Letter): Promise<MailAnswer>
}

export interface GatewaySettings {
  readonly url: string
  /** A JSON text in whose strings `{to}` and `{text}` stand for the number and the words. */
  readonly body: string
  /** The whole `Authorization` header; null for none. */
  readonly authorization: string | null
}

export const DEFAULT_BODY = '{"to": "{to}", "text": "{text}"}'

/**
 * A gateway that takes one message by `POST` of a JSON body. The number goes into the body and nowhere else: not into the address, and what
 * the gateway answers is not read. Throws `invalid-value` where the settings cannot work.
 */
export function httpGateway({ url, body, authorization }: GatewaySettings): PhoneGateway {
  const address = URL.parse(url)
  const secure = address?.protocol === 'https:' || (address?.protocol === 'http:' && isLoopback(address.hostname))
  if (address === null || !secure) throw wrong('SMS_URL is an https address (http on this machine only).')
  const template = parsed(body)
  const text = JSON.stringify(template)
  if (!text.includes('{to}') || !text.includes('{text}')) throw wrong('SMS_BODY has no {to} or no {text}.')
  const headers = { 'content-type': 'application/json', ...(authorization === null ? {} : { authorization }) }
  return {
    send: async (letter) => {
      const answer = await fetch(address, {
        method: 'POST',
        headers,
        body: JSON.stringify(filled(template, letter)),
        // Whom it redirects to nobody has named.
        redirect: 'error',
        signal: AbortSignal.timeout(PATIENCE),
      })
      await answer.body?.cancel()
      if (!answer.ok) throw new DoverieError('channel-absent')
      return 'taken'
    },
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown
  } catch {
    throw wrong('SMS_BODY is no JSON.')
  }
}

/** The template with a message in it. Only within strings, so that no text becomes another member. */
function filled(part: unknown, letter: Letter): unknown {
  if (typeof part === 'string') {
    return part.replace(/\{(to|text)\}/g, (_, name) => (name === 'to' ? letter.to : letter.text))
  }
  if (Array.isArray(part)) return part.map((one: unknown) => filled(one, letter))
  if (part === null || typeof part !== 'object') return part
  return Object.fromEntries(Object.entries(part).map(([name, value]) => [name, filled(value, letter)]))
}

function wrong(message: string): DoverieError {
  return new DoverieError('invalid-value', message)
}

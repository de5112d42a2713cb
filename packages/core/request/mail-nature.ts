/** One header of a message, its name in lower case. Whatever it says is its sender's word. */
export interface MailHeader {
  readonly key: string
  readonly value: string
}

/**
 * What a message is, by its own headers: `letter` is one that somebody wrote to be answered. The others are set aside for staff to look
 * at, and answered by no machine.
 */
export type MailNature = 'letter' | 'bounce' | 'auto-reply' | 'list' | 'spam' | 'loop'

/** Relays that a message may have passed before it is taken to go in circles (RFC 5321 6.3 has a hundred at least). */
const MOST_RELAYS = 100

/**
 * Tells what a message is (RFC 3834 5, RFC 3464, RFC 2919, and the headers that mail servers of before them set). `junk`: the server
 * put it where it puts spam. A bounce is one whatever else it says; a sender who lies here sets aside a message of their own.
 */
export function mailNature(headers: readonly MailHeader[], junk: boolean): MailNature {
  const of = (key: string): readonly string[] =>
    headers.filter((header) => header.key === key).map(({ value }) => value.trim().toLowerCase())
  const has = (key: string): boolean => of(key).length > 0
  const begins = (key: string, ...words: readonly string[]): boolean =>
    of(key).some((value) => words.some((word) => value.startsWith(word)))
  if (begins('content-type', 'multipart/report')) {
    return of('content-type').some((value) => value.includes('delivery-status')) ? 'bounce' : 'auto-reply'
  }
  if (has('x-failed-recipients')) return 'bounce'
  if (of('received').length > MOST_RELAYS) return 'loop'
  if (junk || begins('x-spam-flag', 'yes') || begins('x-spam-status', 'yes') || begins('x-spam', 'yes')) return 'spam'
  const automatic = of('auto-submitted').some((value) => value !== '' && !/^no\b/.test(value))
  if (automatic || begins('precedence', 'auto_reply', 'auto-reply')) return 'auto-reply'
  if (has('x-autoreply') || has('x-autorespond') || has('x-autoresponder') || has('x-vacation')) return 'auto-reply'
  if (of('return-path').includes('<>')) return 'auto-reply'
  if (has('list-id') || has('list-unsubscribe') || has('list-post')) return 'list'
  return begins('precedence', 'bulk', 'list', 'junk') ? 'list' : 'letter'
}

/** True where its sender asks that no machine answer (RFC 3834, and what Exchange reads): a receipt would be noise, or a loop. */
export function asksNoReceipt(headers: readonly MailHeader[]): boolean {
  return headers.some(({ key, value }) => key === 'x-auto-response-suppress' && !/^\s*none\b/i.test(value))
}

/**
 * What the operator's own mail server found of where a message came from (RFC 8601), a hint for staff and no proof; null where it says
 * nothing. Only what stands on top counts, under the server's own name: further down anybody may have written it.
 */
export function authenticationHint(headers: readonly MailHeader[], host: string | null): string | null {
  if (host === null) return null
  const first = headers.find(({ key }) => key === 'authentication-results')?.value
  if (first === undefined) return null
  const [name = '', ...results] = first.split(';')
  if (name.trim().split(/\s/)[0]?.toLowerCase() !== host.toLowerCase()) return null
  const found = results.flatMap((result) => {
    const [, method, said] = /^\s*(spf|dkim|dmarc)\s*=\s*([a-z]{1,12})\b/i.exec(result) ?? []
    return method === undefined || said === undefined ? [] : [`${method.toLowerCase()}=${said.toLowerCase()}`]
  })
  return found.length === 0 ? null : found.slice(0, 6).join(', ')
}

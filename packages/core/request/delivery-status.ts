/** What a mail server says of one recipient. */
export interface DeliveryStatus {
  /** The addresses that it may be known by here: the one we wrote to, and the one it became. */
  readonly addresses: readonly string[]
  /** True where nobody is there, for good. */
  readonly nobody: boolean
}

const MOST = 50

/**
 * Reads the part of a bounce that machines read (RFC 3464 2.3): of each recipient whether the mailbox is not there. What is not of its
 * form is no recipient. The time is linear in the text.
 */
export function readDeliveryStatus(text: string): readonly DeliveryStatus[] {
  const groups = text
    .slice(0, 200_000)
    .replaceAll('\r\n', '\n')
    .split(/\n[ \t]*\n/)
  return groups.slice(0, MOST).flatMap((group) => {
    const fields = new Map<string, string>()
    for (const line of group.replace(/\n[ \t]+/g, ' ').split('\n')) {
      const colon = line.indexOf(':')
      if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
    }
    const addresses = ['original-recipient', 'final-recipient'].flatMap((name) => addressOf(fields.get(name)))
    if (addresses.length === 0) return []
    const failed = fields.get('action')?.toLowerCase() === 'failed'
    return [
      { addresses, nobody: failed && saysNobody(fields.get('status') ?? '', fields.get('diagnostic-code') ?? '') },
    ]
  })
}

/** `rfc822; somebody@example.org`, with a comment behind it as some have it. */
function addressOf(field: string | undefined): readonly string[] {
  const [type = '', ...rest] = (field ?? '').split(';')
  const [address = ''] = rest.join(';').trim().split(/\s/)
  const bare = address.replace(/^<|>$/g, '')
  return /^(rfc822|utf-8)$/i.test(type.trim()) && bare.includes('@') ? [bare] : []
}

function saysNobody(status: string, diagnostic: string): boolean {
  const enhanced = enhancedIn(status)
  // `5.0.0` says nothing: then what the other server said does.
  if (enhanced !== null && enhanced !== '5.0.0') return isNobodyThere(550, enhanced)
  const [, code] = /\b(5\d{2})\b/.exec(diagnostic.slice(0, 400)) ?? []
  return code !== undefined && isNobodyThere(Number(code), enhancedIn(diagnostic))
}

function enhancedIn(text: string): string | null {
  return /\b([245]\.\d{1,3}\.\d{1,3})\b/.exec(text.slice(0, 400))?.[1] ?? null
}

/**
 * True where a server turned a recipient away for good: no such mailbox, or one that moved or is disabled (RFC 5321 4.2.3; where it gives
 * an enhanced code, RFC 3463 X.1 and X.2.1). Other refusals are about us, or about the letter.
 */
export function isNobodyThere(code: number, enhanced: string | null): boolean {
  if (![550, 551, 553].includes(code)) return false
  return enhanced === null || enhanced.startsWith('5.1.') || enhanced === '5.2.1'
}

/** Ids that one message may refer to: the rest is padding. */
const MOST_IDS = 40

/** The ids of messages in `In-Reply-To` or `References`, without brackets. A sender may write any of them. */
export function messageIdsIn(text: string): readonly string[] {
  const ids = (text.slice(0, 20_000).match(/<[^<>\s]{3,250}>/g) ?? []).map((id) => id.slice(1, -1))
  // The last is what is answered; the first began the thread.
  return [...new Set(ids.length > MOST_IDS ? [...ids.slice(0, 1), ...ids.slice(1 - MOST_IDS)] : ids)]
}

/** The number of a request that a heading bears as our letters do, `[2026-000123]`; null where it bears none. */
export function numberInHeading(heading: string): string | null {
  return /\[(\d{4}-\d{6,9})\]/.exec(heading.slice(0, 2_000))?.[1] ?? null
}

const SEPARATORS = [
  /^\s*-{2,}\s*(original message|forwarded message|исходное сообщение|пересылаемое сообщение)/i,
  /^.{0,300}(wrote|writes|пишет|писал|писала|написал|написала|писал\(а\)|написал\(а\))\s*:\s*$/i,
]

/**
 * What somebody wrote themselves in an answer, without what they quote: our own words, quoted, ask for nothing. Only for a message that
 * answers ours: in any other a quotation may be what it is about.
 */
export function ownWords(text: string): string {
  const kept: string[] = []
  const lines = text.split('\n')
  for (const [at, line] of lines.entries()) {
    const head = line.slice(0, 400)
    if (SEPARATORS.some((separator) => separator.test(head))) break
    // The head of a quotation as Outlook has it: `From:` and the day under it.
    if (/^\s*(from|от):/i.test(head) && /^\s*(sent|date|отправлено|дата):/i.test(lines[at + 1]?.slice(0, 400) ?? ''))
      break
    if (!/^\s*>/.test(head)) kept.push(line)
  }
  return kept.join('\n').trim()
}

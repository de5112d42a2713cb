import { ok, utf8 } from '../../base/index.ts'
import { isWhollyCardNumber } from './card-number.ts'
import { cleanText } from './clean-text.ts'
import { invalid, type Normalised } from './field-kind.ts'
import { mixesScripts } from './scripts.ts'

/** Octets of an address and of its local part (RFC 5321 section 4.5.3.1 with RFC 3696 erratum 1690). */
const EMAIL_MAX = 254
const LOCAL_MAX = 64

// RFC 5321 dot-string of RFC 5322 atext; RFC 6531 adds what is not ASCII, of which letters, marks and digits are taken.
const DOT_ATOM = /^[\p{L}\p{M}\p{Nd}!#$%&'*+\-/=?^_`{|}~]+(?:\.[\p{L}\p{M}\p{Nd}!#$%&'*+\-/=?^_`{|}~]+)*$/u
const DOMAIN_TYPED = /^[\p{L}\p{M}\p{Nd}.\-]+$/u
const LABEL = /^(?!-)[a-z0-9-]{1,63}(?<!-)$/
const TOP_LABEL = /^(?:[a-z]{2,63}|xn--[a-z0-9-]{1,59})$/

/**
 * An e-mail address: the local part as typed (NFC), the domain in lower case and punycode. Quoted local parts, address
 * literals and domains without a dot are refused; whether the mailbox exists is proved by a code, not here.
 */
export function normaliseEmail(raw: unknown): Normalised {
  const clean = cleanText(raw, { max: EMAIL_MAX })
  if (!clean.ok) return clean
  const parts = clean.value.split('@')
  const [local, typed] = parts
  if (parts.length !== 2 || local === undefined || typed === undefined) return invalid('must have one @')
  if (!DOT_ATOM.test(local)) return invalid('has a character or a dot that is not allowed before the @')
  if (utf8(local).length > LOCAL_MAX) return invalid(`has more than ${LOCAL_MAX} octets before the @`)
  if (local.split(/[^\p{L}\p{M}]/u).some(mixesScripts)) return invalid('mixes letters of two alphabets in one word')
  const domain = asciiDomain(typed)
  if (domain === null) return invalid('has a domain that is not a registered name')
  const address = `${local}@${domain}`
  return utf8(address).length <= EMAIL_MAX ? ok(address) : invalid(`has more than ${EMAIL_MAX} octets`)
}

/**
 * True where what stands before the @ is a card number as a whole. No number among other characters is looked for: mailboxes
 * are named by programs too, and of sixteen random digits one in some twenty-five passes for a card, whose owner could then give no
 * address at all. A card number with letters beside it is none that somebody typed into the wrong field.
 */
export function mailboxIsCardNumber(text: string): boolean {
  return isWhollyCardNumber(text.split('@', 1)[0] ?? '')
}

/** The A-label form of a domain name (UTS 46, as browsers apply it), or null where it is none. */
function asciiDomain(typed: string): string | null {
  // INVARIANT: nothing but letters, digits, dots and hyphens reaches the URL parser, which would take the rest as its syntax.
  if (!DOMAIN_TYPED.test(typed)) return null
  // Some engines do not decode the "xn--" labels of a name that is ASCII throughout, so that broken ones would pass; a
  // label before it that is not ASCII makes them. It also keeps a number from being read as an IPv4 address.
  const url = URL.parse(`http://я.${typed}/`)
  if (url === null) return null
  const labels = url.hostname.split('.').slice(1)
  const domain = labels.join('.')
  if (labels.length < 2 || domain.length > 253 || !labels.every((label) => LABEL.test(label))) return null
  return TOP_LABEL.test(labels.at(-1) ?? '') ? domain : null
}

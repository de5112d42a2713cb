import { readFileSync } from 'node:fs'
import { DoverieError, type Instant } from '@doverie/core/base'
import { isLoopback } from '../loopback.ts'

/** The mailbox from which letters are taken of themselves. Carries a password: never logged. */
export interface ImapSettings {
  readonly host: string
  readonly port: number
  /** `tls` from the first byte, `starttls` or nothing; `none` to this machine only. */
  readonly security: 'tls' | 'starttls' | 'none'
  /** Certificates (PEM) by which the server's own is trusted, in place of those that Node knows; null: those. */
  readonly ca: string | null
  readonly user: string
  readonly password: string
  readonly folder: string
  /** Where messages are moved once they are taken; null: they stay, marked as read. */
  readonly done: string | null
  /** The folder of spam: a name, `auto` for the one that the server names so, or null for none. */
  readonly junk: string | null
  /** From when on messages are taken that lay there before; null: from the first look on. */
  readonly since: Instant | null
  /** Seconds between two looks, whatever the server says meanwhile. */
  readonly seconds: number
}

export interface ImapWords {
  readonly url: string
  /** The file of a certificate authority of one's own; a server that is named with one is spoken to under TLS, on this machine too. */
  readonly ca: string | null
  readonly done: string | null
  readonly junk: string | null
  readonly since: string | null
  readonly seconds: number
}

const PORTS: Readonly<Record<string, number>> = { 'imaps:': 993, 'imap:': 143 }

/** Reads `imaps://user:password@host:port/folder`. Throws `invalid-value`, naming the setting and never its words. */
export function imapSettings({ url, ca, done, junk, since, seconds }: ImapWords): ImapSettings {
  const parsed = URL.parse(url)
  const usual = parsed === null ? undefined : PORTS[parsed.protocol]
  if (parsed === null || usual === undefined || parsed.hostname === '' || parsed.username === '') {
    throw new DoverieError('invalid-value', 'IMAP_URL is imaps://user:password@host[:port][/folder].', {
      field: 'IMAP_URL',
    })
  }
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  const day = since === null ? null : Date.parse(since)
  if (day !== null && !Number.isFinite(day)) {
    throw new DoverieError('invalid-value', 'IMAP_SINCE is a day, 2026-01-31.', { field: 'IMAP_SINCE' })
  }
  return {
    host,
    port: parsed.port === '' ? usual : Number(parsed.port),
    security: parsed.protocol === 'imaps:' ? 'tls' : isLoopback(host) && ca === null ? 'none' : 'starttls',
    ca: ca === null ? null : certificates(ca),
    user: decoded(parsed.username),
    password: decoded(parsed.password),
    folder: decoded(parsed.pathname.slice(1)) || 'INBOX',
    done,
    junk: junk === null ? 'auto' : junk === '-' ? null : junk,
    since: day,
    seconds: Math.max(1, seconds),
  }
}

function certificates(path: string): string {
  const read = (): string => {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return ''
    }
  }
  const text = read()
  if (text.includes('-----BEGIN CERTIFICATE-----')) return text
  throw new DoverieError('invalid-value', 'IMAP_CA is a file with a certificate (PEM).', { field: 'IMAP_CA' })
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new DoverieError('invalid-value', 'IMAP_URL has a % that is no %XX.', { field: 'IMAP_URL' })
  }
}

/** By which a mailbox is known again: kept as a keyed hash alone. */
export function mailboxName({ user, host, port }: ImapSettings): string {
  return `${user}@${host}:${port}`
}

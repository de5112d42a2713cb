import type { Writable } from 'node:stream'
import { DoverieError, THREAT_TYPES, type ThreatType } from '@doverie/core/base'
import type { Log } from './embedded/index.ts'
import { type ImapSettings, imapSettings } from './intake/imap-settings.ts'
import { DEFAULT_BODY, type GatewaySettings } from './sms.ts'

/** What the server writes of itself, from the most to the least. `warn` leaves requests out. */
export type LogLevel = 'info' | 'warn' | 'error' | 'silent'

export interface ServerOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  /** Carry passwords: never logged. */
  readonly dataUrl: string
  readonly keystoreUrl: string
  /** The folder of the root key. */
  readonly keysDir: string
  /** The folder of the policy bundle. */
  readonly policyDir: string
  /** Lines for the person who starts the server. */
  readonly log?: Log
  /** `SMTP_URL` unless told. Null: letters lie in the development mailbox. */
  readonly smtp?: string | null
  /** `SMS_URL`, `SMS_BODY`, `SMS_AUTHORIZATION` unless told. Null: no gateway for messages to phones. */
  readonly sms?: GatewaySettings | null
  /** Sender of letters; `MAIL_FROM` unless told. */
  readonly mailFrom?: string
  /** The mailbox from which letters are taken of themselves, `imaps://user:password@host[:port][/folder]`; `IMAP_URL` unless told. */
  readonly imap?: string | null
  /** A file with the certificate authority of the mailbox's server; `IMAP_CA` unless told. Null: those that Node knows. */
  readonly imapCa?: string | null
  /** The folder that taken messages are moved to; `IMAP_DONE` unless told. Null: they stay, marked as read. */
  readonly imapDone?: string | null
  /** The folder of spam; `IMAP_JUNK` unless told. Null: the one that the server names so; `-`: none. */
  readonly imapJunk?: string | null
  /** A day: what lay in the mailbox before the first look is taken from there on; `IMAP_SINCE` unless told. Null: none of it. */
  readonly imapSince?: string | null
  /** Seconds between two looks; `IMAP_SECONDS` unless told. */
  readonly imapSeconds?: number
  /** The name under which the own mail server says where messages came from (RFC 8601); `AUTHSERV_ID` unless told. */
  readonly authserv?: string | null
  /** The ledger's name, a scheme-less URL prefix; `LEDGER_ORIGIN` unless told. It may never change for the same data. */
  readonly origin?: string
  /** The file of the policy of trust (C2SP tlog-policy), by which checkpoints count; `LEDGER_POLICY` unless told. Null: no witnesses. */
  readonly ledgerPolicy?: string | null
  /** Entries that may wait for a place in the ledger before reads are turned away; `LEDGER_BACKLOG` unless told. */
  readonly ledgerBacklog?: number
  readonly ledgerKeepYears?: number
  /** Seconds between two rounds to the witnesses; `LEDGER_WITNESS_SECONDS` unless told. */
  readonly witnessSeconds?: number
  /** The address people see (`https://privacy.example`); `PUBLIC_URL` unless told. Null: the one each request names. */
  readonly publicUrl?: string | null
  /** Forms and sign-ins per minute and address; `FORMS_PER_MINUTE` unless told. 0 sets no limit. */
  readonly formsPerMinute?: number
  /** Addresses of proxies whose `X-Forwarded-For` is believed; `TRUSTED_PROXIES` unless told. */
  readonly trustedProxies?: string | null
  /** True, unless told: the invariants of a version that is new here are proved before it is taken, which takes seconds. */
  readonly proveInvariants?: boolean
  /** Hours after which an epoch of the root key ends, where something was destroyed in it; `EPOCH_HOURS` unless told. 0: on demand only. */
  readonly epochHours?: number
  /** Days from the day it is found that nothing keeps data to their destruction; `PLAN_DAYS` unless told. 0: planned, and never destroyed of itself. */
  readonly planDays?: number
  /** Type of threats by decree 1119; `THREAT_TYPE` unless told. */
  readonly threatType?: ThreatType
  /** A file with years of the production calendar; `CALENDAR` unless told. Null: those that come with the program. */
  readonly calendar?: string | null
  /** A file with the operator's own words for documents; `DOCUMENT_TEXTS` unless told. Null: the program's. */
  readonly documentTexts?: string | null
  /** A file that names identity providers (OpenID Connect); `OIDC_PROVIDERS` unless told. Null: there are none. */
  readonly oidcProviders?: string | null
  /** `LOG_LEVEL` unless told. */
  readonly logLevel?: LogLevel
  /** Where JSON log lines go; standard output unless told. */
  readonly logTo?: Writable
}

export interface Settings {
  readonly smtp: string | null
  readonly sms: GatewaySettings | null
  readonly mailFrom: string
  /** Carries a password: never logged. */
  readonly imap: ImapSettings | null
  readonly authserv: string | null
  readonly origin: string
  readonly ledgerPolicy: string | null
  /** Years for which entries of the ledger are kept; 0: for ever. */
  readonly ledgerKeepYears: number
  readonly witnessSeconds: number
  readonly ledgerBacklog: number
  readonly publicUrl: string | null
  readonly formsPerMinute: number
  readonly trustedProxies: string | null
  readonly proveInvariants: boolean
  readonly epochHours: number
  readonly planDays: number
  readonly threatType: ThreatType
  readonly calendar: string | null
  readonly documentTexts: string | null
  readonly oidcProviders: string | null
  readonly logLevel: LogLevel
}

const LEVELS: readonly LogLevel[] = ['info', 'warn', 'error', 'silent']

/** The options with the environment's word where they say nothing. */
export function settingsOf(options: ServerOptions, env: Readonly<Record<string, string | undefined>>): Settings {
  const { smtp, publicUrl, trustedProxies } = options
  return {
    smtp: smtp === undefined ? given(env['SMTP_URL']) : smtp,
    sms: options.sms === undefined ? gatewayOf(env) : options.sms,
    mailFrom: options.mailFrom ?? given(env['MAIL_FROM']) ?? 'doverie@localhost',
    imap: imapOf(options, env),
    authserv: options.authserv === undefined ? given(env['AUTHSERV_ID']) : options.authserv,
    origin: options.origin ?? ledgerOrigin(env),
    ledgerPolicy: options.ledgerPolicy === undefined ? given(env['LEDGER_POLICY']) : options.ledgerPolicy,
    ledgerBacklog: options.ledgerBacklog ?? wholeNumber(env['LEDGER_BACKLOG'], 100_000),
    ledgerKeepYears: keepYears(options.ledgerKeepYears ?? wholeNumber(env['LEDGER_KEEP_YEARS'], 0)),
    witnessSeconds: options.witnessSeconds ?? wholeNumber(env['LEDGER_WITNESS_SECONDS'], 5),
    publicUrl: publicUrl === undefined ? given(env['PUBLIC_URL']) : publicUrl,
    formsPerMinute: options.formsPerMinute ?? wholeNumber(env['FORMS_PER_MINUTE'], 60),
    trustedProxies: trustedProxies === undefined ? given(env['TRUSTED_PROXIES']) : trustedProxies,
    proveInvariants: options.proveInvariants ?? true,
    epochHours: options.epochHours ?? wholeNumber(env['EPOCH_HOURS'], 24),
    planDays: options.planDays ?? wholeNumber(env['PLAN_DAYS'], 14),
    threatType: options.threatType ?? THREAT_TYPES.find((type) => String(type) === env['THREAT_TYPE']) ?? 3,
    calendar: options.calendar === undefined ? given(env['CALENDAR']) : options.calendar,
    documentTexts: options.documentTexts === undefined ? given(env['DOCUMENT_TEXTS']) : options.documentTexts,
    oidcProviders: options.oidcProviders === undefined ? given(env['OIDC_PROVIDERS']) : options.oidcProviders,
    logLevel: options.logLevel ?? LEVELS.find((level) => level === env['LOG_LEVEL']) ?? 'info',
  }
}

function gatewayOf(env: Readonly<Record<string, string | undefined>>): GatewaySettings | null {
  const url = given(env['SMS_URL'])
  if (url === null) return null
  return { url, body: given(env['SMS_BODY']) ?? DEFAULT_BODY, authorization: given(env['SMS_AUTHORIZATION']) }
}

function imapOf(options: ServerOptions, env: Readonly<Record<string, string | undefined>>): ImapSettings | null {
  const { imap, imapCa, imapDone, imapJunk, imapSince, imapSeconds } = options
  const url = imap === undefined ? given(env['IMAP_URL']) : imap
  if (url === null) return null
  return imapSettings({
    url,
    ca: imapCa === undefined ? given(env['IMAP_CA']) : imapCa,
    done: imapDone === undefined ? given(env['IMAP_DONE']) : imapDone,
    junk: imapJunk === undefined ? given(env['IMAP_JUNK']) : imapJunk,
    since: imapSince === undefined ? given(env['IMAP_SINCE']) : imapSince,
    seconds: imapSeconds ?? wholeNumber(env['IMAP_SECONDS'], 60),
  })
}

/** Order 179 has logs of destruction kept for three years: what would prune sooner is taken for a mistake, and nothing is pruned. */
function keepYears(years: number): number {
  if (years !== 0 && years < 3)
    throw new DoverieError('invalid-value', 'LEDGER_KEEP_YEARS is 3 at least, or 0 for ever.')
  return years
}

/** A setting that is a whole number, or what is usual where it is none. */
function wholeNumber(text: string | undefined, usual: number): number {
  const number = Number(text ?? usual)
  return Number.isSafeInteger(number) && number >= 0 ? number : usual
}

/** The ledger's name, as the environment has it. */
export function ledgerOrigin(env: Readonly<Record<string, string | undefined>>): string {
  return given(env['LEDGER_ORIGIN']) ?? 'doverie.local/ledger'
}

function given(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value
}

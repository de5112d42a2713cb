import { type Canonical, formatInstant, type Instant, type Localised, type RequestKind } from '@doverie/core/base'
import type { Track } from '@doverie/core/request'
import { KIND_WORDS } from '../../documents/kind-words.ts'
import type { ArchivedRow } from '../../store/archive.ts'
import { numberText } from '../destruction-act.ts'
import { keyOf, type WantedEntry } from './cite-entries.ts'
import { ARTICLES, COLUMNS, type RegisterName, TITLES } from './register-words.ts'

/** A line as it is shown, and the entries that it rests on. */
export interface ArchiveLine {
  readonly values: Readonly<Record<string, Canonical>>
  readonly cites: readonly WantedEntry[]
}

export interface Register {
  readonly name: RegisterName
  readonly title: Localised
  /** By which article it is kept. */
  readonly article: string
  /** What the table shows, in order, under Russian heads; the JSON may have more. */
  readonly columns: readonly (readonly [key: string, head: string])[]
  readonly line: (row: ArchivedRow, by: Reading) => ArchiveLine
}

/** By what lines are shown: the operator's zone, and what the duties of a role are. */
export interface Reading {
  readonly zone: string
  readonly dutiesOf: (role: string) => readonly string[]
}

/** The registers of an archive in the order of its files: the small ones first, so that their entries are proved before all. */
export const ARCHIVED: readonly Register[] = [
  register('policy-versions', ({ version, proposedAt, adoptedAt }) => [
    cite('proposed', keyOf.act('propose-policy', text(version)), proposedAt),
    cite('adopted', keyOf.act('adopt-policy', text(version)), adoptedAt),
  ]),
  register('incidents', eventCites, incidentValues),
  register('duties', eventCites, dutyValues),
  register('deputies', ({ pseudonym, from, askedAt, confirmedAt, endedAt }) => {
    const act = (name: string): string => keyOf.act(name, text(pseudonym), momentOf(from))
    const alone = confirmedAt !== null && momentOf(confirmedAt) === momentOf(askedAt)
    return [
      ...(alone ? [] : [cite('proposed', act('propose-deputy'), askedAt)]),
      ...(confirmedAt === null ? [] : [cite('appointed', act('appoint-deputy'), confirmedAt)]),
      ...(endedAt === null ? [] : [cite('ended', act('end-deputy'), endedAt)]),
    ]
  }),
  register(
    'staff',
    ({ pseudonym, addedAt, switchedOffAt }) => [
      cite('added', keyOf.act('add-staff', text(pseudonym)), addedAt),
      ...(switchedOffAt === null
        ? []
        : [cite('switched-off', keyOf.act('switch-off-staff', text(pseudonym)), switchedOffAt)]),
    ],
    (row, { dutiesOf }) => ({ ...row, duties: dutiesOf(text(row['role'])) }),
  ),
  register('credentials', () => []),
  register('consents', () => []),
  register('withdrawals', () => []),
  register('holds', () => []),
  register('demands', () => [], demandValues),
  register(
    'handings',
    ({ asked, entry, askedAt, settledAt }) => [
      ...(asked === null ? [] : [cite('asked', text(asked), askedAt)]),
      ...(entry === asked ? [] : [cite('settled', text(entry), settledAt ?? askedAt)]),
    ],
    handingValues,
  ),
  register('recipient-letters', () => []),
  register(
    'destructions',
    ({ entry, begunAt }) => (entry === null ? [] : [cite('begun', text(entry), begunAt)]),
    destructionValues,
  ),
  register('requests', eventCites, requestValues),
  register('documents', ({ sha256, madeAt }) =>
    sha256 === null ? [] : [cite('made', keyOf.document(hexOf(sha256)), madeAt)],
  ),
]

type Values = Readonly<Record<string, unknown>>

function register(
  name: RegisterName,
  cites: (row: ArchivedRow) => readonly WantedEntry[],
  values: (row: ArchivedRow, by: Reading) => Values = (row) => row,
): Register {
  const columns = COLUMNS[name]
  const line = (row: ArchivedRow, by: Reading): ArchiveLine => ({
    values: shown(values(row, by), by.zone),
    cites: cites(row),
  })
  return { name, title: TITLES[name], article: ARTICLES[name], columns, line }
}

function cite(of: string, key: string, at: unknown): WantedEntry {
  return { of, key, at: momentOf(at) }
}

interface StoredEvent {
  readonly by: string | null
  readonly entry: string
  readonly body: { readonly kind: string; readonly at: Instant } & Readonly<Record<string, unknown>>
}

/** What happened, by codes: of a body nothing is taken that is not named here. */
function eventsOf(row: ArchivedRow, zone: string): readonly Values[] {
  return ((row['events'] ?? []) as readonly StoredEvent[]).map(({ by, body }) => {
    const { kind, at, step, rule, reason, risk, share, until } = body
    const known = { step, clock: rule, reason, risk, share }
    return {
      at: formatInstant(zone, at),
      what: kind,
      ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
      ...(typeof until === 'number' ? { until: formatInstant(zone, until) } : {}),
      by,
    }
  })
}

/** The entry of the first event and, where it is another, of the last. */
function eventCites(row: ArchivedRow): readonly WantedEntry[] {
  const events = (row['events'] ?? []) as readonly StoredEvent[]
  const [first, last] = [events.at(0), events.at(-1)]
  if (first === undefined || last === undefined) return []
  const begun = cite('registered', first.entry, row['registeredAt'] ?? row['openedAt'])
  return last.entry === first.entry ? [begun] : [begun, cite('last', last.entry, last.body.at)]
}

function clocksOf(tracks: readonly Track[], zone: string): readonly Values[] {
  return tracks.map(({ rule, start, planned, outer, extended, end }) => ({
    ...{ clock: rule, start: formatInstant(zone, start), planned: formatInstant(zone, planned) },
    outer: formatInstant(zone, outer),
    extended: extended === null ? null : { at: formatInstant(zone, extended.at), reason: extended.reason },
    end: end === null ? null : { how: end.how, at: formatInstant(zone, end.at), late: end.late },
  }))
}

function tracksOf(row: ArchivedRow): readonly Track[] {
  return (row['fold'] as { readonly tracks: readonly Track[] }).tracks
}

function without(row: ArchivedRow, ...names: readonly string[]): Values {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !names.includes(name)))
}

function requestValues(row: ArchivedRow, { zone }: Reading): Values {
  const { refusal } = row['fold'] as { readonly refusal: string | null }
  const extended = tracksOf(row).find((track) => track.extended !== null)?.extended ?? null
  const proof = (row['proof'] ?? []) as readonly Values[]
  return {
    ...without(row, 'fold', 'events', 'proof'),
    kindName: KIND_WORDS[row['kind'] as RequestKind]['ru'] ?? null,
    proof: proof.map(({ method, level, passed, at }) => ({
      ...{ method, level, passed },
      at: formatInstant(zone, Number(at)),
    })),
    extendedFor: extended?.reason ?? null,
    refusal,
    clocks: clocksOf(tracksOf(row), zone),
    events: eventsOf(row, zone),
  }
}

function incidentValues(row: ArchivedRow, { zone }: Reading): Values {
  const { risk } = row['fold'] as { readonly risk: string | null }
  const affected = row['affected'] as Values | null
  const { people, entries, compartments, fields, digest } = affected ?? {}
  const ended = (rule: string): unknown => tracksOf(row).find((track) => track.rule === rule)?.end?.at
  const at = (moment: unknown): string | null => (typeof moment === 'number' ? formatInstant(zone, moment) : null)
  return {
    ...without(row, 'fold', 'events', 'affected'),
    risk,
    firstNoticeAt: at(ended('incident-first')),
    resultNoticeAt: at(ended('incident-result')),
    affected: affected === null ? null : { people, entries, compartments, fields, digest },
    clocks: clocksOf(tracksOf(row), zone),
    events: eventsOf(row, zone),
  }
}

/** What the register of duties says of a document or a notice; texts of a change are in the versions of the policy themselves. */
const DUTY_FACTS = ['covers', 'purposes', 'categories', 'country', 'adequate', 'met', 'level', 'version', 'before']

function dutyValues(row: ArchivedRow, { zone }: Reading): Values {
  const facts = row['facts'] as Readonly<Record<string, unknown>>
  const at = (name: string): string | null =>
    typeof facts[name] === 'number' ? formatInstant(zone, facts[name]) : null
  return {
    ...without(row, 'fold', 'events', 'facts'),
    reference: numberOnly(facts['reference']),
    at: at('at'),
    until: at('until'),
    noticedAt: at('noticedAt'),
    reason: facts['reason'] ?? null,
    ...Object.fromEntries(DUTY_FACTS.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]]))),
    clocks: clocksOf(tracksOf(row), zone),
    events: eventsOf(row, zone),
  }
}

function demandValues(row: ArchivedRow): Values {
  return { ...row, reference: numberOnly(row['reference']) }
}

function handingValues(row: ArchivedRow): Values {
  const { askedBy, settledBy } = row
  return { ...without(row, 'asked', 'entry'), askedBy: actorOf(askedBy), settledBy: actorOf(settledBy) }
}

function destructionValues(row: ArchivedRow): Values {
  const [year, n] = [Number(row['year']), Number(row['n'])]
  const number = row['n'] === null ? null : numberText({ year, number: n })
  return { number, ...without(row, 'act', 'year', 'n', 'entry') }
}

/** Staff by pseudonym and software by name; the person, and whoever acts for them, have no id in the ledger and stand by neither. */
function actorOf(actor: unknown): string | null {
  if (actor === null || actor === undefined) return null
  const { kind, name, id } = actor as { readonly kind: string; readonly name: string; readonly id?: string }
  if (id === undefined) return kind
  return kind === 'staff' ? id : name
}

/**
 * A number that somebody else gave a document, where it can be nothing but that: whatever stands between them, no three letters in a row, which
 * may be a name, and no nine digits, which may be a phone or a passport.
 */
export function numberOnly(reference: unknown): string | null {
  if (typeof reference !== 'string' || !/^(?=.*\d)[\p{L}\d ./№#()_-]{1,40}$/u.test(reference)) return null
  const bare = reference.replaceAll(/[^\p{L}\d]/gu, '')
  return /\p{L}{3}|\d{9}/u.test(bare) ? null : reference
}

function shown(values: Values, zone: string): Readonly<Record<string, Canonical>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, canonicalOf(value, zone)]))
}

function canonicalOf(value: unknown, zone: string): Canonical {
  if (value instanceof Date) return formatInstant(zone, value.getTime())
  if (value instanceof Uint8Array) return hexOf(value)
  return (value ?? null) as Canonical
}

function hexOf(value: unknown): string {
  return Buffer.from(value as Uint8Array).toString('hex')
}

function momentOf(at: unknown): Instant {
  return at instanceof Date ? at.getTime() : Number(at)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

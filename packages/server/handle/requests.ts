import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import { levelFor, levelReached, stepsFrom } from '@doverie/core/request'
import {
  callerId,
  correctForRequest,
  decideRequest,
  describeRequest,
  type DescribedRequest,
  type Fulfilled,
  isStaffStep,
  type LetterRow,
  linkLetter,
  listOwnRequests,
  listQueue,
  markPosted,
  type PartInfo,
  printAddressSheet,
  proveLetterCode,
  proveOwnRequest,
  readExport,
  readLetter,
  readPart,
  readReply,
  recallRequest,
  checkSignature,
  recordCheck,
  type RegisteredLetter,
  registerLetter,
  type ReplyRow,
  type RequestRow,
  rerouteRequest,
  sendLetterCode,
  sendReply,
  settleForRequest,
} from '@doverie/vault'
import { Refusal } from '../answer.ts'
import { callerOf, type Route, route, staffOf, subjectOf } from '../route.ts'
import { idempotencyKey } from './forms.ts'
import { letterView as noticeView } from './demands.ts'
import { partsOf } from './letter-parts.ts'

function requestView(row: RequestRow): contract.RegisteredRequest {
  const { id, number, letter, kind, entity, state, owner, routedBy, receivedAt, registeredAt } = row
  const { dueAt, outerAt, endedAt, late, fold } = row
  return {
    ...{ id, number, letter, kind, entity, state, owner, routedBy, receivedAt, registeredAt },
    ...{ dueAt, outerAt, endedAt, late, until: fold.until, refusal: fold.refusal },
    levelNeeded: levelFor(kind),
    clocks: fold.tracks.map((track) => ({
      rule: track.rule,
      start: track.start,
      planned: track.planned,
      outer: track.outer,
      counted: track.counted,
      extendedAt: track.extended?.at ?? null,
      told: track.told,
      endedAt: track.end?.at ?? null,
      ended: track.end?.how ?? null,
      late: track.end?.late ?? false,
    })),
    steps: stepsFrom(kind, state),
    hindered: hindrance(row.hindered),
  }
}

function hindrance(why: RequestRow['hindered']): contract.RequestHindrance | null {
  if (why === null) return null
  const { by, at } = why
  if (by === 'restored') return { by, at, act: null, clauses: [], reasons: [], entry: null }
  const { act, clauses, reasons, entry } = why
  return { by, at, act, clauses, reasons, entry }
}

function letterView(row: LetterRow): contract.RegisteredLetter {
  const { id, number, channel, receivedAt, registeredAt, registeredBy, subject, identity, proof } = row
  const { parts, bytes, suggested } = row
  return {
    ...{ id, number, channel, receivedAt, registeredAt, registeredBy, subject, identity },
    // Which part was signed is the register's own; the keyed hash stays there, too.
    proof: proof.map(({ method, level, passed, at, by }) => ({ method, level, passed, at, by })),
    levelReached: levelReached(proof.filter(({ passed }) => passed)),
    ...{ parts, bytes, suggested },
  }
}

function replyView({
  id,
  number,
  kind,
  channel,
  madeAt,
  madeBy,
  sentAt,
  hash,
  bytes,
}: ReplyRow): contract.RegisteredReply {
  return { id, number, kind, channel, madeAt, madeBy, sentAt, sha256: Buffer.from(hash).toString('hex'), bytes }
}

export function registeredView({ letter, requests, suggested }: RegisteredLetter): contract.LetterRegistered {
  return { letter: letterView(letter), requests: requests.map(requestView), suggested }
}

function describedView(described: DescribedRequest): contract.DescribedRequest {
  const { request, letter, events, replies, repeats, recipients } = described
  return {
    request: requestView(request),
    letter: letterView(letter),
    events: events.map(({ event, by, entry }) => ({
      at: event.at,
      what: event.kind === 'step' ? event.step : event.kind,
      rule: 'rule' in event ? event.rule : null,
      by,
      entry,
    })),
    replies: replies.map(replyView),
    repeats,
    recipients: recipients.map(noticeView),
  }
}

/** The request as it is then, or the refusal of what was to be done for it. */
export function fulfilled(outcome: Fulfilled): contract.RegisteredRequest | Refusal {
  return 'refused' in outcome ? new Refusal(outcome.refused) : requestView(outcome.request)
}

function partView({ id, name, type, bytes, hash }: PartInfo): contract.LetterContent['parts'][number] {
  return { id, name, type, bytes, sha256: hash }
}

const EXPORT_TYPES = { json: 'application/json; charset=utf-8', csv: 'text/csv; charset=utf-8' } as const

export const requestRoutes: readonly Route[] = [
  route(contract.registerLetter, async ({ vault }, call) => {
    const { parts = [], ...letter } = call.body
    const key = idempotencyKey(call.request)
    const caller = callerOf(call)
    const source = key === undefined ? {} : { source: `${caller.kind} ${callerId(caller)} ${key}` }
    return registeredView(await registerLetter(vault, caller, { ...letter, parts: partsOf(parts), ...source }))
  }),
  route(contract.readLetter, async ({ vault }, call) => {
    const { letter, content, requests, additions } = await readLetter(vault, staffOf(call), call.params.letter)
    return {
      letter: letterView(letter),
      requests: requests.map(requestView),
      content:
        content === null
          ? null
          : {
              ...{ sender: content.sender, heading: content.heading, text: content.text, marks: content.marks },
              ...{ broughtBy: content.broughtBy, note: content.note },
              parts: content.parts.map(partView),
              mail: content.mail ?? null,
            },
      additions: additions.map(({ receivedAt, sender, heading, text, parts, mail }) => ({
        ...{ receivedAt, sender, heading, text, mail },
        parts: parts.map(partView),
      })),
    }
  }),
  route(contract.readLetterPart, async ({ vault }, call) => {
    const { letter, part } = call.params
    const { content } = await readPart(vault, staffOf(call), letter, part)
    // Whatever it is, no browser shows it as a page of this server.
    void call.reply.header('content-disposition', 'attachment')
    return content
  }),
  route(contract.linkLetter, async ({ vault }, call) =>
    letterView(await linkLetter(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.checkIdentity, async ({ vault }, call) =>
    letterView(await recordCheck(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.checkSignature, async ({ vault }, call) => {
    const { form, likeness, uncompared, early, passed, letter } = await checkSignature(vault, staffOf(call), {
      ...call.params,
      ...call.body,
    })
    const signers = form.signers.map((signer, i) => {
      const { surname = null, 'given-names': givenNames = null, inn = null, snils = null } = likeness[i] ?? {}
      return { ...signer, early: early[i] === true, compared: { surname, givenNames, inn, snils } }
    })
    return { verdict: form.verdict, signers, uncompared, passed, identity: letter.identity }
  }),
  route(contract.sendLetterCode, ({ vault }, call) =>
    sendLetterCode(vault, staffOf(call), { ...call.params, ...call.body }),
  ),
  route(contract.proveLetterCode, async ({ vault }, call) =>
    letterView(await proveLetterCode(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.proveRequest, async ({ vault }, call) =>
    requestView(await proveOwnRequest(vault, subjectOf(call), call.params.request)),
  ),
  route(contract.askMine, async ({ vault }, call) => {
    const caller = subjectOf(call)
    const { subject } = caller
    const key = idempotencyKey(call.request)
    const source = key === undefined ? {} : { source: `portal ${subject} ${key}` }
    const { parts = [], ...asked } = call.body
    const letter = { channel: 'portal', subject, ...asked, parts: partsOf(parts) } as const
    return registeredView(await registerLetter(vault, caller, { ...letter, ...source }))
  }),
  route(contract.listMine, async ({ vault }, call) => ({
    requests: (await listOwnRequests(vault, subjectOf(call))).map(requestView),
  })),
  route(contract.showMine, async ({ vault }, call) =>
    describedView(await describeRequest(vault, subjectOf(call), call.params.request)),
  ),
  route(contract.recallMine, async ({ vault }, call) =>
    requestView(await recallRequest(vault, subjectOf(call), call.params.request)),
  ),
  route(contract.listQueue, async ({ vault }, call) => {
    const { overdue, ...which } = call.query
    const { requests, next } = await listQueue(vault, staffOf(call), { ...which, overdue: overdue === 'true' })
    return { requests: requests.map(requestView), next }
  }),
  route(contract.describeRequest, async ({ vault }, call) =>
    describedView(await describeRequest(vault, staffOf(call), call.params.request)),
  ),
  route(contract.stepRequest, async ({ vault }, call) => {
    const { step, ...more } = call.body
    if (!isStaffStep(step)) throw new DoverieError('invalid-request', 'Staff take no such step.', { field: 'step' })
    return requestView(await decideRequest(vault, staffOf(call), { ...call.params, step, ...more }))
  }),
  route(contract.rerouteRequest, async ({ vault }, call) => ({
    requests: (await rerouteRequest(vault, staffOf(call), { ...call.params, ...call.body })).map(requestView),
  })),
  route(contract.correctForRequest, async ({ vault }, call) =>
    fulfilled(await correctForRequest(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.settleForRequest, async ({ vault }, call) =>
    fulfilled(await settleForRequest(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.sendReply, async ({ vault }, call) => {
    const { reply, request, password } = await sendReply(vault, staffOf(call), { ...call.params, ...call.body })
    return { reply: replyView(reply), request: requestView(request), password }
  }),
  route(contract.markPosted, async ({ vault }, call) => {
    const { reply, request, password } = await markPosted(vault, staffOf(call), call.params.reply)
    return { reply: replyView(reply), request: requestView(request), password }
  }),
  route(contract.printAddressSheet, async ({ vault }, call) =>
    printAddressSheet(vault, staffOf(call), call.params.reply),
  ),
  route(contract.readExport, async ({ vault }, call) => {
    const { format } = call.params
    const { number, text } = await readExport(vault, callerOf(call), call.params)
    void call.reply.header('content-disposition', `attachment; filename="${number}.${format}"`)
    void call.reply.header('content-type', EXPORT_TYPES[format])
    return text
  }),
  route(contract.readReply, async ({ vault }, call) => {
    const { reply, pdf } = await readReply(vault, callerOf(call), call.params.reply)
    void call.reply.header('content-disposition', `attachment; filename="${reply.number}.pdf"`)
    return pdf
  }),
]

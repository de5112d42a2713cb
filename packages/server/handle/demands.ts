import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  approveDemand,
  askForDemand,
  callerId,
  type DemandRow,
  describeDemand,
  listDemands,
  listNotices,
  markNotice,
  printNoticeAddress,
  readRecipientLetter,
  type RecipientLetterRow,
  refuseDemand,
  registerDemand,
} from '@doverie/vault'
import { answered } from '../answer.ts'
import { type Route, route, staffOf } from '../route.ts'
import { idempotencyKey } from './forms.ts'
import { partsOf } from './letter-parts.ts'

function demandView(row: DemandRow): contract.RegisteredDemand {
  const { id, number, letter, recipient, norm, reference, dated, entity, receivedAt, registeredAt, registeredBy } = row
  const { state, dueAt, outerAt, told, ageKey: key, secretUntil, secretNorm, refusal, endedAt, late } = row
  return {
    ...{ id, number, letter, recipient, norm, reference, dated, entity, receivedAt, registeredAt, registeredBy },
    ...{ state, dueAt, outerAt, told, key, secretUntil, secretNorm, refusal, endedAt, late },
  }
}

export function letterView(row: RecipientLetterRow): contract.RecipientLetter {
  const { id, kind, recipient, demand, state, channel, number, hash, askedAt, madeAt, sentAt, confirmedAt, dueAt } = row
  const { told, unreachable, requests } = row
  return {
    ...{ id, kind, recipient, demand, state, channel, number, askedAt, madeAt, sentAt, confirmedAt, dueAt },
    ...{ told, unreachable, requests },
    sha256: hash === null ? null : Buffer.from(hash).toString('hex'),
    about: row.about.handed.map(({ disclosure, fields }) => ({ disclosure, fields })),
  }
}

export const demandRoutes: readonly Route[] = [
  route(contract.registerDemand, async ({ vault }, call) => {
    const { parts = [], ...demand } = call.body
    const key = idempotencyKey(call.request)
    const caller = staffOf(call)
    const source = key === undefined ? {} : { source: `${callerId(caller)} ${key}` }
    return demandView(await registerDemand(vault, caller, { ...demand, parts: partsOf(parts), ...source }))
  }),
  route(contract.listDemands, async ({ vault }, call) => ({
    demands: (await listDemands(vault, staffOf(call))).map(demandView),
  })),
  route(contract.describeDemand, async ({ vault }, call) => {
    const { demand, lines, letters } = await describeDemand(vault, staffOf(call), call.params.demand)
    return {
      demand: demandView(demand),
      people: lines.map(({ id, subject, fields, state, askedBy }) => ({
        ...{ disclosure: id, subject, fields, state },
        askedBy: askedBy.id ?? '',
      })),
      letters: letters.map(letterView),
    }
  }),
  route(contract.askForDemand, async ({ vault }, call) => {
    const { decided, fields, line } = await askForDemand(vault, staffOf(call), { ...call.params, ...call.body })
    return answered(decided, () => {
      if (line === null) throw new DoverieError('internal')
      return { disclosure: line, fields: fields.given, beyond: fields.beyond, absent: fields.absent }
    })
  }),
  route(contract.approveDemand, async ({ vault }, call) => {
    const made = await approveDemand(vault, staffOf(call), { ...call.params, ...call.body })
    const { name, password, refused } = made
    const file = made.file.toString('base64')
    return { demand: demandView(made.demand), letter: letterView(made.letter), file, name, password, refused }
  }),
  route(contract.refuseDemand, async ({ vault }, call) => {
    const { note = '' } = call.body
    const { demand, letter } = await refuseDemand(vault, staffOf(call), { ...call.params, note })
    return { demand: demandView(demand), letter: letterView(letter) }
  }),
  route(contract.listRecipientLetters, async ({ vault }, call) => ({
    letters: (await listNotices(vault, staffOf(call))).map(letterView),
  })),
  route(contract.markRecipientLetter, async ({ vault }, call) =>
    letterView(await markNotice(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.readRecipientLetter, async ({ vault }, call) => {
    const { pdf, number } = await readRecipientLetter(vault, staffOf(call), call.params.letter)
    void call.reply.header('content-disposition', `attachment; filename="${number ?? 'letter'}.pdf"`)
    return pdf
  }),
  route(contract.printRecipientAddress, async ({ vault }, call) =>
    printNoticeAddress(vault, staffOf(call), call.params.letter),
  ),
]

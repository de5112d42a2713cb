import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  describeDuty,
  describeDutyFurther,
  draftDuty,
  type DutyRow,
  listDuties,
  openDuty,
  readDutyDocument,
  stepDuty,
} from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

function view(row: DutyRow): contract.RegisteredDuty {
  const { id, number, kind, about, state, policy, openedAt, openedBy, dueAt, endedAt, late, fold, facts } = row
  return {
    ...{ id, number, kind, about, state, policy, openedAt, openedBy, dueAt, endedAt, late },
    clocks: fold.tracks.map(({ rule, start, planned, outer, told, end }) => ({
      ...{ rule, start, planned, outer, told },
      endedAt: end?.at ?? null,
      late: end?.late ?? false,
    })),
    facts: { ...facts },
  }
}

export const dutyRoutes: readonly Route[] = [
  route(contract.openDuty, async ({ vault }, call) => view(await openDuty(vault, staffOf(call), call.body))),
  route(contract.listDuties, async ({ vault }, call) => ({
    duties: (await listDuties(vault, staffOf(call))).map(view),
  })),
  route(contract.describeDuty, async ({ vault }, call) => {
    const { row, steps, content, events, documents, findings } = await describeDuty(
      vault,
      staffOf(call),
      call.params.duty,
    )
    return {
      duty: view(row),
      steps,
      words: { ...content },
      events: events.map(({ event, by, entry, facts }) => ({
        at: event.at,
        what: event.kind === 'step' ? event.step : event.kind,
        rule: event.kind === 'escalated' ? event.rule : null,
        ...{ by, entry, facts: { ...facts } },
      })),
      documents: documents.map(({ id, number, kind, madeAt, madeBy, hash, bytes }) => ({
        ...{ id, number, kind, madeAt, madeBy, bytes },
        sha256: Buffer.from(hash).toString('hex'),
      })),
      findings: findings.map(({ criterion, met }) => ({ id: criterion.id, level: criterion.level, met })),
    }
  }),
  route(contract.describeDutyFurther, async ({ vault }, call) =>
    view(await describeDutyFurther(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.stepDuty, async ({ vault }, call) => {
    const { step } = call.body
    if (step === 'open') throw new DoverieError('invalid-request', 'That is no step.', { field: 'step' })
    return view(await stepDuty(vault, staffOf(call), { ...call.params, ...call.body, step }))
  }),
  route(contract.draftDuty, async ({ vault }, call) => {
    const { document, statement } = await draftDuty(vault, staffOf(call), call.params.duty)
    const { id, number, hash } = document
    return { document: id, number, sha256: Buffer.from(hash).toString('hex'), statement: { ...statement } }
  }),
  route(contract.readDutyDocument, async ({ vault }, call) => {
    const { twin } = await readDutyDocument(vault, staffOf(call), call.params)
    return { statement: JSON.parse(twin) as Readonly<Record<string, unknown>> }
  }),
  route(contract.printDutyDocument, async ({ vault }, call) => {
    const { number, pdf } = await readDutyDocument(vault, staffOf(call), call.params)
    void call.reply.header('content-disposition', `attachment; filename="${number}.pdf"`)
    return pdf
  }),
]

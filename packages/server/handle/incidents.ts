import { DoverieError } from '@doverie/core/base'
import * as contract from '@doverie/core/contract'
import {
  describeFurther,
  describeIncident,
  draftNotice,
  type IncidentRow,
  leaveUntold,
  listIncidents,
  openIncident,
  readNotice,
  scopeIncident,
  showAffected,
  stepIncident,
  tellAffected,
} from '@doverie/vault'
import { type Route, route, staffOf } from '../route.ts'

function view(row: IncidentRow): contract.RegisteredIncident {
  const { id, number, profile, state, detectedAt, openedAt, openedBy, dueAt, endedAt, late, fold, affected } = row
  return {
    ...{ id, number, profile, state, detectedAt, openedAt, openedBy, dueAt, endedAt, late, affected },
    risk: fold.risk,
    clocks: fold.tracks.map(({ rule, start, planned, outer, told, end }) => ({
      ...{ rule, start, planned, outer, told },
      endedAt: end?.at ?? null,
      late: end?.late ?? false,
    })),
    searching: row.scope !== null && affected === null,
    telling: row.tellingAt !== null,
    warnings: row.scope !== null && row.scope.from > row.detectedAt ? ['begins-after-finding'] : [],
  }
}

export const incidentRoutes: readonly Route[] = [
  route(contract.openIncident, async ({ vault }, call) => view(await openIncident(vault, staffOf(call), call.body))),
  route(contract.listIncidents, async ({ vault }, call) => ({
    incidents: (await listIncidents(vault, staffOf(call))).map(view),
  })),
  route(contract.describeIncident, async ({ vault }, call) => {
    const { row, steps, content, events, documents, told } = await describeIncident(
      vault,
      staffOf(call),
      call.params.incident,
    )
    return {
      incident: view(row),
      steps,
      words: { ...content },
      events: events.map(({ event, by, entry }) => ({
        at: event.at,
        what: event.kind === 'step' ? event.step : event.kind,
        rule: event.kind === 'escalated' ? event.rule : null,
        by,
        entry,
      })),
      documents: documents.map(({ id, number, kind, madeAt, madeBy, hash, bytes }) => ({
        ...{ id, number, kind, madeAt, madeBy, bytes },
        sha256: Buffer.from(hash).toString('hex'),
      })),
      told: { ...told },
    }
  }),
  route(contract.describeFurther, async ({ vault }, call) =>
    view(await describeFurther(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.stepIncident, async ({ vault }, call) => {
    const { step } = call.body
    if (step === 'opened') throw new DoverieError('invalid-request', 'That is no step.', { field: 'step' })
    return view(await stepIncident(vault, staffOf(call), { ...call.params, ...call.body, step }))
  }),
  route(contract.scopeIncident, async ({ vault }, call) =>
    view(await scopeIncident(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.showAffected, async ({ vault }, call) =>
    showAffected(vault, staffOf(call), { ...call.params, ...call.query }),
  ),
  route(contract.draftNotice, async ({ vault }, call) => {
    const { document, statement } = await draftNotice(vault, staffOf(call), { ...call.params, ...call.body })
    const { id, number, hash } = document
    return { document: id, number, sha256: Buffer.from(hash).toString('hex'), statement: { ...statement } }
  }),
  route(contract.readNotice, async ({ vault }, call) => {
    const { twin } = await readNotice(vault, staffOf(call), call.params)
    return { statement: JSON.parse(twin) as Readonly<Record<string, unknown>> }
  }),
  route(contract.printNotice, async ({ vault }, call) => {
    const { number, pdf } = await readNotice(vault, staffOf(call), call.params)
    void call.reply.header('content-disposition', `attachment; filename="${number}.pdf"`)
    return pdf
  }),
  route(contract.tellAffected, async ({ vault }, call) =>
    view(await tellAffected(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
  route(contract.leaveUntold, async ({ vault }, call) =>
    view(await leaveUntold(vault, staffOf(call), { ...call.params, ...call.body })),
  ),
]

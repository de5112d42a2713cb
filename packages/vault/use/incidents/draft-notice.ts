import { createHash } from 'node:crypto'
import { type Canonical, canonical, DoverieError } from '@doverie/core/base'
import {
  incidentDocument,
  type IncidentDocumentKind,
  type IncidentFacts,
  type IncidentStatement,
  incidentStatement,
} from '../../documents/incident-notice.ts'
import { renderPdf } from '../../documents/pdf.ts'
import type { Caller } from '../../guard/caller.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import {
  type IncidentDocument,
  type IncidentRow,
  insertIncidentDocument,
  listIncidentDocuments,
} from '../../store/incidents.ts'
import { nextNumber } from '../../store/letters.ts'
import { assertOfficer } from '../duties.ts'
import { numberOf, yearOf } from '../requests/law.ts'
import { type IncidentContent, openIncidentWords, partOf } from './content.ts'
import { actOnIncident, dutyClauses, incidentOf } from './on-incident.ts'

export interface IncidentDraft {
  readonly document: IncidentDocument
  readonly statement: IncidentStatement
}

/**
 * Makes the draft of a notice to the authority, or of what the people affected are told, from the register as it stands: a numbered
 * document with its twin for machines, sealed, its hash in the ledger. Each draft is kept; what was sent is what a step says.
 */
export async function draftNotice(
  vault: Vault,
  caller: Caller,
  { incident, kind }: { readonly incident: string; readonly kind: IncidentDocumentKind },
): Promise<IncidentDraft> {
  const officer = assertOfficer(vault, caller)
  const found = await incidentOf(vault, incident)
  const { policy, law } = found
  const { content, key } = await openIncidentWords(vault, found.row)
  const drafts: IncidentDraft[] = []
  await actOnIncident(vault, found, {
    name: 'draft-notice',
    caller: officer,
    events: (_, at) => [{ kind: 'drafted', at }],
    detail: { document: kind },
    also: async (tx, row) => {
      const madeAt = vault.now()
      const year = yearOf(law.zone, madeAt)
      const number = numberOf(year, await nextNumber(tx, vault.keys, 'reply', year))
      const made = await listIncidentDocuments(tx, row.id)
      const facts = factsOf(row, content, made)
      const statement = incidentStatement({ policy, law, kind, number, madeAt, facts })
      const pdf = await renderPdf(incidentDocument(statement, policy, law.zone))
      const id = vault.newId()
      const document: IncidentDocument = {
        ...{ id, incident: row.id, number, kind, madeAt, madeBy: officer.pseudonym },
        hash: createHash('sha256').update(pdf).digest(),
        bytes: pdf.length,
        sealed: key.seal(partOf(id, false), pdf),
        twin: key.seal(partOf(id, true), Buffer.from(canonical(statement as unknown as Canonical))),
      }
      await insertIncidentDocument(tx, document)
      const sha256 = Buffer.from(document.hash).toString('hex')
      await recordAct(vault, tx, 'notice-drafted', officer, dutyClauses(policy), { document: number, sha256 })
      drafts.push({ document, statement })
    },
  })
  const [draft] = drafts
  if (draft === undefined) throw new DoverieError('internal')
  return draft
}

/** Opens a document of an incident as it was made: the PDF, or its twin. The reading is entered. Throws `not-found`. */
export async function readNotice(
  vault: Vault,
  caller: Caller,
  { incident, document }: { readonly incident: string; readonly document: string },
): Promise<{ readonly number: string; readonly pdf: Buffer; readonly twin: string }> {
  const officer = assertOfficer(vault, caller)
  const { policy, row } = await incidentOf(vault, incident)
  const found = (await listIncidentDocuments(vault.data, row.id)).find(({ id }) => id === document)
  if (found === undefined) throw new DoverieError('not-found', undefined, { field: 'document' })
  const { key } = await openIncidentWords(vault, row)
  const pdf = key.open(partOf(found.id, false), found.sealed)
  const twin = key.open(partOf(found.id, true), found.twin).toString('utf8')
  await recordAct(vault, vault.data, 'read-notice', officer, dutyClauses(policy), { document: found.number })
  return { number: found.number, pdf, twin }
}

function factsOf(row: IncidentRow, content: IncidentContent, made: readonly IncidentDocument[]): IncidentFacts {
  const { what, cause, systems, harm, measures, contact, result, culprits, references } = content
  // Of several drafts the last is the one that was sent.
  const first = made.findLast(({ kind }) => kind === 'incident-first')
  return {
    number: row.number,
    detectedAt: row.detectedAt,
    risk: row.fold.risk,
    words: { what, cause, systems, harm, measures, contact, result, culprits, references },
    scope: row.scope === null ? null : { from: row.scope.from, to: row.scope.to },
    affected: row.affected,
    first: first === undefined ? null : { number: first.number, madeAt: first.madeAt },
  }
}

import { createHash } from 'node:crypto'
import { type Canonical, canonical, DoverieError } from '@doverie/core/base'
import { WHOLE_POLICY } from '@doverie/core/policy'
import { isNotice } from '@doverie/core/request'
import { dutyDocument, type DutyStatement, dutyStatement } from '../../documents/duty-document.ts'
import { renderPdf } from '../../documents/pdf.ts'
import type { Caller, StaffCaller } from '../../guard/caller.ts'
import type { LetterKey } from '../../guard/letter-keys.ts'
import { recordAct } from '../../guard/record-act.ts'
import type { Vault } from '../../guard/vault.ts'
import type { Queryable } from '../../store/database.ts'
import { type DutyDocument, insertDutyDocument, listDuties, listDutyDocuments } from '../../store/duties.ts'
import { nextNumber } from '../../store/letters.ts'
import { assertOfficer } from '../duties.ts'
import { partOf } from '../incidents/content.ts'
import { dutyClauses } from '../incidents/on-incident.ts'
import { numberOf, yearOf } from '../requests/law.ts'
import { type DutyContent, dutyKey, openDutyWords, wordsOf } from './content.ts'
import { actOnDuty, type DutyCase, dutyOf } from './on-duty.ts'

const MOST = 1_000

export interface DutyDraft {
  readonly document: DutyDocument
  readonly statement: DutyStatement
}

/**
 * Drafts a notice to the authority from the policy in force and what is said: numbered, kept, its hash in the ledger. Throws `conflict`
 * for a duty that is no notice: its act is made when it is signed.
 */
export async function draftDuty(vault: Vault, caller: Caller, duty: string): Promise<DutyDraft> {
  const officer = assertOfficer(vault, caller)
  const found = await dutyOf(vault, duty)
  if (!isNotice(found.row.kind)) throw new DoverieError('conflict', 'Only a notice is drafted.', { field: 'duty' })
  const key = await dutyKey(vault, found.row.id)
  const own = openDutyWords(key, found.row.sealed)
  const content = own.place === '' ? { ...own, place: await attestedPlace(vault) } : own
  const drafts: DutyDraft[] = []
  await actOnDuty(vault, found, {
    name: 'draft-duty',
    caller: officer,
    events: (_, at) => [{ kind: 'drafted', at }],
    also: async (tx, moved) => {
      drafts.push(await writeDocument(vault, tx, officer, { ...found, row: moved }, { content, key }))
    },
  })
  const [draft] = drafts
  if (draft === undefined) throw new DoverieError('internal')
  return draft
}

/** Where the databases are by the attestation that is in force; nothing where there is none. */
async function attestedPlace(vault: Vault): Promise<string> {
  const all = await listDuties(vault.data, MOST)
  const attestation = all.find(
    ({ kind, about, state }) => kind === 'localisation' && about === WHOLE_POLICY && state === 'in-force',
  )
  return attestation === undefined ? '' : (await wordsOf(vault, attestation)).place
}

/** Writes the document of a duty as it stands, in the transaction of the act that it belongs to. */
export async function writeDocument(
  vault: Vault,
  tx: Queryable,
  officer: StaffCaller,
  { policy, law, row }: DutyCase,
  { content, key }: { readonly content: DutyContent; readonly key: LetterKey },
): Promise<DutyDraft> {
  const madeAt = vault.now()
  const year = yearOf(law.zone, madeAt)
  const number = numberOf(year, await nextNumber(tx, vault.keys, 'reply', year))
  const duty = { number: row.number, kind: row.kind, facts: row.facts }
  const statement = dutyStatement({ policy, law, number, madeAt, madeBy: officer.pseudonym, duty, content })
  const pdf = await renderPdf(dutyDocument(statement, policy, law.zone))
  const id = vault.newId()
  const document: DutyDocument = {
    ...{ id, duty: row.id, number, kind: row.kind, madeAt, madeBy: officer.pseudonym },
    hash: createHash('sha256').update(pdf).digest(),
    bytes: pdf.length,
    sealed: key.seal(partOf(id, false), pdf),
    twin: key.seal(partOf(id, true), Buffer.from(canonical(statement as unknown as Canonical))),
  }
  await insertDutyDocument(tx, document)
  const sha256 = Buffer.from(document.hash).toString('hex')
  await recordAct(vault, tx, 'duty-document', officer, dutyClauses(policy), { document: number, sha256 })
  return { document, statement }
}

/** Opens a document of a duty as it was made: the PDF, or its twin for machines. The reading is entered. Throws `not-found`. */
export async function readDutyDocument(
  vault: Vault,
  caller: Caller,
  { duty, document }: { readonly duty: string; readonly document: string },
): Promise<{ readonly number: string; readonly pdf: Buffer; readonly twin: string }> {
  const officer = assertOfficer(vault, caller)
  const { policy, row } = await dutyOf(vault, duty)
  const found = (await listDutyDocuments(vault.data, row.id)).find(({ id }) => id === document)
  if (found === undefined) throw new DoverieError('not-found', undefined, { field: 'document' })
  const key = await dutyKey(vault, row.id)
  const pdf = key.open(partOf(found.id, false), found.sealed)
  const twin = key.open(partOf(found.id, true), found.twin).toString('utf8')
  await recordAct(vault, vault.data, 'read-duty-document', officer, dutyClauses(policy), { document: found.number })
  return { number: found.number, pdf, twin }
}

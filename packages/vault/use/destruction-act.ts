import { hash } from 'node:crypto'
import {
  addPeriod,
  type Canonical,
  canonical,
  dayAt,
  DoverieError,
  formatDay,
  type Instant,
  isUuid,
  type LegalProfile,
  legalProfile,
  type Localised,
  parsePeriod,
  type Uuid,
} from '@doverie/core/base'
import { signNote } from '@doverie/core/log'
import { fieldsOf, type Policy } from '@doverie/core/policy'
import program from '../package.json' with { type: 'json' }
import { destructionDocument } from '../documents/destruction-act.ts'
import type { DestroyedCategory, DestructionEvent, DestructionStatement } from '../documents/destruction-statement.ts'
import { renderPdf } from '../documents/pdf.ts'
import type { Caller } from '../guard/caller.ts'
import { entriesOf } from '../guard/entry.ts'
import { recordAct } from '../guard/record-act.ts'
import type { Vault } from '../guard/vault.ts'
import { transaction } from '../store/database.ts'
import {
  deleteDestructionsBefore,
  findDestruction,
  listShownNumbers,
  noteShownNumber,
  numberDestructions,
  type RegisteredDestruction,
} from '../store/destructions.ts'
import { loadBatchesAt } from '../store/ledger.ts'
import { assertOfficer } from './duties.ts'
import { ledgerKeys } from './ledger-keys.ts'
import { horizonOf } from './list-destructions.ts'

/** The first line of the signed text: no checkpoint begins so. */
const ACT_FORMAT = 'doverie/destruction-act/v1'
/** What the law's profile calls the term for which act and export are kept. */
const EVIDENCE = 'destruction-evidence'
const DAY = 86_400_000

/** An act as it is handed out. */
export interface IssuedAct {
  readonly statement: DestructionStatement
  /** The statement's canonical JSON as a note that the ledger's key signed: what is to be kept, and can be verified. */
  readonly note: string
}

/**
 * The act of a destruction with its log export, for the data-protection officer: numbered, signed, entered in the ledger. It says what is
 * known now; after the epoch's end it says more, under the same number. Throws `not-found`, `policy-absent`, `forbidden`.
 */
export async function issueDestructionAct(vault: Vault, caller: Caller, id: string): Promise<IssuedAct> {
  assertOfficer(vault, caller)
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  if (!isUuid(id)) throw new DoverieError('not-found')
  await numberAll(vault, policy)
  const row = await findDestruction(vault.keys, id)
  if (row?.number == null) throw new DoverieError('not-found')
  const { number } = row
  const statement = await stateOf(vault, policy, row, numberText(number))
  // INVARIANT: no number is shown before the data know it: an older key store would give it to another act.
  await transaction(vault.data, async (tx) => {
    await noteShownNumber(tx, number)
    await recordAct(vault, tx, 'issue-destruction-act', caller, policy.defaults.acts.destroy, { act: id })
  })
  return { statement, note: signed(vault, statement) }
}

/** The same as a PDF in Russian, with places to sign. Its last page carries the note's hash, so that the two belong together. */
export async function printDestructionAct(vault: Vault, caller: Caller, id: string): Promise<Uint8Array> {
  const { statement, note } = await issueDestructionAct(vault, caller, id)
  const zone = vault.policy()?.zone ?? 'UTC'
  return renderPdf(destructionDocument(statement, { zone, noteHash: hash('sha256', note, 'hex') }))
}

async function stateOf(
  vault: Vault,
  policy: Policy,
  row: RegisteredDestruction,
  number: string,
): Promise<DestructionStatement> {
  const { subject, person, begunAt, doneAt, epoch } = row
  const { rootDestroyedAt, irrecoverableFrom, remanence } = horizonOf(row)
  const begun = await entryOf(vault, row)
  const { name, address, email, site } = policy.operator
  return {
    number,
    issuedAt: vault.now(),
    operator: { name, address, email },
    system: `Doverie, ${site}`,
    subject,
    person,
    categories: row.compartments.map((one) => categoryOf(policy, one)),
    reason: reasonOf(policy, row.purpose),
    by: begun?.by ?? null,
    ...{ begunAt, goneAt: doneAt, epoch, rootDestroyedAt, irrecoverableFrom, remanence },
    tool: { name: 'Doverie', version: program.version, certificate: null },
    log: [
      { at: begunAt, what: 'begun', entry: begun?.entry ?? null },
      { at: doneAt, what: 'gone', entry: null },
      ...(rootDestroyedAt === null ? [] : [{ at: rootDestroyedAt, what: 'root-destroyed' as const, entry: null }]),
    ],
    keptUntil: keptUntil(policy, doneAt),
  }
}

/** The entry of the act that asked for it, as the ledger has it: by its moment, then by its id. */
async function entryOf(
  vault: Vault,
  row: RegisteredDestruction,
): Promise<{ readonly by: DestructionStatement['by']; readonly entry: NonNullable<DestructionEvent['entry']> } | null> {
  for (const { first, batch } of await loadBatchesAt(vault.data, row.begunAt)) {
    for (const [i, { body }] of entriesOf(batch).entries()) {
      const { id, actor } = JSON.parse(body) as { readonly id: Uuid; readonly actor: Readonly<Record<string, string>> }
      if (id !== row.entry) continue
      const leaf = Buffer.from(batch.leaves.subarray(i * 32, (i + 1) * 32)).toString('hex')
      const by = { kind: actor['kind'] ?? '', name: actor['name'] ?? '', id: actor['id'] ?? null }
      return { by, entry: { id, place: first === null ? null : first + i, leaf } }
    }
  }
  return null
}

/** A compartment that the policy in force knows no more is named by its id. */
function categoryOf(policy: Policy, id: string): DestroyedCategory {
  const fields = fieldsOf(policy, id).map((field) => policy.fields.get(field)?.label ?? { ru: field, en: field })
  return { id, label: policy.compartments.get(id)?.label ?? { ru: id, en: id }, fields }
}

function reasonOf(policy: Policy, purpose: string | null): Localised {
  if (purpose === policy.system.rights) {
    return { ru: 'требование субъекта персональных данных', en: 'the person demanded it' }
  }
  if (purpose === policy.system.law) {
    return { ru: 'отпали основания обработки', en: 'no ground for processing was left' }
  }
  return policy.purposes.get(purpose ?? '')?.label ?? { ru: 'не сохранилась', en: 'not kept' }
}

function keptUntil(policy: Policy, done: Instant): string | null {
  const term = evidenceTerm(policy)
  return term === null ? null : formatDay(addPeriod(dayAt(policy.zone, done), term))
}

/** For how long the policy's law has acts of destruction kept; null where it names no term. */
function evidenceTerm({ profile }: Pick<Policy, 'profile'>): ReturnType<typeof parsePeriod> {
  if (profile === null) return null
  const law: LegalProfile = legalProfile(profile)
  const term = law.retention.find(({ id }) => id === EVIDENCE)?.term
  return term == null ? null : parsePeriod(term)
}

export async function numberAll(vault: Vault, { zone }: Policy): Promise<void> {
  const shown = await listShownNumbers(vault.data)
  await transaction(vault.keys, (tx) => numberDestructions(tx, zone, shown))
}

/** Numbers what was destroyed, and forgets what was kept for its term: of a leap year's length each, so never a day too soon. */
export async function keepRegister(vault: Vault): Promise<void> {
  const policy = vault.policy()
  if (policy === null) return
  await numberAll(vault, policy)
  const term = evidenceTerm(policy)
  if (term === null) return
  const days = term.years * 366 + term.months * 31 + term.days + 1
  await deleteDestructionsBefore(vault.keys, vault.now() - days * DAY)
}

function signed(vault: Vault, statement: DestructionStatement): string {
  const text = `${ACT_FORMAT}\n${canonical(statement as unknown as Canonical)}\n`
  return signNote(text, ledgerKeys(vault).signers.slice(0, 1))
}

/** A number as it is read: `2026-000012`. */
export function numberText({ year, number }: { readonly year: number; readonly number: number }): string {
  return `${year}-${String(number).padStart(6, '0')}`
}

import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { type Installation, openInstallation } from '@doverie/server/installation'
import { openOffline } from '@doverie/server/offline'
import {
  type Attack,
  attackCopy,
  bucketsSince,
  currentPolicy,
  destroyData,
  type DestroyedTarget,
  endEpoch,
  integrateLedger,
  type OldCopy,
  openKept,
  registerLetter,
  requestCode,
  sendReply,
  type Vault,
} from '@doverie/vault'
import { COPIES, copyBeside, type CopyKind, type CopyPlace, copyStopped, readCopies } from './proof-copies.ts'
import { type Invented, inventPeople } from './proof-people.ts'
import { type Scanned, scanFolder } from './scan-folder.ts'

/** One line of the proof: an attack on a copy, before the epoch's end (it must succeed: the attack is real) and after it. */
export interface ProvedAttack {
  readonly copy: CopyKind
  readonly of: 'person' | 'compartment'
  readonly name: Attack['name']
  readonly tried: number
  readonly before: number
  readonly after: number
}

export interface DestructionProof {
  readonly people: number
  readonly attacks: readonly ProvedAttack[]
  /** Records of everybody else, and what was kept of the one, opened from each copy with today's keys. */
  readonly kept: readonly { readonly copy: CopyKind; readonly tried: number; readonly opened: number }[]
  /** Letters of the destroyed person, with what hung on them, that each copy holds and that are kept on purpose for their term. */
  readonly letters: readonly { readonly copy: CopyKind; readonly kept: number }[]
  /** Every file of the copy and of today, the write-ahead log included. */
  readonly scanned: Scanned
  readonly holds: boolean
}

const ORIGIN = 'proof.example/log'
const DAY = 86_400_000
const PASSING: ReadonlySet<Attack['name']> = new Set(['letters', 'codes'])
const STAFF = { kind: 'staff', staff: '00000000-0000-4000-8000-000000000001', pseudonym: 'proof' } as const
const QUIET = { info: () => undefined, warn: () => undefined }

export interface ProofOptions {
  /** An empty folder: installation and copies are made in it. */
  readonly folder: string
  readonly policyDir: string
  readonly people: number
  readonly onStep: (step: string) => void
}

/**
 * Proves a destruction on an installation of its own, of invented people: makes a base backup with its write-ahead log and the product's
 * own backups while the server runs, and copies both databases' folder whole once it is stopped; destroys one person and one
 * compartment of another, ends the epoch, and then attacks each copy with all that today's installation holds. The same attacks
 * before the epoch's end show that they are real.
 */
export async function proveDestruction(options: ProofOptions): Promise<DestructionProof> {
  const { folder, onStep } = options
  const [dataDir, keysDir] = [join(folder, 'data'), join(folder, 'keys')]
  onStep('an installation of invented people')
  const place: CopyPlace = { folder, dataDir, keysDir, origin: ORIGIN }
  const { people, marks } = await within(dataDir, keysDir, options.policyDir, async (vault) => {
    const invented = await populate(vault, options.people)
    onStep('a base backup of the running server, and backups of both databases')
    await copyBeside(place)
    return invented
  })
  onStep('a copy of its whole data folder')
  await copyStopped(place)
  const copies = await readCopies(place)
  const proved = await within(dataDir, keysDir, options.policyDir, (vault) => attack(vault, copies, people, onStep))
  onStep('a search of every file for what was invented')
  const scanned = await scanFolder(folder, marks)
  const holds =
    proved.attacks.every((one) => isReal(one) && one.after === 0) &&
    proved.kept.every(({ tried, opened }) => tried > 0 && opened === tried) &&
    scanned.found === 0
  return { people: people.length, ...proved, scanned, holds }
}

/** It opened something while the old root version lived. What only passes through is in no backup of the product's own. */
function isReal({ copy, name, before }: ProvedAttack): boolean {
  return before > 0 || (copy === 'backup' && PASSING.has(name))
}

async function populate(vault: Vault, count: number): ReturnType<typeof inventPeople> {
  const invented = await inventPeople(vault, count)
  for (const { email, subject } of invented.people.slice(0, 2)) {
    await requestCode(vault, { email })
    await answerOf(vault, subject, invented.marks)
  }
  while ((await integrateLedger(vault)).more);
  return invented
}

/** A letter of theirs that asks for a copy of their data, and the answer that has them. */
async function answerOf(vault: Vault, subject: string, marks: readonly string[]): Promise<void> {
  const letter = { channel: 'portal', subject, kinds: ['copy'], text: marks.join(' ') } as const
  const { requests } = await registerLetter(vault, { kind: 'subject', subject, proved: [] }, letter)
  for (const { id } of requests) await sendReply(vault, officerOf(vault), { request: id, kind: 'answer' })
}

async function attack(
  vault: Vault,
  copies: ReadonlyMap<CopyKind, OldCopy>,
  people: readonly Invented[],
  onStep: (step: string) => void,
): Promise<Pick<DestructionProof, 'attacks' | 'kept' | 'letters'>> {
  const [gone, partly] = people
  if (gone === undefined || partly === undefined) throw new DoverieError('internal')
  const compartment = emailCompartment(vault)
  const targets = [await targetOf(vault, gone, null), await targetOf(vault, partly, [compartment])]
  onStep('a person destroyed, and a compartment of another')
  await destroy(vault, gone.subject, null)
  await destroy(vault, partly.subject, [compartment])
  onStep('the attacks, before the epoch has ended')
  const before = await attackCopies(vault, copies, targets)
  onStep('the end of the epoch')
  await endEpoch(vault)
  onStep('the attacks again')
  const after = await attackCopies(vault, copies, targets)
  // What they wrote is kept for its term, so there is nothing of it to attack yet.
  const attacks = before
    .map(({ opened, ...one }, i) => ({ ...one, before: opened, after: after[i]?.opened ?? NaN }))
    .filter(({ name }) => name !== 'written')
  const letters = after.flatMap(({ copy, name, kept: count }) =>
    name === 'written' ? [{ copy, kept: count ?? 0 }] : [],
  )
  const kept: DestructionProof['kept'][number][] = []
  for (const [copy, old] of copies) {
    const isKept = (row: { readonly subject: string; readonly compartment: string }): boolean =>
      row.subject !== gone.subject && (row.subject !== partly.subject || row.compartment !== compartment)
    kept.push({ copy, ...(await openKept(vault, old, isKept)) })
  }
  return { attacks, kept, letters }
}

/** Every attack on every copy. Letters, codes and history are a person's; of a compartment there is nothing to try. */
async function attackCopies(
  vault: Vault,
  copies: ReadonlyMap<CopyKind, OldCopy>,
  targets: readonly DestroyedTarget[],
): Promise<readonly (Attack & Pick<ProvedAttack, 'copy' | 'of'>)[]> {
  const found: (Attack & Pick<ProvedAttack, 'copy' | 'of'>)[] = []
  for (const copy of COPIES) {
    const old = copies.get(copy)
    if (old === undefined) throw new DoverieError('internal')
    for (const [i, of] of (['person', 'compartment'] as const).entries()) {
      const target = targets[i]
      if (target === undefined) continue
      for (const one of await attackCopy(vault, old, target, vault.now())) {
        if (of === 'person' || ['keys', 'values', 'tags', 'answers'].includes(one.name))
          found.push({ copy, of, ...one })
      }
    }
  }
  return found
}

function emailCompartment(vault: Vault): string {
  const field = [...(currentPolicy(vault)?.fields.values() ?? [])].find(({ identifies }) => identifies === 'email')
  if (field === undefined) throw new DoverieError('policy-invalid', 'The policy has no e-mail that identifies people.')
  return field.compartment
}

async function targetOf(
  vault: Vault,
  { subject, email, phone }: Invented,
  compartments: readonly string[] | null,
): Promise<DestroyedTarget> {
  const identifiers = [
    { kind: 'email' as const, value: email },
    ...(phone === null ? [] : [{ kind: 'phone' as const, value: phone }]),
  ]
  const buckets = compartments === null ? await bucketsSince(vault, subject, vault.now() - DAY) : []
  return { subject, compartments, identifiers, buckets }
}

async function destroy(vault: Vault, subject: string, compartments: readonly string[] | null): Promise<void> {
  const entity = [...policyOf(vault).entities.keys()][0] ?? ''
  const { decision } = await destroyData(vault, officerOf(vault), { subject, entity, ticket: 'T-1', compartments })
  if (decision.effect === 'refuse')
    throw new DoverieError('refused', 'The policy lets no officer destroy what it does not keep.')
}

function policyOf(vault: Vault): NonNullable<ReturnType<typeof currentPolicy>> {
  const policy = currentPolicy(vault)
  if (policy === null) throw new DoverieError('policy-absent')
  return policy
}

function officerOf(vault: Vault): typeof STAFF & { readonly name: string } {
  return { ...STAFF, name: policyOf(vault).system.officer }
}

function open(dataDir: string, keysDir: string): Promise<Installation> {
  // The environment's databases and KMS are an operator's own: nothing of them is touched.
  return openInstallation({ dataDir, keysDir, env: {}, log: QUIET, onLost: () => undefined })
}

async function within<T>(
  dataDir: string,
  keysDir: string,
  policyDir: string,
  work: (vault: Vault) => Promise<T>,
): Promise<T> {
  const installation = await open(dataDir, keysDir)
  try {
    const vault = await openOffline(installation, policyDir, ORIGIN, {})
    return await work(vault).finally(() => vault.close())
  } finally {
    await installation.close()
  }
}

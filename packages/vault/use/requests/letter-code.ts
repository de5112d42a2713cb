import { DoverieError } from '@doverie/core/base'
import { settling } from '@doverie/core/request'
import type { Caller, SubjectCaller } from '../../guard/caller.ts'
import { change, type Changing } from '../../guard/change.ts'
import { currentValues } from '../../guard/values.ts'
import type { Vault } from '../../guard/vault.ts'
import { placeOf } from '../../guard/vocabulary.ts'
import { transaction } from '../../store/database.ts'
import type { LetterRow } from '../../store/letters.ts'
import type { RequestRow } from '../../store/requests.ts'
import { changedSince } from '../../store/subjects.ts'
import { assertDuty } from '../duties.ts'
import { checkProofCode, type ProofChannel, sendProofCode } from '../proof-code.ts'
import type { SentCode } from '../request-code.ts'
import { channelsOf, phoneOf } from '../tell-person.ts'
import { proofsOf, softwareProof } from './identity.ts'
import { firstEntity, keeperOf, policyOf, registrarOf } from './law.ts'
import { caseOf, letterOf } from './on-request.ts'
import { addProofs } from './prove-identity.ts'
import { tendRequest } from './tend-requests.ts'

const METHODS = { email: 'email-code', phone: 'phone-code' } as const

/**
 * Sends a code to a proved number or mailbox of whom a letter is about, to be told by who says that they wrote it. Whether they have such
 * a number makes no difference to what the caller sees. Throws `conflict` where the letter is about nobody yet, `rate-limited`,
 * `channel-absent`.
 */
export async function sendLetterCode(
  vault: Vault,
  caller: Caller,
  given: { readonly letter: string; readonly channel: ProofChannel },
): Promise<SentCode> {
  await assertDuty(vault, caller, 'requests')
  const { channel } = given
  const letter = await letterOf(vault, given.letter)
  const { subject } = letter
  if (subject === null) throw new DoverieError('conflict', 'First say who the letter is about.', { field: 'subject' })
  const policy = policyOf(vault)
  const outcome = await change(
    vault,
    {
      caller: keeperOf(policy),
      subject,
      act: 'send-proof-code',
      operation: 'clarify:change',
      purpose: policy.system.rights,
      entity: firstEntity(policy),
      fields: [],
      compartments: channelsOf(policy),
      detail: { channel, by: registrarOf(caller) ?? '' },
    },
    async (changing) => {
      const value = await reachableAt(changing, channel)
      return sendProofCode(vault, changing.tx, { holder: subject, channel, value, boundTo: boundTo(letter, channel) })
    },
  )
  if (outcome.effect === 'refuse') throw new DoverieError('not-found', undefined, { field: 'letter' })
  return outcome.value
}

/** Where a code reaches the person themselves: what is proved and was not changed lately; null where there is nothing. */
async function reachableAt(changing: Changing, channel: ProofChannel): Promise<string | null> {
  const { tx, at, policy, permit } = changing
  if (!changing.facts().proved.includes(channel)) return null
  if (await changedSince(tx, permit.subject, channel, at - settling(METHODS[channel]))) return null
  if (channel === 'phone') return (await phoneOf(changing)) ?? null
  const { compartment, field } = placeOf(policy, policy.system.signIn)
  const held = (await currentValues(changing)).get(compartment)?.[field]
  return typeof held === 'string' ? held : null
}

/** Adds the proof that a code which was sent for this letter came back. Throws `code-invalid`. */
export async function proveLetterCode(
  vault: Vault,
  caller: Caller,
  given: { readonly letter: string; readonly channel: ProofChannel; readonly id: string; readonly code: string },
): Promise<LetterRow> {
  await assertDuty(vault, caller, 'requests')
  const letter = await letterOf(vault, given.letter)
  const { id, code, channel } = given
  const proved = await checkProofCode(vault, { id, code, boundTo: boundTo(letter, channel) })
  // The letter is about somebody else by now: what came back proves nobody of these.
  if (proved.holder !== letter.subject) throw new DoverieError('code-invalid', undefined, { field: 'code' })
  await transaction(vault.data, (tx) => proved.take(tx))
  return addProofs(vault, caller, letter, [softwareProof(METHODS[channel], vault.now())])
}

function boundTo({ id }: LetterRow, channel: ProofChannel): string {
  return `letter ${id} ${channel}`
}

/**
 * Adds what was proved in the session of who is signed in to a request of theirs, which goes on where that suffices. Throws `not-found` for a
 * request of somebody else, `proof-needed` where nothing was proved in the session beside being signed in.
 */
export async function proveOwnRequest(vault: Vault, caller: SubjectCaller, id: string): Promise<RequestRow> {
  const { letter, request } = await caseOf(vault, id)
  if (letter.subject !== caller.subject || letter.identity !== 'proved') throw new DoverieError('not-found')
  const known = new Set(letter.proof.filter(({ passed }) => passed).map(({ method }) => method))
  const proofs = proofsOf(caller, vault.now()).filter(({ method }) => !known.has(method))
  if (proofs.length === 0) throw new DoverieError('proof-needed')
  await addProofs(vault, caller, letter, proofs)
  return tendRequest(vault, request.id)
}

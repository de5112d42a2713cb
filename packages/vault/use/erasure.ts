import { DoverieError, type AskedErasure, type Instant, isDoverieError, type Uuid } from '@doverie/core/base'
import type { Policy } from '@doverie/core/policy'
import type { Caller, PersonCaller } from '../guard/caller.ts'
import { change, type Changing } from '../guard/change.ts'
import { currentValues } from '../guard/values.ts'
import type { Vault } from '../guard/vault.ts'
import { placeOf } from '../guard/vocabulary.ts'
import { changedSince, listDueErasures, putOffErasure } from '../store/subjects.ts'
import {
  checkRequest,
  destroyData,
  type Destroyed,
  destroying,
  type DestroyRequest,
  endErasure,
  keepers,
  scopeOf,
} from './destroy-data.ts'
import { assertProved } from './requests/identity.ts'
import { claimOf } from './erasure-claim.ts'
import { keptOf, unkeptOf } from './kept.ts'
import { about, checkPerson, type OnPerson, rightsPurpose } from './on-person.ts'
import { type Decided, decidedOf } from './open-fields.ts'
import type { OwnPage } from './page-of.ts'
import { channelsOf, tellPerson } from './tell-person.ts'

const WEEK = 7 * 86_400_000
const PAGE = 100
const UNAVAILABLE = ['storage-unavailable', 'kms-unavailable'] as const

export interface AskedDestruction extends Destroyed {
  /** Where the policy has it wait: until when it can be cancelled, and by what its receipts are had afterwards. */
  readonly waits?: { readonly id: Uuid; readonly due: Instant; readonly claim: string }
}

/**
 * A person's own request to be destroyed, or compartments of theirs. Where the policy gives a delay it is decided now as the
 * destruction would be, all is blocked at once (of named compartments their fields are closed), the proved mailbox is told,
 * and on its day it is carried out; until then it can be cancelled. So whoever took a session over destroys nothing unseen. Without a delay it is done at once.
 * Being signed in is not enough for it: throws `proof-needed` where nothing more was proved in the session lately, and `conflict`
 * where one waits already.
 */
export async function askDestruction(
  vault: Vault,
  caller: PersonCaller,
  request: DestroyRequest,
): Promise<AskedDestruction> {
  const policy = vault.policy()
  if (policy === null) throw new DoverieError('policy-absent')
  if (policy.erasure === null) {
    assertProved(caller, 'erasure', vault.now())
    return destroyData(vault, caller, request)
  }
  const { delay } = policy.erasure
  const subject = checkRequest(vault, policy, request)
  const id = vault.newId()
  const scope = await scopeOf(vault, policy, subject, request.compartments)
  const asked = destroying(policy, caller, subject, request, scope)
  const outcome = await change(
    vault,
    {
      ...asked,
      act: 'ask-destruction',
      compartments: [...new Set([...scope.compartments, ...channelsOf(policy)])],
      unlinked: false,
      detail: { request: id, of: request.compartments === null ? 'all' : [...new Set(request.compartments)].sort() },
    },
    async (changing) => {
      const { at } = changing
      assertProved(caller, 'erasure', at)
      if (changing.facts().erasure) throw new DoverieError('conflict', 'A destruction was asked for already.')
      await checkMailbox(changing, caller, delay)
      const due = at + delay
      const { entity, compartments } = request
      const erasure = { id, entity, compartments, askedAt: at, due }
      if (compartments === null) {
        changing.apply({ kind: 'erasure-asked', erasure, at })
        changing.apply({ kind: 'blocked', reason: 'subject', by: id, at })
      } else {
        const before = changing.facts().closed
        const closed = Object.fromEntries(asked.fields.map((field) => [field, before[field] ?? []]))
        changing.apply({ kind: 'erasure-asked', erasure: { ...erasure, closed }, at })
        for (const field of asked.fields) changing.apply({ kind: 'field-closed', field, purposes: ['*'], at })
      }
      await tellChannels(vault, changing, due, compartments === null, '/my/data')
      return { waits: { id, due, claim: claimOf(vault, id) }, kept: keptOf(changing.policy, changing.facts(), at) }
    },
  )
  if (outcome.effect === 'refuse') return { ...decidedOf(outcome), ...(await keepers(vault, policy, subject, outcome)) }
  return { ...decidedOf(outcome), destroyed: [], person: false, ...outcome.value }
}

/** Cancels what waits, by the person or by staff whom they asked. Throws `not-found` where nothing does. */
export async function cancelDestruction(vault: Vault, caller: Caller, request: OnPerson): Promise<Decided> {
  const subject = checkPerson(vault, request)
  const outcome = await change(
    vault,
    {
      caller,
      subject,
      act: 'cancel-destruction',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields: [],
      ...about(request),
    },
    (changing) => {
      const { erasure } = changing.facts()
      if (!erasure) throw new DoverieError('not-found', 'No destruction waits.')
      endErasure(changing, erasure.id)
      changing.note({ request: erasure.id })
      return Promise.resolve()
    },
  )
  return decidedOf(outcome)
}

/**
 * Carries out what is due, in the person's name: they asked for it. Where something keeps the data by now (a hold, a contract),
 * it is put off by a week, entered as a refusal; where all that is left is kept for its term, it is over. Gives how many were
 * carried out.
 */
export async function carryOutErasures(vault: Vault): Promise<number> {
  const policy = vault.policy()
  if (policy === null) return 0
  let done = 0
  let failed: Error | undefined
  for (const { subject, erasure } of await listDueErasures(vault.data, vault.now(), PAGE)) {
    try {
      if (await carryOut(vault, policy, subject, erasure)) done += 1
    } catch (error) {
      // Cancelled in this very moment, or changed: the next look finds it as it is.
      if (isDoverieError(error, 'conflict')) continue
      // Nobody's fault: once a database or the key service answers again, all of it is due as before.
      if (UNAVAILABLE.some((code) => isDoverieError(error, code))) throw error
      // One person's fault keeps nobody else's data: theirs is tried again in a week, behind those that are due.
      await putOffErasure(vault.data, subject, erasure.id, vault.now() + WEEK)
      failed ??= error instanceof Error ? error : new DoverieError('internal')
    }
  }
  // The job tells of it by its code.
  if (failed !== undefined) throw failed
  return done
}

async function carryOut(vault: Vault, policy: Policy, subject: Uuid, erasure: AskedErasure): Promise<boolean> {
  const { id } = erasure
  // What the policy does not have any more is asked of nobody.
  const compartments = erasure.compartments?.filter((name) => policy.compartments.has(name)) ?? null
  const caller = { kind: 'subject', subject, proved: [] } as const
  // An entity that the policy does not have any more: any of them serves, the request being the person's.
  const entity = policy.entities.has(erasure.entity) ? erasure.entity : ([...policy.entities.keys()][0] ?? '')
  if (compartments?.length !== 0) {
    const { decision } = await destroyData(vault, caller, { subject, entity, compartments, erasure: id })
    if (decision.effect === 'permit') return true
  }
  const request = { subject, entity }
  const { effect } = await change(
    vault,
    {
      caller,
      subject,
      act: 'put-off-destruction',
      operation: 'clarify:change',
      purpose: rightsPurpose(vault),
      fields: [],
      detail: { request: id },
      ...about(request),
    },
    (changing) => {
      const facts = changing.facts()
      if (facts.erasure?.id !== id) throw new DoverieError('conflict')
      const nothingLeft =
        compartments === null
          ? !facts.hold && unkeptOf(changing.policy, facts, changing.at).length === 0
          : compartments.length === 0
      if (nothingLeft) {
        endErasure(changing, id)
        return Promise.resolve()
      }
      const due = changing.at + WEEK
      changing.apply({ kind: 'erasure-asked', erasure: { ...erasure, entity, due }, at: changing.at })
      return Promise.resolve()
    },
  )
  if (effect === 'refuse') await putOffErasure(vault.data, subject, id, vault.now() + WEEK)
  return false
}

/**
 * Whoever took a session over must not change the mailbox first and then ask, unseen: what is asked is told to a mailbox that is
 * proved and has stood for as long as a request waits. Whom nobody ever proved a mailbox of has none to be told at.
 */
async function checkMailbox(changing: Changing, caller: PersonCaller, delay: number): Promise<void> {
  const { compartment, field } = placeOf(changing.policy, changing.policy.system.signIn)
  const held = (await currentValues(changing)).get(compartment)?.[field]
  const unproved = typeof held === 'string' && !changing.facts().proved.includes('email') && caller.kind === 'subject'
  if (unproved || (await changedSince(changing.tx, changing.permit.subject, 'email', changing.at - delay))) {
    throw new DoverieError(
      'conflict',
      'The mailbox was changed lately and is to be proved first, or to stand for a while.',
    )
  }
}

/** Tells every channel that is proved to be theirs. */
export async function tellChannels(
  vault: Vault,
  changing: Changing,
  due: Instant,
  whole: boolean,
  page: OwnPage,
): Promise<void> {
  const { zone } = changing.policy
  const day = (language: string): string =>
    new Intl.DateTimeFormat(language, { dateStyle: 'long', timeStyle: 'short', timeZone: zone }).format(due)
  const letter = {
    page,
    subject: 'Запрошено уничтожение ваших данных / Your data are to be destroyed',
    text: [
      `${whole ? 'Ваши данные будут уничтожены' : 'Часть ваших данных будет уничтожена'} ${day('ru')} (${zone}); до тех пор ими не пользуются.`,
      'Если вы передумали или просили не вы, войдите и отмените это, или сообщите нам.',
      '',
      `${whole ? 'Your data' : 'Some of your data'} will be destroyed on ${day('en-GB')} (${zone}); until then they are blocked.`,
      'If you have changed your mind, or it was not you who asked, sign in and cancel it, or tell us.',
    ].join('\n'),
  }
  const short = `Запрошено уничтожение ваших данных, срок ${day('ru')}. Если это не вы, войдите и отмените или сообщите нам.`
  await tellPerson(vault, changing, letter, short)
}

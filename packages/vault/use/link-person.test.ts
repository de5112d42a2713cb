import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Vault } from '../guard/vault.ts'
import { asProved, asService, asStaff, asSubject } from '../testing/callers.ts'
import { canary, faultOf } from '../testing/fault.ts'
import { CODE, codeTo, lettersTo } from '../testing/mailbox.ts'
import { everything } from '../testing/observed.ts'
import {
  EVIDENCE,
  freshEmail,
  openTestVault,
  order,
  registration,
  submit,
  subjectOf,
  type TestVault,
} from '../testing/open-test-vault.ts'
import { confirm, see, seeOwn } from '../testing/people.ts'
import { ask, only, paper } from '../testing/requests.ts'
import { describePerson } from './describe-person.ts'
import { endContract } from './end-contract.ts'
import { giveConsent } from './give-consent.ts'
import { listConflicts } from './list-conflicts.ts'
import { proveCode } from './prove-code.ts'
import { decideRequest } from './requests/decide-request.ts'
import { correctForRequest } from './requests/fulfil-request.ts'
import { letterOf } from './requests/on-request.ts'
import { recordCheck } from './requests/prove-identity.ts'
import { describeRequest } from './requests/queue.ts'
import { registerLetter } from './requests/register-letter.ts'
import { readReply, sendReply } from './requests/send-reply.ts'
import { tendRequests } from './requests/tend-requests.ts'
import { requestCode } from './request-code.ts'
import { setConfidentiality } from './set-confidentiality.ts'
import { showForm } from './show-form.ts'
import { codeHashOf, openSignIn } from './sign-in-code.ts'
import { sweep } from './sweep.ts'
import { withdrawConsent } from './withdraw-consent.ts'

let test: TestVault
let vault: Vault
beforeAll(async () => {
  test = await openTestVault()
  ;({ vault } = test)
})
afterAll(() => test.close())

/** A submission whose code is on its way. */
interface Submitted {
  readonly subject: string
  readonly email: string
  readonly id: string
  readonly number: string | null
}

async function submitted(values: Record<string, unknown>, form = 'registration'): Promise<Submitted> {
  const made = await submit(vault, form, form === 'registration' ? registration(values) : order(values))
  return {
    subject: subjectOf(made),
    email: String(values['email']),
    id: made.signIn?.id ?? '',
    number: made.contract?.number ?? null,
  }
}

async function prove({ id, email }: Submitted, code?: string): Promise<string> {
  return (await proveCode(vault, { id, code: code ?? (await codeTo(vault, email)) })).subject
}

/** Somebody whose mailbox is proved; confirmed where it is said. */
async function holder(confirmed = false): Promise<Submitted> {
  const made = await submitted({ email: canary(freshEmail('holder')), surname: 'Петрова' })
  await prove(made)
  if (confirmed) await confirm(vault, made.subject)
  return made
}

const factsOf = async (subject: string): Promise<Record<string, unknown> | undefined> =>
  (
    await vault.data.query<{ facts: Record<string, unknown> }>('SELECT facts FROM subject WHERE subject_id = $1', [
      subject,
    ])
  ).rows[0]?.facts

const conflictsOf = async (subject: string): Promise<readonly { other: string; fields: readonly string[] }[]> =>
  (await listConflicts(vault, asStaff('dpo'))).filter((one) => one.subject === subject)

/** Lets the data database refuse the entry of an act, and with it the transaction, as long as `work` runs. */
async function refusing(act: string, work: () => Promise<unknown>): Promise<void> {
  await vault.data.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON ledger_batch FOR EACH ROW
    WHEN (position(convert_to('"act":"${act}"', 'UTF8') in NEW.bodies) > 0) EXECUTE FUNCTION refuse()`)
  try {
    await work()
  } finally {
    await vault.data.query('DROP TRIGGER refuse ON ledger_batch; DROP FUNCTION refuse')
  }
}

/** The code of each submission, where several went to one address: by what is kept of it. */
async function codesById(all: readonly Submitted[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const { id, email } of all) {
    const { rows } = await vault.data.query<{ code_hash: Buffer; target_hash: Buffer; epoch: number }>(
      'SELECT code_hash, target_hash, epoch FROM sign_in WHERE sign_in_id = $1',
      [id],
    )
    const [row] = rows
    const kept = row === undefined ? null : await openSignIn(vault, row)
    const codes = (await lettersTo(vault, email)).flatMap((text) => CODE.exec(text)?.[0] ?? [])
    const code = codes.find((one) => kept && codeHashOf(vault, kept.target, one).equals(kept.codeHash))
    if (code === undefined) throw new Error('no code came')
    found.set(id, code)
  }
  return found
}

/** The data database but for what counts attempts, and what keys of nobody the sweep will remove. */
async function dataOf(): Promise<Readonly<Record<string, readonly string[]>>> {
  const all = Object.entries(await everything(vault)).filter(([table]) => !table.startsWith('keys.'))
  return { ...Object.fromEntries(all), sign_in: [] }
}

describe('a returning person’s submission', () => {
  it.each([['set-aside'], ['link'], ['prove-identifier']])(
    'whose linking fails at its entry "%s" is whole, as the person is, and goes over at the next attempt',
    async (act) => {
      const anna = await holder(true)
      const again = await submitted(
        { email: anna.email, surname: canary('Иная'), patronymic: 'Ивановна' },
        'registration',
      )
      const code = await codeTo(vault, anna.email)
      const before = await dataOf()
      await refusing(act, () => faultOf(prove(again, code), 'storage-unavailable'))
      expect(await dataOf()).toEqual(before)
      expect(await prove(again, code)).toBe(anna.subject)
      expect(await seeOwn(vault, anna.subject, ['surname', 'patronymic'])).toEqual({
        surname: 'Петрова',
        patronymic: 'Ивановна',
      })
      const conflicts = await conflictsOf(anna.subject)
      expect(conflicts.map(({ fields }) => fields)).toEqual([['surname']])
      expect(await seeOwn(vault, conflicts[0]?.other ?? '', ['surname'])).toEqual({ surname: 'Иная' })
      expect(await factsOf(again.subject)).toMatchObject({ state: 'destroyed' })
      await faultOf(prove(again, code), 'code-invalid')
    },
  )

  it('takes the letters of the other along, with what is asked in them and the stop that this holds', async () => {
    const known = await holder()
    const made = await submitted({ email: known.email, surname: 'Петрова' })
    const { letter, requests } = await paper(vault, { text: '', kinds: ['inaccuracy'], subject: made.subject })
    const request = requests[0]?.id ?? ''
    expect(await prove(made)).toBe(known.subject)
    expect((await letterOf(vault, letter.id)).subject).toBe(known.subject)
    expect(await factsOf(known.subject)).toMatchObject({ blocked: { reason: 'claimed' }, blocks: [{ by: request }] })
    await decideRequest(vault, asStaff('dpo'), { request, step: 'rejected', reason: 'identity' })
    expect(await factsOf(known.subject)).toMatchObject({ blocked: null })
  })

  it('that was carried over is gone at the next sweep where a crash kept its keys', async () => {
    const anna = await holder()
    const again = await submitted({ email: anna.email }, 'order-dedicated-server')
    await vault.keys.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON key FOR EACH ROW EXECUTE FUNCTION refuse()`)
    try {
      await faultOf(prove(again), 'storage-unavailable')
    } finally {
      await vault.keys.query('DROP TRIGGER refuse ON key; DROP FUNCTION refuse')
    }
    expect(await seeOwn(vault, again.subject, ['email'])).toBeNull()
    const sent = await requestCode(vault, { email: anna.email })
    expect(await prove({ ...anna, id: sent.id })).toBe(anna.subject)
    await sweep(await test.second())
    expect(await factsOf(again.subject)).toMatchObject({ state: 'destroyed' })
    const { rows } = await vault.keys.query('SELECT FROM key WHERE subject_id = $1', [again.subject])
    expect(rows).toEqual([])
    expect(await seeOwn(vault, anna.subject, ['contract-numbers'])).toEqual({ 'contract-numbers': [again.number] })
  })

  it('that is set aside has no ground for anything, and services do not know its id', async () => {
    const anna = await holder(true)
    const made = await submit(vault, 'order-dedicated-server', order({ email: anna.email, surname: 'Иная' }), {
      consents: ['marketing'],
    })
    expect(await prove({ ...anna, id: made.signIn?.id ?? '' })).toBe(anna.subject)
    const [conflict] = await conflictsOf(anna.subject)
    expect(conflict?.other).not.toBe(made.subject)
    expect(await factsOf(conflict?.other ?? '')).toMatchObject({ state: 'live', consents: [], contracts: [] })
    expect(await factsOf(subjectOf(made))).toMatchObject({ state: 'destroyed' })
    const { facts } = await describePerson(vault, asSubject(anna.subject), { subject: anna.subject, entity: 'start' })
    expect(facts?.consents).toMatchObject([{ purpose: 'marketing' }])
  })

  it('leaves the holder’s mailbox theirs, however they spelt it this time', async () => {
    const email = canary(freshEmail('Spelt'))
    const first = await submitted({ email })
    await prove(first)
    for (const spelt of [email.toLowerCase(), email.toUpperCase()]) {
      const again = await submitted({ email: spelt.replace('EXAMPLE.ORG', 'example.org') })
      expect(await prove(again)).toBe(first.subject)
      const sent = await requestCode(vault, { email })
      expect(await prove({ ...again, id: sent.id })).toBe(first.subject)
    }
  })

  it('proved with others at the same time makes one person of all', async () => {
    for (let round = 0; round < 3; round++) {
      const email = canary(freshEmail('crowd'))
      const all = await Promise.all(Array.from({ length: 5 }, () => submitted({ email }, 'order-dedicated-server')))
      const letters = await codesById(all)
      const subjects = await Promise.all(all.map((one) => prove(one, letters.get(one.id))))
      expect(new Set(subjects).size).toBe(1)
      const [subject = ''] = subjects
      const states = await Promise.all(all.map(async (one) => (await factsOf(one.subject))?.['state']))
      expect(states.sort()).toEqual(['destroyed', 'destroyed', 'destroyed', 'destroyed', 'live'])
      const numbers = (await seeOwn(vault, subject, ['contract-numbers']))?.['contract-numbers']
      expect([...(numbers as readonly string[])].sort()).toEqual(all.map(({ number }) => number).sort())
    }
  })

  it('goes over also while the holder signs in', async () => {
    const anna = await holder()
    for (let round = 0; round < 4; round++) {
      const again = await submitted({ email: anna.email })
      const [first, code] = [(await requestCode(vault, { email: anna.email })).id, await codeTo(vault, anna.email)]
      const letters = await codesById([again])
      const subjects = await Promise.all([prove({ ...anna, id: first }, code), prove(again, letters.get(again.id))])
      expect(subjects).toEqual([anna.subject, anna.subject])
    }
  })
})

describe('what was asked under another name, proved for that name alone', () => {
  const DELAY = 3 * 86_400_000 + 60_000
  const dpo = asStaff('dpo')
  const stands = async (request: string) => (await describeRequest(vault, dpo, request)).request.state

  async function onTheDay(): Promise<void> {
    test.pass(DELAY)
    while ((await tendRequests(vault)) > 0);
  }

  /** An erasure that waits for its day, asked by a passkey and no mailbox. */
  async function erasure(subject: string): Promise<{ readonly letter: string; readonly request: string }> {
    const caller = { ...asProved(subject), proved: [] }
    const { letter, requests } = await registerLetter(vault, caller, {
      channel: 'portal',
      subject,
      kinds: ['erasure'],
      text: 'прошу',
    })
    expect(only(requests).state).toBe('waiting')
    return { letter: letter.id, request: only(requests).id }
  }

  it('destroys nothing of whom it is joined to before they are proved themselves, and then goes on', async () => {
    const known = await holder()
    const made = await submitted({ email: known.email, surname: 'Петрова' })
    const { letter, request } = await erasure(made.subject)
    expect(await prove(made)).toBe(known.subject)
    await onTheDay()
    expect(await seeOwn(vault, known.subject, ['surname'])).toEqual({ surname: 'Петрова' })
    expect(await stands(request)).toBe('deciding')
    expect(await letterOf(vault, letter)).toMatchObject({ subject: known.subject, identity: 'claimed', proof: [] })
    expect(await factsOf(known.subject)).toMatchObject({ blocked: { reason: 'claimed' }, blocks: [{ by: request }] })
    const accepted = { request, step: 'accepted' } as const
    await faultOf(decideRequest(vault, dpo, accepted), 'conflict')
    // As much as an erasure asks for, as of whoever asks for one.
    await recordCheck(vault, asStaff('support'), { letter, method: 'contract-words', passed: true })
    await faultOf(decideRequest(vault, dpo, accepted), 'conflict')
    await recordCheck(vault, asStaff('support'), { letter, method: 'document-in-person', passed: true })
    expect(await factsOf(known.subject)).toMatchObject({ blocked: { reason: 'subject' } })
    expect((await decideRequest(vault, dpo, accepted)).state).toBe('waiting')
    await onTheDay()
    expect(await factsOf(known.subject)).toMatchObject({ state: 'destroyed' })
  })

  it('changes nothing of whom it is joined to before they are proved themselves, though it was accepted', async () => {
    const known = await holder()
    const made = await submitted({ email: known.email, surname: 'Петрова' })
    const { id: request, letter } = await ask(vault, made.subject, 'correction')
    await decideRequest(vault, dpo, { request, step: 'accepted' })
    expect(await stands(request)).toBe('correcting')
    expect(await prove(made)).toBe(known.subject)
    const correction = { request, values: { surname: 'Чужая' } }
    await faultOf(correctForRequest(vault, dpo, correction), 'conflict')
    expect(await seeOwn(vault, known.subject, ['surname'])).toEqual({ surname: 'Петрова' })
    await recordCheck(vault, asStaff('support'), { letter, method: 'contract-words', passed: true })
    expect(await correctForRequest(vault, dpo, correction)).toMatchObject({ request: { state: 'telling' } })
    expect(await seeOwn(vault, known.subject, ['surname'])).toEqual({ surname: 'Чужая' })
  })

  it('comes back to staff on the day where nobody is proved to have asked', async () => {
    const known = await holder()
    const { letter, request } = await erasure(known.subject)
    await vault.data.query("UPDATE letter SET identity = 'claimed', proof = '[]' WHERE letter_id = $1", [letter])
    await onTheDay()
    expect(await stands(request)).toBe('deciding')
    expect(await factsOf(known.subject)).toMatchObject({ state: 'live' })
  })

  it('and answered before keeps how it was proved, and opens to nobody whom it is joined to', async () => {
    const known = await holder()
    const made = await submitted({ email: known.email })
    const code = await codeTo(vault, known.email)
    const { id, letter } = await ask(vault, made.subject, 'information')
    const { reply } = await sendReply(vault, dpo, { request: id, kind: 'answer' })
    expect(await prove(made, code)).toBe(known.subject)
    const { identity, proof } = await letterOf(vault, letter)
    expect([identity, proof.length > 0]).toEqual(['claimed', true])
    await faultOf(readReply(vault, asSubject(known.subject), reply.id), 'not-found')
  })
})

describe('what a returning person wants', () => {
  const MINUTE = 60_000

  /** A holder who is confirmed, and a submission of theirs that consents to marketing and waits for its code. */
  async function returning(
    consents: readonly string[] = ['marketing'],
  ): Promise<{ anna: Submitted; again: Submitted }> {
    const anna = await holder(true)
    test.pass(MINUTE)
    const made = await submit(vault, 'order-dedicated-server', order({ email: anna.email, surname: 'Петрова' }), {
      consents,
    })
    const again = {
      ...anna,
      subject: subjectOf(made),
      id: made.signIn?.id ?? '',
      number: made.contract?.number ?? null,
    }
    test.pass(MINUTE)
    return { anna, again }
  }

  const withdraw = (subject: string, allEntities = false): Promise<unknown> =>
    withdrawConsent(vault, asSubject(subject), { subject, entity: 'start', purpose: 'marketing', allEntities })

  async function consent(subject: string): Promise<void> {
    const { snapshot } = await showForm(vault, 'registration')
    const given = { subject, entity: 'start', purpose: 'marketing', form: 'registration', snapshot, evidence: EVIDENCE }
    await giveConsent(vault, asSubject(subject), given)
  }

  const consentsOf = async (subject: string): Promise<readonly { purpose: string; since: number }[]> =>
    ((await factsOf(subject))?.['consents'] ?? []) as readonly { purpose: string; since: number }[]

  it.each([[false], [true]])(
    'and withdrew after they had sent the form (for all entities: %j) stays withdrawn',
    async (allEntities) => {
      const { anna, again } = await returning()
      await consent(anna.subject)
      test.pass(MINUTE)
      await withdraw(anna.subject, allEntities)
      test.pass(MINUTE)
      expect(await prove(again)).toBe(anna.subject)
      expect(await consentsOf(anna.subject)).toEqual([])
      const newsletter = await asService(vault, 'newsletter', ['marketing'])
      expect(await see(vault, newsletter, anna.subject, 'marketing', ['email'])).toBeNull()
      const evidence = await seeOwn(vault, anna.subject, ['consent-records'])
      expect(evidence?.['consent-records']).toHaveLength(2)
    },
  )

  it('and had withdrawn before they sent the form is what the form says, since then', async () => {
    const anna = await holder(true)
    await consent(anna.subject)
    await withdraw(anna.subject)
    test.pass(MINUTE)
    const sent = test.now()
    const made = await submit(vault, 'registration', registration({ email: anna.email }), { consents: ['marketing'] })
    test.pass(MINUTE)
    expect(await prove({ ...anna, id: made.signIn?.id ?? '' })).toBe(anna.subject)
    const [live] = await consentsOf(anna.subject)
    expect(live?.purpose).toBe('marketing')
    expect((live?.since ?? 0) - sent).toBeLessThan(MINUTE)
  })

  it('and withdrew under the id of the form is withdrawn for them, and the journal knows', async () => {
    const { anna, again } = await returning()
    await withdraw(again.subject)
    expect(await prove(again)).toBe(anna.subject)
    expect(await consentsOf(anna.subject)).toEqual([])
    const { rows } = await vault.keys.query(`SELECT FROM journal WHERE holder_id = $1 AND kind = 'consent-withdrawn'`, [
      anna.subject,
    ])
    expect(rows).toHaveLength(1)
  })

  it('and withdrew under the id of the form after they had given it under their own is withdrawn', async () => {
    const { anna, again } = await returning([])
    await consent(anna.subject)
    test.pass(MINUTE)
    await withdraw(again.subject)
    expect(await prove(again)).toBe(anna.subject)
    expect(await consentsOf(anna.subject)).toEqual([])
  })

  it('to be closed stays closed, and what was ended stays ended at its time', async () => {
    const { anna, again } = await returning()
    const own = { subject: again.subject, entity: 'start' }
    await setConfidentiality(vault, asSubject(again.subject), { ...own, field: 'phone', closedTo: ['identification'] })
    const [contract] = ((await factsOf(again.subject))?.['contracts'] ?? []) as readonly { id: string; since: number }[]
    await endContract(vault, asSubject(again.subject), { ...own, contract: contract?.id ?? '' })
    const ended = test.now()
    test.pass(MINUTE)
    expect(await prove(again)).toBe(anna.subject)
    const facts = await factsOf(anna.subject)
    expect(facts?.['closed']).toEqual({ phone: ['identification'] })
    const contracts = facts?.['contracts'] as readonly { id: string; since: number; endedAt: number | null }[]
    const carried = contracts.find(({ id }) => id === contract?.id)
    expect(carried?.since).toBe(contract?.since)
    expect(carried?.endedAt).toBeLessThanOrEqual(ended)
  })

  it('under another age, while waiting to be destroyed, or once represented, stays whole, for staff to look at', async () => {
    const marks = [
      { age: 'minor' },
      { erasure: { id: crypto.randomUUID(), entity: 'start', compartments: null, askedAt: 0, due: 9e12 } },
      { representatives: [] },
    ]
    for (const mark of marks) {
      const { anna, again } = await returning()
      await vault.data.query('UPDATE subject SET facts = facts || $2 WHERE subject_id = $1', [again.subject, mark])
      vault.people.forget(again.subject)
      const before = await factsOf(anna.subject)
      expect(await prove(again)).toBe(anna.subject)
      expect(await factsOf(again.subject)).toMatchObject({ state: 'live', ...mark })
      expect(await factsOf(anna.subject)).toEqual(before)
      expect(await conflictsOf(anna.subject)).toMatchObject([{ other: again.subject, fields: ['email'] }])
    }
  })
})

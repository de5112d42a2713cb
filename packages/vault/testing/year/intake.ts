import { REQUEST_KINDS, type RequestKind } from '@doverie/core/base'
import { asService, asStaff, asSubject } from '../callers.ts'
import { codeTo } from '../mailbox.ts'
import { registration, order, submit, subjectOf, freshNumber } from '../open-test-vault.ts'
import { confirm } from '../people.ts'
import { type LetterIn, registerLetter } from '../../use/requests/register-letter.ts'
import { recallRequest } from '../../use/requests/decide-request.ts'
import { askDestruction } from '../../use/erasure.ts'
import { setHold } from '../../use/legal-hold.ts'
import { proveCode } from '../../use/prove-code.ts'
import type { Caller, SubjectCaller } from '../../guard/caller.ts'
import { attempt, count, DAY, type Human, later, type World } from './world.ts'

const MARK = 'Отзыв согласия на обработку персональных данных'
const WORDS: readonly string[] = [
  'Прошу сообщить, какие мои данные вы обрабатываете',
  'Отзываю согласие на обработку персональных данных',
  'Прекратите обработку моих данных',
  'Удалите мои данные',
  'Не присылайте мне рекламу',
  'Мои данные неверны',
  'Здравствуйте!',
]

/** Somebody new: registered or a customer, their mailbox proved or not, confirmed or not, with promotion agreed to or not. */
async function newHuman(world: World): Promise<Human> {
  const { vault, random } = world
  const email = `year.${freshNumber()}@example.org`
  const consents = random.chance(50) ? ['marketing'] : []
  const phone = `+7916${3_000_000 + freshNumber()}`
  const customer = random.chance(35)
  const values = { email, phone }
  const form = customer ? 'order-dedicated-server' : 'registration'
  const collected = await submit(vault, form, customer ? order(values) : registration(values), { consents })
  let subject = subjectOf(collected)
  if (random.chance(75) && collected.signIn != null) {
    const code = await codeTo(vault, email)
    subject = (await proveCode(vault, { id: collected.signIn.id, code })).subject
  }
  if (random.chance(70)) await confirm(vault, subject)
  const human: Human = { subject, email, last: null }
  if (random.chance(2)) {
    const request = { subject, entity: 'start', ticket: 'T-7', ground: 'legal-hold', reason: 'dispute' } as const
    await attempt(world, 'hold', () => setHold(vault, asStaff('dpo'), request))
  }
  world.humans.push(human)
  return human
}

type Channel = LetterIn['channel']
const CHANNELS: readonly [Channel, ...Channel[]] = [
  'portal',
  'portal',
  'api',
  'mail',
  'mail',
  'paper',
  'paper',
  'phone',
]

/** A letter that comes in: whatever way, of whatever kind, by whomever; sometimes for several things, sometimes twice. */
export async function letterIn(world: World, day: number): Promise<void> {
  const { random } = world
  const known = world.humans.filter(({ last }) => last === null || random.chance(30))
  const human =
    random.chance(60) || known.length === 0 ? await newHuman(world) : (known[random.int(known.length)] ?? null)
  const stranger = random.chance(8)
  const again = human?.last ?? null
  const kind =
    again !== null && random.chance(50) ? again.kind : (REQUEST_KINDS[random.int(REQUEST_KINDS.length)] ?? 'feedback')
  await write(world, day, { kind, human: stranger ? null : human, channel: stranger ? 'mail' : random.pick(CHANNELS) })
}

interface Wanted {
  readonly kind: RequestKind
  readonly human: Human | null
  readonly channel: Channel
}

async function write(world: World, day: number, { kind, human, channel }: Wanted): Promise<void> {
  const { vault, random, clock } = world
  const own = channel === 'portal' || channel === 'api'
  const unread = !own && random.chance(25)
  const kinds = unread ? undefined : random.chance(8) ? [kind, 'information' as const] : [kind]
  const told = own || (human !== null && random.chance(60))
  const letter: LetterIn = {
    channel,
    text: unread ? (WORDS[random.int(WORDS.length)] ?? '') : '',
    ...(kinds === undefined ? {} : { kinds: [...new Set(kinds)] }),
    ...(told && human !== null ? { subject: human.subject } : {}),
    sender: channel === 'mail' ? { email: human?.email ?? 'stranger@example.org' } : { name: 'Анна', address: 'Тверь' },
    ...(channel === 'paper' ? { receivedAt: clock.now() - random.int(4) * DAY } : {}),
    ...(channel === 'paper' && random.chance(15) ? { marks: [MARK] } : {}),
    ...(random.chance(4) ? { harm: 'subject' as const } : {}),
    ...(random.chance(70) ? { source: `year ${freshNumber()}` } : {}),
    ...(channel === 'paper' && random.chance(20)
      ? { parts: [{ name: 'scan.pdf', type: 'application/pdf', content: Buffer.from('%PDF-1.7 скан') }] }
      : {}),
  }
  const caller = await callerOf(world, channel, human)
  const { letter: row, requests } = await registerLetter(vault, caller, letter)
  count(world, `by ${channel}`)
  // The same message once more, by another server at the same moment: it is registered once.
  if (letter.source !== undefined && random.chance(10)) {
    const twice = await registerLetter(world.other, caller, letter)
    if (twice.letter.id !== row.id) throw new Error('a letter was registered twice')
    count(world, 'sent twice')
  }
  const silent = human === null || random.chance(25)
  const ids = requests.map(({ id }) => id)
  world.letters.set(row.id, { letter: row.id, requests: ids, channel, human, silent })
  if (human === null) return
  human.last = { kind, at: clock.now() }
  mindChanges(world, day, human, ids)
}

/** Somebody takes back what they asked for, or asks at the portal to be destroyed while something else of theirs is open. */
function mindChanges(world: World, day: number, human: Human, requests: readonly string[]): void {
  const { random, vault } = world
  const [first] = requests
  if (first !== undefined && random.chance(6)) {
    later(world, day, random.int(12), () =>
      recallRequest(vault, asSubject(human.subject), first).then(
        () => {
          count(world, 'taken back')
        },
        // Not proved to be theirs, or too late.
        () => {
          count(world, 'not taken back')
        },
      ),
    )
  }
  if (random.chance(3)) {
    later(world, day, random.int(10), () =>
      attempt(world, 'destruction asked for', () =>
        askDestruction(vault, signedIn(world, human, 80), {
          subject: human.subject,
          entity: 'start',
          compartments: null,
        }),
      ),
    )
  }
}

async function callerOf(world: World, channel: Channel, human: Human | null): Promise<Caller | null> {
  const { vault, random } = world
  if (channel === 'mail') return null
  if (channel === 'portal' && human !== null) return signedIn(world, human, 30)
  if (channel === 'api') return asService(vault, 'site', ['rights'], 100_000)
  const present = world.staff.filter(({ caller }) => caller.name === 'support')
  return present[random.int(present.length)]?.caller ?? asStaff('support')
}

/** Signed in by their mailbox, and in so many of 100 cases by their passkey, too. */
function signedIn({ random, clock }: World, { subject }: Human, percent: number): SubjectCaller {
  const steps = random.chance(percent) ? [{ method: 'passkey', at: clock.now() }] : []
  return { ...asSubject(subject), steps }
}

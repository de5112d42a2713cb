import { DoverieError } from '@doverie/core/base'
import type { StaffCaller } from '../../guard/caller.ts'
import { openVault, type Vault } from '../../guard/vault.ts'
import { adoptPolicy, loadPolicy, proposePolicy, refreshPolicy } from '../../use/adopt-policy.ts'
import { carryOutErasures } from '../../use/erasure.ts'
import { endEpoch } from '../../use/end-epoch.ts'
import { integrateLedger } from '../../use/integrate-ledger.ts'
import { keepRetention } from '../../use/plan-destructions.ts'
import { tendRequests } from '../../use/requests/tend-requests.ts'
import { sendDueMail } from '../../use/send-mail.ts'
import { sweep } from '../../use/sweep.ts'
import { netrackBundle, TEST_ORIGIN } from '../netrack-bundle.ts'
import { memoryKms } from '../root-keys.ts'
import { evidenceOf, type YearReport } from './evidence.ts'
import { letterIn } from './intake.ts'
import { breachesOf, openRequests } from './laws.ts'
import { work } from './office.ts'
import { attempt, dayAfter, DAY, isWorked, newWorld, type World, YearClock } from './world.ts'

/** The first day of the year: from here the calendar has May, New Year and a Saturday that is worked. */
const FIRST_DAY: number = Date.parse('2026-03-01T00:00:00+03:00')
const YEAR = 365
/** After the year nobody writes any more, and what is open comes to its end. */
const AFTER = 200

export interface YearPlan {
  readonly requests: number
  readonly seed: number
  readonly onDay?: (day: number, registered: number) => void
}

/** Two servers over one pair of databases, on the clock that is run ahead. */
export interface YearVaults {
  readonly vault: Vault
  readonly other: Vault
  readonly clock: YearClock
  readonly close: () => Promise<void>
}

/** Opens them over fresh databases, with the shipped policy in force. */
export async function openYear(urls: { readonly dataUrl: string; readonly keystoreUrl: string }): Promise<YearVaults> {
  const clock = new YearClock(FIRST_DAY)
  const { dataUrl, keystoreUrl } = urls
  const kms = memoryKms()
  const open = (): Promise<Vault> => openVault({ dataUrl, keystoreUrl, kms, origin: TEST_ORIGIN, now: clock.now })
  const vault = await open()
  const loaded = await loadPolicy(vault, netrackBundle())
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error))
  const other = await open()
  await refreshPolicy(other)
  const close = async (): Promise<void> => {
    await vault.close()
    await other.close()
  }
  return { vault, other, clock, close }
}

/** A year of letters on a virtual clock; stops at the first day on which something does not hold. */
export async function simulateYear(
  { vault, other, clock }: YearVaults,
  plan: YearPlan,
): Promise<{ readonly world: World; readonly report: YearReport }> {
  const world = newWorld(vault, other, clock, plan.seed)
  for (let day = 0; day < YEAR + AFTER; day++) {
    const start = dayAfter(FIRST_DAY, day)
    clock.to(start, 7)
    await bySoftware(world, day)
    clock.to(start, 10)
    await byPeople(world, day, plan)
    clock.to(start, 14)
    if (isWorked(start)) await byOffice(world, day, plan)
    if (day === 180) await newVersion(world)
    clock.to(start, 23)
    await bySoftware(world, day)
    const open = await openRequests(world)
    const broken = await breachesOf(world, open)
    if (broken.length > 0) throw new Error(`day ${day}: ${broken.join('\n')}`)
    plan.onDay?.(day, world.letters.size)
    if (day > YEAR && open.length === 0 && world.diary.size === 0) break
  }
  while ((await integrateLedger(vault)).more);
  return { world, report: await evidenceOf(world) }
}

/** What the jobs of two servers do, here at the same moment; on some days the whole machine stands still. */
async function bySoftware(world: World, day: number): Promise<void> {
  const { vault, other, random, clock } = world
  if (day % 29 === 17 && clock.now() % DAY < DAY / 2) return
  for (let left = 1; left > 0; ) {
    const [mine, theirs] = await Promise.all([tendRequests(vault), tendRequests(other)])
    left = mine + theirs
  }
  await carryOutErasures(vault)
  if (day % 7 === 3) await keepRetention(vault, 14)
  if (day % 30 === 11) await sweep(vault)
  if (day % 60 === 31) await endEpoch(vault)
  // Of what goes out some is lost on the way, and some mailboxes are gone.
  for (let sent = 1; sent > 0; ) {
    sent = await sendDueMail(vault, (letter) => {
      world.mail.push(letter)
      return Promise.resolve(random.chance(3) ? 'nobody-there' : 'taken')
    })
  }
  await integrateLedger(vault)
}

async function byPeople(world: World, day: number, { requests }: YearPlan): Promise<void> {
  const due = world.diary.get(day) ?? []
  world.diary.delete(day)
  for (const act of due) {
    world.clock.pass(60_000)
    await act()
  }
  if (day >= YEAR) return
  // So many of the year's letters have been written by the end of this day; on some days none, on others twice as many.
  const wanted = Math.floor((requests * (day + 1)) / YEAR)
  for (
    let left = wanted - world.letters.size - world.random.int(3);
    left > 0 || (day === YEAR - 1 && world.letters.size < requests);
    left--
  ) {
    world.clock.pass(60_000)
    await letterIn(world, day)
  }
}

/** Whoever is there sees to what is due first, as much as a day has room for. */
async function byOffice(world: World, day: number, { requests }: YearPlan): Promise<void> {
  const room = Math.max(4, Math.ceil(requests / 80))
  const seen = new Set<string>()
  // Ids are random; numbers are the same in every run of a seed.
  const open = [...(await openRequests(world))].sort(
    (a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || (a.number < b.number ? -1 : 1),
  )
  for (const { caller, away } of world.staff) {
    if (away.some(([from, to]) => day >= from && day < to)) continue
    const mine = open.filter(({ id, owner, state }) => !seen.has(id) && (owner === 'staff' || state === 'identifying'))
    let left = room
    for (const row of mine) {
      if (left === 0) break
      if (!world.random.chance(70)) continue
      world.clock.pass(60_000)
      seen.add(row.id)
      await work(world, day, caller, row)
      left -= 1
    }
  }
}

/** A version of the policy is proposed by the officer and adopted by another, in the middle of the year. */
async function newVersion(world: World): Promise<void> {
  const { vault, other } = world
  const files = netrackBundle()
  files.set(
    'rules.yaml',
    (files.get('rules.yaml') ?? '')
      .replace(/^version: .*$/m, 'version: 8.0.0')
      .replace(/^ {2}delay: P3D$/m, '  delay: P5D'),
  )
  const [officer] = world.staff
  if (officer === undefined) throw new DoverieError('internal')
  const second: StaffCaller = { ...officer.caller, staff: '00000000-0000-4000-8000-000000000003', pseudonym: 'dpo-2' }
  await attempt(world, 'proposed a version', async () => {
    const proposed = await proposePolicy(vault, officer.caller, files)
    if (!proposed.ok) throw new Error(JSON.stringify(proposed.error))
    await adoptPolicy(vault, second, 'netrack@8.0.0')
  })
  await refreshPolicy(other)
  if (other.policy()?.id !== 'netrack@8.0.0') throw new Error('the new version is not in force')
}

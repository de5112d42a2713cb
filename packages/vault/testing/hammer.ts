import type { Caller } from '../guard/caller.ts'
import { openVault, type Vault } from '../guard/vault.ts'
import { authenticateCredential } from '../use/credentials.ts'
import { loadPolicy } from '../use/adopt-policy.ts'
import { isOpened, openFields } from '../use/open-fields.ts'
import { netrackBundle, TEST_ORIGIN } from './netrack-bundle.ts'
import { memoryKms } from './root-keys.ts'

/** A kind of read that is done over and over: whose credential asks, what for. */
export interface HammerAsk {
  readonly token: string
  readonly purpose: string
  readonly fields: readonly string[]
}

/** What a hammering process is told to do. */
export interface HammerPlan {
  readonly urls: { readonly dataUrl: string; readonly keystoreUrl: string }
  readonly people: readonly { readonly subject: string; readonly email: string }[]
  readonly asks: readonly HammerAsk[]
  readonly concurrency: number
}

/** One read as it went. Times are of the machine's monotonic clock, in microseconds: the same in every process. */
export interface HammerRead {
  readonly person: number
  readonly ask: number
  readonly start: number
  readonly end: number
  /** `permit`, `refuse`, `mixed` where the e-mail was not that person's, or the code of a fault. */
  readonly outcome: string
  /** The decision's id. */
  readonly id: string
}

export function monotonic(): number {
  return Number(process.hrtime.bigint() / 1_000n)
}

/** Reads people at random until told to stop, and tells how each read went. The callers are known from the start on. */
export async function hammer(vault: Vault, plan: HammerPlan, stopped: () => boolean): Promise<HammerRead[]> {
  const callers = await Promise.all(plan.asks.map(({ token }) => authenticateCredential(vault, token)))
  const reads: HammerRead[] = []
  const worker = async (): Promise<void> => {
    while (!stopped()) {
      const person = Math.floor(Math.random() * plan.people.length)
      const ask = Math.floor(Math.random() * plan.asks.length)
      reads.push(await readOnce(vault, plan, callers, person, ask))
    }
  }
  await Promise.all(Array.from({ length: plan.concurrency }, worker))
  return reads
}

async function readOnce(
  vault: Vault,
  plan: HammerPlan,
  callers: readonly (Caller | null)[],
  person: number,
  ask: number,
): Promise<HammerRead> {
  const { subject = '', email } = plan.people[person] ?? {}
  const { purpose = '', fields = [] } = plan.asks[ask] ?? {}
  const caller = callers[ask]
  if (!caller) throw new Error('a credential of the plan is not known')
  const start = monotonic()
  try {
    const outcome = await openFields(vault, caller, { subject, purpose, entity: 'start', fields })
    const end = monotonic()
    const mixed = isOpened(outcome) && outcome.values.get('email')?.reveal(outcome.permit) !== email
    return { person, ask, start, end, outcome: mixed ? 'mixed' : outcome.decision.effect, id: outcome.id }
  } catch (error) {
    return { person, ask, start, end: monotonic(), outcome: (error as { code?: string }).code ?? String(error), id: '' }
  }
}

/** This file as a process of its own: `ready` after it opened its vault, then reads until `stop`, then what it saw. */
async function serve(plan: HammerPlan): Promise<void> {
  const vault = await openVault({ ...plan.urls, kms: memoryKms(), origin: TEST_ORIGIN, now: () => Date.now() })
  await loadPolicy(vault, netrackBundle())
  let stopped = false
  process.on('message', () => {
    stopped = true
  })
  const reading = hammer(vault, plan, () => stopped)
  process.send?.('ready')
  const reads = await reading
  await vault.close()
  process.send?.(reads, () => {
    process.disconnect()
  })
}

if (import.meta.main) process.once('message', (plan: HammerPlan) => void serve(plan))

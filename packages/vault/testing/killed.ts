import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { rootKeyFile } from '../../server/keys-folder.ts'
import { openVault, type Vault } from '../guard/vault.ts'
import { fileKms } from '../seal/kms-file.ts'
import { loadPolicy } from '../use/adopt-policy.ts'
import { destroyData } from '../use/destroy-data.ts'
import { endEpoch } from '../use/end-epoch.ts'
import { integrateLedger } from '../use/integrate-ledger.ts'
import { asStaff, SUPPORT_TICKET } from './callers.ts'
import { netrackBundle, TEST_ORIGIN } from './netrack-bundle.ts'
import { watchKms, watchVault } from './steps.ts'

/** What a process that may be killed is told to do. */
export interface KilledPlan {
  readonly urls: { readonly dataUrl: string; readonly keystoreUrl: string }
  /** The folder of the root key file. */
  readonly keysDir: string
  readonly act: 'destroy' | 'end-epoch' | 'integrate'
  readonly subject: string
  readonly compartments: readonly string[] | null
  /** It kills itself (SIGKILL) before this step, counted from 0; null: it goes through and tells its steps. */
  readonly before: number | null
}

/** Runs a plan in a process of its own. Gives the steps it took, or null where it was killed. */
export async function runKilled(plan: KilledPlan): Promise<readonly string[] | null> {
  const child = fork(fileURLToPath(import.meta.url), { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  child.send(plan)
  const told: (readonly string[])[] = []
  child.on('message', (message) => void told.push(message as readonly string[]))
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
  if (signal === 'SIGKILL') return null
  const [steps] = told
  if (code !== 0 || steps === undefined) throw new Error(`the process ended with ${code ?? signal}`)
  return steps
}

/** Where something durable is about to happen or has just happened: before each COMMIT, after each, and around each single write. */
export function killPoints(steps: readonly string[]): readonly number[] {
  let open = false
  const points = new Set<number>([0])
  for (const [i, step] of steps.entries()) {
    const command = step.split(' ').slice(1).join(' ')
    if (command === 'BEGIN') open = true
    // A KMS call stands by itself, too: what it makes or destroys stays.
    const durable = command === 'COMMIT' || (!open && command !== 'BEGIN')
    if (command === 'COMMIT') open = false
    if (durable) for (const point of [i, i + 1]) points.add(point)
  }
  return [...points].filter((point) => point < steps.length).sort((a, b) => a - b)
}

async function run(plan: KilledPlan): Promise<void> {
  const steps: string[] = []
  let counting = false
  const onStep = (step: string): void => {
    if (!counting) return
    if (steps.length === plan.before) process.kill(process.pid, 'SIGKILL')
    steps.push(step)
  }
  const kms = watchKms(fileKms(rootKeyFile(plan.keysDir)), onStep)
  const vault = await openVault({ ...plan.urls, kms, origin: TEST_ORIGIN, now: () => Date.now() })
  await loadPolicy(vault, netrackBundle())
  watchVault(vault, onStep)
  counting = true
  await ACTS[plan.act](vault, plan)
  counting = false
  await vault.close()
  process.send?.(steps, () => {
    process.disconnect()
  })
}

const ACTS: Readonly<Record<KilledPlan['act'], (vault: Vault, plan: KilledPlan) => Promise<unknown>>> = {
  destroy: (vault, { subject, compartments }) =>
    destroyData(vault, asStaff('dpo'), { subject, entity: 'start', ticket: SUPPORT_TICKET, compartments }),
  'end-epoch': (vault) => endEpoch(vault),
  integrate: (vault) => integrateLedger(vault),
}

if (import.meta.main) process.once('message', (plan: KilledPlan) => void run(plan))

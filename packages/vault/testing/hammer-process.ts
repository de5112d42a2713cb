import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { HammerPlan, HammerRead } from './hammer.ts'

const PROGRAM = fileURLToPath(new URL('hammer.ts', import.meta.url))

/** Starts a second server process that reads by the plan; gives the way to stop it and learn what it saw. */
export async function forkHammer(plan: HammerPlan): Promise<() => Promise<readonly HammerRead[]>> {
  const child = fork(PROGRAM, { execArgv: [], serialization: 'advanced' })
  const gone = once(child, 'exit')
  const failed = gone.then(() => Promise.reject(new Error('the hammering process ended early')))
  // Only what the other process needs: what else hangs on these objects cannot be sent.
  const { dataUrl, keystoreUrl } = plan.urls
  const people = plan.people.map(({ subject, email }) => ({ subject, email }))
  child.send({ ...plan, urls: { dataUrl, keystoreUrl }, people })
  await Promise.race([once(child, 'message'), failed])
  return async () => {
    const told = once(child, 'message') as Promise<[readonly HammerRead[]]>
    child.send('stop')
    const [reads] = await Promise.race([told, failed])
    failed.catch(() => undefined)
    await gone
    return reads
  }
}

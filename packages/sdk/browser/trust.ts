import type { ReadResource } from '@doverie/core/log'
import { type Continuation, verifyCheckpoint, verifyContinuation } from '../verify/index.ts'
import { ask } from './page.ts'

const POLICY = 'doverie/ledger-policy'
const CHECKPOINT = 'doverie/ledger-checkpoint'

/** What this browser has kept of the ledger. Whoever keeps a checkpoint of his own is who can show that it was rolled back. */
export interface KeptTrust {
  readonly policy: string
  /** False where the ledger now shows other keys or witnesses than those it showed this browser first. */
  readonly unchanged: boolean
}

/** The public log of this server. */
export const readLog: ReadResource = async (path) => {
  const answer = await fetch(`/log/${path}`)
  if (answer.status === 404) return null
  if (!answer.ok) throw new Error(`answered ${answer.status}`)
  return new Uint8Array(await answer.arrayBuffer())
}

/** The keys that this browser saw first: a server that shows others later is not believed on its own word. */
export async function keptTrust(): Promise<KeptTrust> {
  const shown = await (await ask('/log/policy')).text()
  const kept = localStorage.getItem(POLICY)
  if (kept === null) localStorage.setItem(POLICY, shown)
  return { policy: kept ?? shown, unchanged: kept === null || kept === shown }
}

/** Compares the ledger with the checkpoint kept at the last visit, and keeps the newest one in its place where it continues and enough witnesses saw it. */
export async function continueKept({ policy }: KeptTrust): Promise<Pick<Continuation, 'continues' | 'checkpoint'>> {
  const kept = localStorage.getItem(CHECKPOINT)
  if (kept === null) {
    const note = await (await ask('/log/checkpoint')).text()
    const checkpoint = await verifyCheckpoint(note, { policy })
    if (checkpoint.witnessed) localStorage.setItem(CHECKPOINT, note)
    return { continues: true, checkpoint }
  }
  const { note, checkpoint, continues } = await verifyContinuation(kept, readLog, { policy })
  if (continues && checkpoint.witnessed) localStorage.setItem(CHECKPOINT, note)
  return { continues, checkpoint }
}

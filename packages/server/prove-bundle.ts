import { Worker } from 'node:worker_threads'
import { DoverieError } from '@doverie/core/base'
import type { PolicyProblem } from '@doverie/core/policy'
import type { Prover } from '@doverie/vault'

/**
 * Proves a bundle's invariants in a thread of its own: it takes seconds of processor time, and requests go on meanwhile. A
 * thread that dies proves nothing, which is a fault: `internal`.
 */
export const proveBundle: Prover = (files) =>
  new Promise((resolve, reject) => {
    const thread = new Worker(new URL('./prove-thread.ts', import.meta.url), { workerData: files })
    thread.once('message', (problems: readonly PolicyProblem[]) => {
      resolve(problems)
    })
    thread.once('error', reject)
    // After a message this changes nothing any more.
    thread.once('exit', () => {
      reject(new DoverieError('internal', 'The proof of a policy ended without a result.'))
    })
  })

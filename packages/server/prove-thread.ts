import { parentPort, workerData } from 'node:worker_threads'
import { parseBundle, provePolicy } from '@doverie/core/policy'

/** The thread of `proveBundle`: is given the files of a bundle, says what is wrong with it. */
const parsed = parseBundle(workerData as ReadonlyMap<string, string>)
parentPort?.postMessage(parsed.ok ? provePolicy(parsed.value).problems : parsed.error)

import { parentPort } from 'node:worker_threads'
import { takeApart } from './take-apart.ts'

/** The thread of `MessageReader`: is given messages, gives each taken apart, or null. */
parentPort?.on('message', (raw: Uint8Array) => {
  takeApart(raw).then(
    (read) => parentPort?.postMessage(read),
    () => parentPort?.postMessage(null),
  )
})

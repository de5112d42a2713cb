import { Worker } from 'node:worker_threads'
import type { ReadMessage } from '@doverie/vault'

/** How long a message may take, and how much of memory: what asks for more is registered as it came, for people to read. */
const PATIENCE_MS = 60_000
const LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64, stackSizeMb: 4 }

/** Takes messages apart in a thread of its own, one at a time: whatever their senders made of them, the server goes on. */
export class MessageReader {
  #thread: Worker | null = null
  #last: Promise<unknown> = Promise.resolve()

  /** A message taken apart; null where that cannot be done, or not in time. Never throws. */
  read(raw: Uint8Array): Promise<ReadMessage | null> {
    const reading = this.#last.then(() => this.#ask(raw))
    this.#last = reading
    return reading
  }

  async close(): Promise<void> {
    await this.#last
    await this.#end()
  }

  async #ask(raw: Uint8Array): Promise<ReadMessage | null> {
    const thread = (this.#thread ??= new Worker(new URL('./read-thread.ts', import.meta.url), {
      resourceLimits: LIMITS,
    }))
    const failed = Symbol('failed')
    const answer = await new Promise<ReadMessage | null | typeof failed>((resolve) => {
      const give = (read: ReadMessage | null | typeof failed): void => {
        clearTimeout(late)
        thread.off('message', give).off('error', fail).off('exit', fail)
        resolve(read)
      }
      const fail = (): void => {
        give(failed)
      }
      const late = setTimeout(fail, PATIENCE_MS)
      thread.on('message', give).on('error', fail).on('exit', fail)
      thread.postMessage(raw)
    })
    if (answer !== failed) return answer
    await this.#end()
    return null
  }

  async #end(): Promise<void> {
    const thread = this.#thread
    this.#thread = null
    // What it still says after this is of a message that was given up.
    thread?.on('error', () => undefined)
    await thread?.terminate()
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { HttpClient } from './http-client.ts'

interface Letter {
  readonly to: string
  readonly subject: string
  readonly at: number
}

const PATIENCE_MS = 20_000

/** The development mailbox, read once for all who wait for a letter. */
export class Mailbox {
  readonly #client: HttpClient
  #reading: Promise<readonly Letter[]> | null = null

  constructor(client: HttpClient) {
    this.#client = client
  }

  /** The newest code that went to an address and is none of `used`. */
  async codeFor(address: string, used: ReadonlySet<string>): Promise<string> {
    const end = Date.now() + PATIENCE_MS
    while (Date.now() < end) {
      const letters = await this.#read()
      const codes = letters
        .filter(({ to }) => to === address)
        .sort((a, b) => b.at - a.at)
        .flatMap(({ subject }) => /^\d{6}/.exec(subject)?.[0] ?? [])
      const code = codes.find((one) => !used.has(one))
      if (code !== undefined) return code
      await delay(20)
    }
    throw new Error('no letter came')
  }

  #read(): Promise<readonly Letter[]> {
    // Whoever asks within a moment shares one reading, which begins after they asked.
    this.#reading ??= delay(10).then(async () => {
      this.#reading = null
      const { status, bytes } = await this.#client.get('/dev/mailbox.json')
      if (status !== 200) throw new Error(`the development mailbox answered ${status}`)
      return (JSON.parse(bytes.toString()) as { readonly mail: readonly Letter[] }).mail
    })
    return this.#reading
  }
}

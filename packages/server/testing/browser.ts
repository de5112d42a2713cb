import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { temporaryFolder } from './folder.ts'

/** The system's browser; null where there is none, and tests that need one say that they were not run. */
export const CHROMIUM: string | null =
  ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find((path) => existsSync(path)) ?? null

/** One page of a real browser without a window, driven over its own protocol (CDP). */
export interface Browser {
  /** Goes to a page and waits for it and its scripts. */
  open(url: string): Promise<void>
  /** The value of an expression in the page; promises are awaited. */
  evaluate<T>(expression: string): Promise<T>
  /** Waits until an expression is true in the page; fails after twenty seconds. */
  until(expression: string): Promise<void>
  /** A command of the protocol to the page. */
  command(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>
  /** PNG, base64. */
  screenshot(): Promise<string>
  close(): Promise<void>
}

interface Reply {
  readonly id?: number
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly message: string }
}

export async function startBrowser(path: string): Promise<Browser> {
  const folder = await temporaryFolder()
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--remote-debugging-port=0', '--window-size=900,1400']
  const child = spawn(path, [...flags, `--user-data-dir=${folder.path}/profile`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const socket = new WebSocket(await debuggerOf(child))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const waiting = new Map<number, (reply: Reply) => void>()
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply)
  })
  let last = 0
  const send = async (
    method: string,
    params: object = {},
    target: { readonly sessionId?: string } = {},
  ): Promise<Readonly<Record<string, unknown>>> => {
    last += 1
    const id = last
    const reply = new Promise<Reply>((resolve) => waiting.set(id, resolve))
    socket.send(JSON.stringify({ id, method, params, ...target }))
    const { result, error } = await reply
    waiting.delete(id)
    if (error !== undefined) throw new Error(error.message)
    return result ?? {}
  }
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' })
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true })
  const page = { sessionId: sessionId as string }
  await send('Page.enable', {}, page)
  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send(
      'Runtime.evaluate',
      { expression, awaitPromise: true, returnByValue: true },
      page,
    )
    if (exceptionDetails !== undefined) throw new Error('the page threw')
    return (result as { readonly value: T }).value
  }
  const until = async (expression: string): Promise<void> => {
    for (let i = 0; i < 200; i++) {
      if (await evaluate<boolean>(expression).catch(() => false)) return
      await delay(100)
    }
    throw new Error(`it never came to be: ${expression}`)
  }
  return {
    open: async (url) => {
      await send('Page.navigate', { url }, page)
      // Its scripts have run by then: a button pressed before that does nothing.
      await until(`document.readyState === 'complete'`)
    },
    evaluate,
    until,
    command: (method, params = {}) => send(method, params, page),
    screenshot: async () => (await send('Page.captureScreenshot', { format: 'png' }, page))['data'] as string,
    close: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve))
      socket.close()
      child.kill('SIGKILL')
      await gone
      await folder.remove()
    },
  }
}

async function debuggerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let told = ''
    child.stderr?.on('data', (chunk: Buffer) => {
      told += chunk.toString('utf8')
      const found = /DevTools listening on (ws:\S+)/.exec(told)?.[1]
      if (found !== undefined) resolve(found)
    })
    child.once('exit', () => {
      reject(new Error('the browser ended'))
    })
  })
}

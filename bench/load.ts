import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { benchPerson } from './people.ts'

/**
 * The load generator, a process of its own: keeps `connections` requests under way for `seconds` and prints a line of JSON.
 * It speaks just enough HTTP/1.1 to cost little beside what it measures. argv: a JSON object of `LoadPlan`.
 */
export interface LoadPlan {
  readonly port: number
  readonly seconds: number
  readonly connections: number
  /** File with the subjects and the token. */
  readonly seeded: string
  /** True where every answer must hold the surname, e-mail and phone of the person asked for. */
  readonly compare: boolean
  /** Start at this person and go through all in order instead of at random: to warm up. */
  readonly inOrder: boolean
  /** Where going in order begins. */
  readonly from?: number
}

export interface LoadResult {
  readonly requests: number
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
  readonly wrong: number
  readonly bytes: number
}

const plan = JSON.parse(process.argv[2] ?? '{}') as LoadPlan
const { subjects, token } = JSON.parse(await readFile(plan.seeded, 'utf8')) as { subjects: string[]; token: string }
const latencies: number[] = []
let wrong = 0
let bytes = 0
let next = plan.from ?? 0

function choose(): number {
  return plan.inOrder ? next++ % subjects.length : Math.floor(Math.random() * subjects.length)
}

function requestFor(number: number): string {
  const body = JSON.stringify({
    subject: subjects[number],
    purpose: 'identification',
    entity: 'start',
    fields: ['surname', 'given-name', 'patronymic', 'email', 'phone'],
  })
  return (
    `POST /v1/open HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n` +
    `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  )
}

function check(status: string, body: string, number: number): void {
  bytes = body.length
  const person = benchPerson(number)
  const right = !plan.compare || [person.surname, person.email, person.phone].every((value) => body.includes(value))
  if (!right || !status.startsWith('HTTP/1.1 200')) wrong += 1
}

/** One connection: a request, its whole answer, the next request. */
async function run(end: number): Promise<void> {
  const socket: Socket = connect({ port: plan.port, host: '127.0.0.1', noDelay: true })
  let received = ''
  let settle: (() => void) | null = null
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    received += chunk
    settle?.()
  })
  while (performance.now() < end) {
    const number = choose()
    const begun = performance.now()
    received = ''
    socket.write(requestFor(number))
    const answer = await new Promise<{ status: string; body: string }>((resolve, reject) => {
      socket.once('error', reject)
      settle = () => {
        const head = received.indexOf('\r\n\r\n')
        if (head < 0) return
        const length = Number(/content-length: (\d+)/i.exec(received.slice(0, head))?.[1] ?? 'NaN')
        const body = received.slice(head + 4)
        if (Buffer.byteLength(body) < length) return
        socket.removeListener('error', reject)
        resolve({ status: received.slice(0, 20), body })
      }
    })
    settle = null
    latencies.push(performance.now() - begun)
    check(answer.status, answer.body, number)
  }
  socket.destroy()
}

const begun = performance.now()
await Promise.all(Array.from({ length: plan.connections }, () => run(begun + plan.seconds * 1000)))
const elapsed = (performance.now() - begun) / 1000
latencies.sort((a, b) => a - b)
const quantile = (q: number): number =>
  latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * q))] ?? NaN
const result: LoadResult = {
  requests: latencies.length,
  perSecond: latencies.length / elapsed,
  p50: quantile(0.5),
  p99: quantile(0.99),
  wrong,
  bytes,
}
process.stdout.write(`${JSON.stringify(result)}\n`)

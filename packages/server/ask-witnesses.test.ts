import { rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import {
  formatAddCheckpoint,
  formatVerifierKey,
  isWitnessed,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseProofFile,
  parseTrustPolicy,
  parseVerifierKey,
  policyKeys,
  signCheckpoint,
  type TrustPolicy,
} from '@doverie/core/log'
import { NODE_VERIFIERS, noteSigner } from '@doverie/vault'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { ledgerKeys } from '../vault/use/ledger-keys.ts'
import { openOffline } from './offline.ts'
import { type TestFolder, temporaryFolder } from './testing/folder.ts'
import { register } from './testing/people.ts'
import { send } from './testing/raw.ts'
import { startTestServer, type TestServer, until } from './testing/test-server.ts'
import { openWitnessKeys, type RunningWitness, startWitness, type WitnessKeys } from './witness/serve.ts'

const ORIGIN = 'ledger.example/log'
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A witness whose server may be stopped and started; it knows the ledger as soon as its key is known. */
class TestWitness {
  readonly name: string
  readonly folder: TestFolder
  readonly keys: WitnessKeys
  readonly #port: number
  #running: RunningWitness | null = null

  private constructor(name: string, folder: TestFolder, keys: WitnessKeys, port: number) {
    this.name = name
    this.folder = folder
    this.keys = keys
    this.#port = port
  }

  static async make(name: string): Promise<TestWitness> {
    const folder = await temporaryFolder()
    const witness = new TestWitness(name, folder, await openWitnessKeys(folder.path, name), await freePort())
    closing.push(async () => {
      await witness.stop()
      await folder.remove()
    })
    return witness
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(vkeys: readonly string[], port = this.#port): Promise<string> {
    const policy = parseTrustPolicy(`${vkeys.map((vkey) => `log ${vkey}\n`).join('')}quorum none\n`)
    const { keys, folder } = this
    const options = { host: '127.0.0.1', port, dir: folder.path, keys, policy, logLevel: 'silent' as const }
    this.#running = await startWitness(options)
    return this.#running.url
  }

  async stop(): Promise<void> {
    await this.#running?.close()
    this.#running = null
  }

  line(which: 0 | 1): string {
    return `witness ${this.name} ${formatVerifierKey(this.keys[which].verifier)} ${this.url}\n`
  }
}

async function freePort(): Promise<number> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function witnessed(lines: string): Promise<{ readonly server: TestServer; readonly vkeys: readonly string[] }> {
  const folder = await temporaryFolder()
  closing.push(() => folder.remove())
  const ledgerPolicy = join(folder.path, 'trust.policy')
  await writeFile(ledgerPolicy, lines)
  const server = await startTestServer(inject('adminUrl'), { origin: ORIGIN, ledgerPolicy, witnessSeconds: 0 })
  closing.push(() => server.stop())
  const { logs } = await trustOf(server)
  return { server, vkeys: logs.map(({ key }) => formatVerifierKey(key)) }
}

async function trustOf(server: TestServer): Promise<TrustPolicy> {
  return parseTrustPolicy((await send(server.url, { method: 'GET', path: '/log/policy' })).text)
}

async function shown(server: TestServer): Promise<string | null> {
  const { status, text } = await send(server.url, { method: 'GET', path: '/log/checkpoint' })
  return status === 200 ? text : null
}

function sizeOf(note: string | null): number {
  return note === null ? -1 : parseCheckpoint(parseNote(note).text).size
}

async function health(server: TestServer): Promise<Readonly<Record<string, unknown>>> {
  return (await send(server.url, { method: 'GET', path: '/healthz' })).json
}

/** What anybody who trusts the policy makes of a checkpoint. */
function counts(note: string, trust: TrustPolicy): boolean {
  const { verified } = openCheckpoint(note, ORIGIN, policyKeys(trust), NODE_VERIFIERS)
  return isWitnessed(trust, verified)
}

describe('a ledger with witnesses', () => {
  it('shows only checkpoints that enough of them cosigned, and says whom it asks', async () => {
    const [one, two] = [await TestWitness.make('w1.example'), await TestWitness.make('w2.example')]
    // One is trusted by its Ed25519 key, the other by its ML-DSA-44 key.
    const { server, vkeys } = await witnessed(
      `${one.line(0)}${two.line(1)}group g all w1.example w2.example\nquorum g\n`,
    )
    expect(vkeys.map((vkey) => parseVerifierKey(vkey).type)).toEqual([1, 6])
    expect(await shown(server)).toBeNull()
    await one.start(vkeys)
    await two.start(vkeys)
    const person = await register(server)
    await until(async () => (await person.client.history()).length > 0)
    const [first] = await person.client.history()
    await until(async () => sizeOf(await shown(server)) > (first?.place ?? Infinity))
    const trust = await trustOf(server)
    const note = (await shown(server)) ?? ''
    expect(counts(note, trust)).toBe(true)
    expect(await health(server)).toMatchObject({ status: 'ok', witnesses: 'current' })
    const proof = parseProofFile(await person.client.proof(first?.place ?? -1))
    expect(counts(proof.checkpoint, trust)).toBe(true)
  })

  it('lets nothing new count while a witness of the quorum is silent, goes on, and catches up', async () => {
    const [one, two] = [await TestWitness.make('w1.example'), await TestWitness.make('w2.example')]
    const { server, vkeys } = await witnessed(
      `${one.line(0)}${two.line(0)}group g all w1.example w2.example\nquorum g\n`,
    )
    await one.start(vkeys)
    await two.start(vkeys)
    await register(server)
    await until(async () => sizeOf(await shown(server)) > 2)
    await two.stop()
    const before = sizeOf(await shown(server))
    const person = await register(server)
    await until(async () => (await person.client.history()).length > 0)
    const trust = await trustOf(server)
    const [first] = await person.client.history()
    expect(first?.place).toBeGreaterThanOrEqual(before)
    // The proof is what the ledger alone says by now; nobody who asks for witnesses takes it.
    expect(counts(parseProofFile(await person.client.proof(first?.place ?? -1)).checkpoint, trust)).toBe(false)
    expect(counts((await shown(server)) ?? '', trust)).toBe(true)
    expect(await health(server)).toMatchObject({ status: 'ok' })
    await two.start(vkeys)
    await until(async () => sizeOf(await shown(server)) > (first?.place ?? 0))
    expect(counts(parseProofFile(await person.client.proof(first?.place ?? -1)).checkpoint, trust)).toBe(true)
  })

  it('needs no more of them than its quorum, and is not held up by one that answers nonsense', async () => {
    const one = await TestWitness.make('w1.example')
    const liar = createServer((request, answer) => {
      request.resume()
      answer.end('— w2.example AAAAAAAAAAAAAAAA\n')
    })
    const port = await freePort()
    await new Promise<void>((resolve) => {
      liar.listen(port, '127.0.0.1', resolve)
    })
    closing.push(() => liar.close())
    const other = noteSigner('w2.example', Buffer.alloc(32, 9), 4)
    const lie = `witness w2.example ${formatVerifierKey(other.verifier)} http://127.0.0.1:${port}\n`
    const { server, vkeys } = await witnessed(`${one.line(0)}${lie}group g any w1.example w2.example\nquorum g\n`)
    await one.start(vkeys)
    await register(server)
    await until(async () => sizeOf(await shown(server)) > 2)
    expect(server.logged()).toContain('a witness did not cosign')
    expect(counts((await shown(server)) ?? '', await trustOf(server))).toBe(true)
  })

  it('stops for good where a witness keeps a checkpoint of its own key that its tree does not continue', async () => {
    const one = await TestWitness.make('w1.example')
    const { server, vkeys } = await witnessed(`${one.line(0)}quorum w1.example\n`)
    await one.start(vkeys)
    const person = await register(server)
    await until(async () => sizeOf(await shown(server)) > 2)
    // Somebody with the ledger's key signs another, longer tree and has it cosigned: a restored backup that went on looks the same.
    const at = sizeOf(await shown(server))
    await one.stop()
    const vault = await openOffline(server, null, ORIGIN)
    const { signers } = ledgerKeys(vault)
    await vault.close()
    const fork = signCheckpoint(
      { origin: ORIGIN, size: at + 1000, root: Buffer.alloc(32, 1), extensions: [] },
      signers,
      1,
    )
    await rm(join(one.folder.path, 'logs'), { recursive: true })
    const elsewhere = await one.start(vkeys, 0)
    const body = formatAddCheckpoint({ old: 0, proof: [], checkpoint: fork })
    expect((await fetch(`${elsewhere}/add-checkpoint`, { method: 'POST', body })).status).toBe(200)
    await one.stop()
    expect(server.logged()).not.toContain('ledger-inconsistent')
    await one.start(vkeys)
    await person.client.me('start').catch(() => null)
    await until(async () => (await health(server))['ledger'] === 'stopped')
    expect(server.logged()).toContain('ledger-inconsistent')
    await expect(person.client.me('start')).rejects.toMatchObject({
      code: expect.stringMatching(/policy-absent|refused/) as string,
    })
    const stopped = sizeOf(await shown(server))
    await register(server).catch(() => null)
    expect(sizeOf(await shown(server))).toBe(stopped)
  })

  it('is not stopped by what its own key did not sign', async () => {
    const liar = createServer((request, answer) => {
      request.resume()
      const stranger = noteSigner(ORIGIN, Buffer.alloc(32, 7), 1)
      const lie = signCheckpoint({ origin: ORIGIN, size: 9e9, root: Buffer.alloc(32), extensions: [] }, [
        stranger.signer,
      ])
      answer.statusCode = request.method === 'POST' ? 409 : 200
      answer.end(request.method === 'POST' ? '9000000000\n' : lie)
    })
    const port = await freePort()
    await new Promise<void>((resolve) => {
      liar.listen(port, '127.0.0.1', resolve)
    })
    closing.push(() => liar.close())
    const other = noteSigner('w2.example', Buffer.alloc(32, 9), 4)
    const { server } = await witnessed(
      `witness w ${formatVerifierKey(other.verifier)} http://127.0.0.1:${port}\nquorum w\n`,
    )
    await until(() => Promise.resolve(server.logged().includes('has seen a greater tree')))
    const person = await register(server)
    await person.client.me('start')
    expect(await health(server)).toMatchObject({ status: 'ok', ledger: 'running' })
  })
})

describe('a policy of trust', () => {
  it.each([
    ['a file that is not there', null],
    ['a policy that is none', 'quorum w\n'],
    [
      'an address that is none',
      `witness w ${formatVerifierKey(noteSigner('w', Buffer.alloc(32), 4).verifier)} ftp://w\nquorum w\n`,
    ],
  ])('keeps the server from starting: %s', async (_, text) => {
    const folder = await temporaryFolder()
    closing.push(() => folder.remove())
    const ledgerPolicy = join(folder.path, 'trust.policy')
    if (text !== null) await writeFile(ledgerPolicy, text)
    await expect(startTestServer(inject('adminUrl'), { ledgerPolicy })).rejects.toMatchObject({
      code: 'invalid-request',
    })
  })
})

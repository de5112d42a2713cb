import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import {
  addCosignatures,
  append,
  EMPTY_EDGE,
  EMPTY_ROOT,
  formatAddCheckpoint,
  isWitnessed,
  KEY_TYPES,
  leafHash,
  openCheckpoint,
  parseCheckpoint,
  parseNote,
  parseTrustPolicy,
  planConsistency,
  proofFromTiles,
  rootOf,
  signCheckpoint,
  formatVerifierKey,
} from '@doverie/core/log'
import { NODE_VERIFIERS, noteSigner, sha256 } from '@doverie/vault'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openWitnessKeys, type RunningWitness, startWitness, type WitnessKeys } from './serve.ts'
import { originHash, WitnessState } from './state.ts'
import { witnessProcess } from './testing/witness-process.ts'

const ORIGIN = 'log.example/behind'
const NAME = 'witness.example/w1'
const log = noteSigner(ORIGIN, Buffer.alloc(32, 1), KEY_TYPES.ed25519)
const logToo = noteSigner(ORIGIN, Buffer.alloc(32, 2), KEY_TYPES.mlDsa44)
const stranger = noteSigner(ORIGIN, Buffer.alloc(32, 3), KEY_TYPES.ed25519)
const LOGS = `log ${formatVerifierKey(log.verifier)}\nlog ${formatVerifierKey(logToo.verifier)}\nquorum none\n`
const policy = parseTrustPolicy(LOGS)
const leaves = Array.from({ length: 600 }, (_, i) => leafHash(Buffer.from(`entry ${i}`), sha256))
const { tiles } = append(EMPTY_EDGE, leaves, sha256)

function rootAt(size: number): Uint8Array {
  return rootOf(append(EMPTY_EDGE, leaves.slice(0, size), sha256).edge, sha256)
}

function checkpointAt(size: number, root = rootAt(size), signers = [log.signer]): string {
  return signCheckpoint({ origin: ORIGIN, size, root, extensions: [] }, signers, 1)
}

function proofOf(old: number, size: number): readonly Uint8Array[] {
  if (old === 0 || old > size) return []
  return proofFromTiles(
    planConsistency(old, size),
    ({ level, index }) => tiles.find(({ tile }) => tile.level === level && tile.index === index)?.bytes,
    sha256,
  )
}

function bodyOf(old: number, size: number, checkpoint = checkpointAt(size)): string {
  return formatAddCheckpoint({ old, proof: proofOf(old, size), checkpoint })
}

let dir: string
let keys: WitnessKeys
let witness: RunningWitness
const open: RunningWitness[] = []

async function start(now: () => number = Date.now): Promise<RunningWitness> {
  const started = await startWitness({ host: '127.0.0.1', port: 0, dir, keys, policy, now, logLevel: 'silent' })
  open.push(started)
  return started
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'doverie-witness-'))
  keys = await openWitnessKeys(dir, NAME)
  witness = await start()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await rm(dir, { recursive: true })
})

interface Answer {
  readonly status: number
  readonly type: string | null
  readonly text: string
}

async function post(body: string | Uint8Array<ArrayBuffer>, url = witness.url): Promise<Answer> {
  const answer = await fetch(`${url}/add-checkpoint`, { method: 'POST', body })
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

async function monitored(url = witness.url, origin = ORIGIN): Promise<Answer> {
  const answer = await fetch(`${url}/${originHash(origin)}/checkpoint`)
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() }
}

const verifiers = (): WitnessKeys[number]['verifier'][] => keys.map(({ verifier }) => verifier)

describe('a witness', () => {
  it('cosigns a growing log step by step, under both keys, with the time', async () => {
    let old = 0
    for (const size of [0, 1, 3, 256, 257, 600, 600]) {
      const checkpoint = checkpointAt(size, rootAt(size), [log.signer, logToo.signer])
      const before = Math.floor(Date.now() / 1000)
      const { status, type, text } = await post(bodyOf(old, size, checkpoint))
      expect([status, type]).toEqual([200, 'text/plain; charset=utf-8'])
      const cosigned = addCosignatures(checkpoint, text, verifiers(), NODE_VERIFIERS)
      const { verified } = openCheckpoint(cosigned, ORIGIN, [log.verifier, ...verifiers()], NODE_VERIFIERS)
      expect(verified.map((one) => one.type)).toEqual([KEY_TYPES.ed25519, KEY_TYPES.cosignature, KEY_TYPES.mlDsa44])
      for (const { time } of verified.slice(1)) expect(time).toBeGreaterThanOrEqual(before)
      old = size
    }
  })

  it('is one of a policy: its cosignature makes the quorum', async () => {
    const [ed25519] = verifiers()
    const trust = parseTrustPolicy(`witness w ${formatVerifierKey(ed25519!)}\nquorum w\n`)
    const note = checkpointAt(5)
    const cosigned = addCosignatures(note, (await post(bodyOf(0, 5, note))).text, verifiers(), NODE_VERIFIERS)
    const { verified } = openCheckpoint(cosigned, ORIGIN, [log.verifier, ...verifiers()], NODE_VERIFIERS)
    expect(isWitnessed(trust, verified)).toBe(true)
  })

  it('shows monitors the last checkpoint with its cosignatures and the signatures of the log that it verified', async () => {
    expect((await monitored()).status).toBe(404)
    expect((await monitored(witness.url, 'unknown.example')).status).toBe(404)
    const other = checkpointAt(7, rootAt(7), [stranger.signer, log.signer])
    await post(bodyOf(0, 7, other))
    const { status, type, text } = await monitored()
    expect([status, type]).toEqual([200, 'text/plain; charset=utf-8'])
    expect(parseNote(text).signatures.map(({ keyId }) => keyId)).toEqual(
      [log.verifier, ...verifiers()].map(({ keyId }) => keyId),
    )
    await post(bodyOf(7, 9))
    expect(parseCheckpoint(parseNote((await monitored()).text).text).size).toBe(9)
  })

  it.each<[number, string, () => string]>([
    [400, 'a body that is none', () => 'old 0\n'],
    [400, 'an old size above the checkpoint', () => bodyOf(9, 7)],
    [403, 'a checkpoint that a stranger signed', () => bodyOf(5, 7, checkpointAt(7, rootAt(7), [stranger.signer]))],
    [403, 'a signature that does not verify', () => bodyOf(5, 7, checkpointAt(7).replace('\n7\n', '\n8\n'))],
    [404, 'a log it does not know', () => bodyOf(0, 7).replaceAll(ORIGIN, 'log.example/other')],
    [422, 'a proof that is missing', () => formatAddCheckpoint({ old: 5, proof: [], checkpoint: checkpointAt(7) })],
    [422, 'another root at the same size', () => bodyOf(5, 5, checkpointAt(5, rootAt(6)))],
  ])('answers %i to %s, and its state stays', async (status, _, body) => {
    await post(bodyOf(0, 5))
    const before = await monitored()
    expect((await post(body())).status).toBe(status)
    expect(await monitored()).toEqual(before)
  })

  it('answers 422 to an empty tree whose root is another, and to a proof from nothing', async () => {
    expect((await post(bodyOf(0, 0, checkpointAt(0, rootAt(1))))).status).toBe(422)
    const proof = [EMPTY_ROOT]
    expect((await post(formatAddCheckpoint({ old: 0, proof, checkpoint: checkpointAt(3) }))).status).toBe(422)
  })

  it('answers 409 with the size that it has, whatever was asked with another', async () => {
    expect(await post(bodyOf(5, 7))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '0\n' })
    await post(bodyOf(0, 5))
    for (const old of [0, 4, 6]) {
      expect(await post(bodyOf(old, 7))).toEqual({ status: 409, type: 'text/x.tlog.size', text: '5\n' })
    }
  })

  it('takes no longer body than a checkpoint can be, and no other method', async () => {
    expect((await post(new Uint8Array(600 * 1024))).status).toBe(413)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await fetch(`${witness.url}/add-checkpoint`, { method })).status).toBe(404)
    }
  })

  it('keeps what proves that a log has signed two trees of one size', async () => {
    await post(bodyOf(0, 5))
    const fork = checkpointAt(5, rootAt(6))
    await post(bodyOf(5, 5, fork))
    expect(await readFile(join(dir, 'logs', originHash(ORIGIN), 'equivocation'), 'utf8')).toBe(fork)
  })

  it('goes on after a restart where it stopped, under the same key', async () => {
    await post(bodyOf(0, 5))
    await open.splice(0)[0]?.close()
    expect((await openWitnessKeys(dir, NAME)).map(({ verifier }) => verifier)).toEqual(verifiers())
    for (const name of ['witness.example/w2', 'a b', 'a+b', '']) {
      await expect(openWitnessKeys(dir, name)).rejects.toMatchObject({ code: 'invalid-request' })
    }
    witness = await start()
    expect((await post(bodyOf(0, 7))).text).toBe('5\n')
    expect((await post(bodyOf(5, 7))).status).toBe(200)
  })
})

describe('its state', () => {
  it('is never rolled back by requests at the same time, of two servers over one folder', async () => {
    const second = await start()
    const cosigned: number[] = []
    const worker = async (url: string, step: number): Promise<void> => {
      let old = 0
      while (old < 600) {
        const size = Math.min(600, old + step)
        const { status, text } = await post(bodyOf(old, size), url)
        expect([200, 409]).toContain(status)
        if (status === 200) cosigned.push(size)
        const reached = status === 200 ? size : Number(text)
        // The size it tells never falls.
        expect(reached).toBeGreaterThanOrEqual(old)
        old = reached
      }
    }
    await Promise.all([7, 11, 13, 29].flatMap((step) => [worker(witness.url, step), worker(second.url, step + 1)]))
    expect(Math.max(...cosigned)).toBe(600)
    expect(cosigned.length).toBeGreaterThan(10)
    const turns = (await readdir(join(dir, 'logs', originHash(ORIGIN)))).map(Number)
    expect(turns.length).toBeLessThanOrEqual(8)
    expect(Math.max(...turns)).toBe(cosigned.length)
    expect(parseCheckpoint(parseNote((await monitored()).text).text).size).toBe(600)
  })

  it('gives a turn to one taker only, and none to who comes late', async () => {
    const state = new WitnessState(dir)
    const taken = await Promise.all(Array.from({ length: 20 }, (_, i) => state.advance(ORIGIN, 0, `note ${i}`)))
    expect(taken.filter(Boolean)).toHaveLength(1)
    for (let turn = 1; turn < 20; turn++) expect(await state.advance(ORIGIN, turn, `turn ${turn + 1}`)).toBe(true)
    // The files of the first turns are gone, so their places are free again.
    expect(await state.advance(ORIGIN, 1, 'late')).toBe(false)
    expect(await state.last(ORIGIN)).toEqual({ turn: 20, note: 'turn 20' })
  })

  it('survives kill -9 at any moment: no size that was answered is ever forgotten', { timeout: 120_000 }, async () => {
    await writeFile(join(dir, 'logs.policy'), LOGS)
    let answered = 0
    for (let round = 0; round < 3; round++) {
      const running = await witnessProcess(dir, NAME, join(dir, 'logs.policy'))
      const { text, status } = await post(bodyOf(600, 600), running.url)
      const at = status === 200 ? 600 : Number(text)
      expect(at).toBeGreaterThanOrEqual(answered)
      let old = at
      const killed = delay(40 + 35 * round).then(() => running.kill())
      for (;;) {
        const size = Math.min(599, old + 1)
        const answer = await post(bodyOf(old, size), running.url).catch(() => null)
        if (answer === null) break
        if (answer.status === 200) answered = old = size
      }
      await killed
    }
    expect(answered).toBeGreaterThan(0)
  })
})

import { type IncomingHttpHeaders, request } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync } from 'node:zlib'
import { decodeBundle, leafHash, parseVerifierKey, openCheckpoint } from '@doverie/core/log'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { register } from './testing/people.ts'
import { startTestServer, type TestServer, until } from './testing/test-server.ts'

let server: TestServer
let size = 0

beforeAll(async () => {
  server = await startTestServer(inject('adminUrl'))
  await register(server)
  await register(server)
  await until(async () => {
    size = Number((await ask('/log/checkpoint')).bytes.toString().split('\n')[1])
    return size > 4
  })
})
afterAll(() => server.stop())

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

/** Asks as it is told, and undoes nothing. */
async function ask(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request(`${server.url}${path}`, { method, headers }, (answer) => {
      buffer(answer).then((bytes) => {
        resolve({ status: answer.statusCode, headers: answer.headers, bytes })
      }, reject)
    })
      .on('error', reject)
      .end()
  })
}

describe('the ledger over HTTP (C2SP tlog-tiles)', () => {
  it('shows a checkpoint that its key signed, as text, and lets nobody keep it for more than a second', async () => {
    const { status, headers, bytes } = await ask('/log/checkpoint')
    expect(status).toBe(200)
    expect(headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(headers['cache-control']).toBe('public, max-age=1')
    const key = parseVerifierKey((await ask('/log/key')).bytes.toString().trim())
    expect(openCheckpoint(bytes, key.name, [key]).size).toBeGreaterThanOrEqual(size)
  })

  it('shows tiles and bundles as bytes that never change, in every width up to the published one', async () => {
    const full = (await ask(`/log/tile/0/000.p/${size}`)).bytes
    for (let width = 1; width <= size; width++) {
      const tile = await ask(`/log/tile/0/000.p/${width}`)
      const bundle = await ask(`/log/tile/entries/000.p/${width}`)
      for (const { status, headers } of [tile, bundle]) {
        expect(status).toBe(200)
        expect(headers['content-type']).toBe('application/octet-stream')
        expect(headers['cache-control']).toBe('public, max-age=31536000, immutable')
      }
      expect(tile.bytes).toEqual(full.subarray(0, width * 32))
      const leaves = decodeBundle(bundle.bytes).map((entry) => leafHash(entry))
      expect(Buffer.concat(leaves)).toEqual(tile.bytes)
    }
  })

  it.each([
    ['gzip', true],
    ['gzip, identity', true],
    ['br;q=1.0, GZIP;q=0.8, *;q=0.1', true],
    ['*', true],
    ['identity', false],
    ['gzip;q=0, *', false],
    ['gzip;q=0.0', false],
    ['', false],
  ])('compresses a bundle for who takes it: %s', async (taken, compressed) => {
    const path = `/log/tile/entries/000.p/${size}`
    const plain = await ask(path)
    expect(plain.headers['content-encoding']).toBeUndefined()
    const { headers, bytes } = await ask(path, { 'accept-encoding': taken })
    expect(headers['content-encoding']).toBe(compressed ? 'gzip' : undefined)
    expect(headers.vary).toBe('accept-encoding')
    expect(compressed ? gunzipSync(bytes) : bytes).toEqual(plain.bytes)
    const tile = await ask(`/log/tile/0/000.p/${size}`, { 'accept-encoding': taken })
    expect(tile.headers['content-encoding']).toBeUndefined()
  })

  it('answers HEAD as GET, without the body', async () => {
    for (const path of [
      '/log/checkpoint',
      '/log/key',
      `/log/tile/0/000.p/${size}`,
      `/log/tile/entries/000.p/${size}`,
    ]) {
      const [head, get] = [await ask(path, {}, 'HEAD'), await ask(path)]
      expect([head.status, head.bytes.length]).toEqual([200, 0])
      for (const name of ['content-type', 'cache-control', 'access-control-allow-origin'] as const) {
        expect(head.headers[name], path).toBe(get.headers[name])
      }
      if (path !== '/log/checkpoint') expect(head.headers['content-length']).toBe(String(get.bytes.length))
    }
    expect((await ask('/log/tile/0/001', {}, 'HEAD')).status).toBe(404)
    for (const path of [
      '/',
      '/policy',
      '/healthz',
      '/openapi.json',
      '/v1/forms',
      '/dev/mailbox',
      '/v1/me',
      '/v1/nowhere',
    ]) {
      const [head, get] = [await ask(path, {}, 'HEAD'), await ask(path)]
      expect([path, head.status, head.bytes.length]).toEqual([path, get.status, 0])
      expect(head.headers['content-type']).toBe(get.headers['content-type'])
    }
  })

  it('is open to pages of any origin, what it does not have included, and nothing else is', async () => {
    for (const path of ['/log/checkpoint', '/log/key', `/log/tile/0/000.p/${size}`, '/log/tile/0/001']) {
      expect((await ask(path, { origin: 'https://auditor.example' })).headers['access-control-allow-origin']).toBe('*')
    }
    expect((await ask('/v1/forms')).headers['access-control-allow-origin']).toBeUndefined()
  })

  it.each([
    ['a full tile that is not full yet', 'tile/0/000'],
    ['a full bundle that is not full yet', 'tile/entries/000'],
    ['a tile beyond the tree', 'tile/0/001.p/1'],
    ['a wider partial tile than published', 'tile/0/000.p/255'],
    ['a level above the tree', 'tile/1/000.p/1'],
    ['a tile without hashes', 'tile/0/000.p/0'],
    ['a partial tile of full width', 'tile/0/000.p/256'],
    ['a width with a leading zero', 'tile/0/000.p/01'],
    ['an index of one digit', 'tile/0/0'],
    ['an index with a needless element', 'tile/0/x000/000.p/1'],
    ['an index without its mark', 'tile/0/001/000.p/1'],
    ['a level with a leading zero', 'tile/00/000.p/1'],
    ['a level beyond the last', 'tile/64/000.p/1'],
    ['a path that climbs', 'tile/..%2f..'],
    ['a path that is none', 'tile/x'],
    ['no path', 'tile/'],
  ])('has nothing at %s', async (_, path) => {
    const { status, headers, bytes } = await ask(`/log/${path}`)
    expect(status).toBe(404)
    expect(headers['cache-control']).toBe('no-store')
    expect(JSON.parse(bytes.toString())).toMatchObject({ code: 'not-found' })
  })

  it('takes no other method', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) expect((await ask('/log/checkpoint', {}, method)).status).toBe(404)
  })
})

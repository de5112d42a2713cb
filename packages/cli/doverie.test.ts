import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runDoverie } from './testing/run-doverie.ts'

const PROGRAM = fileURLToPath(new URL('doverie.ts', import.meta.url))

describe('doverie', () => {
  let folder: string
  let busy: Server
  let port: number

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'doverie-cli-'))
    busy = createServer()
    await new Promise<void>((resolve) => {
      busy.listen(0, '127.0.0.1', resolve)
    })
    port = (busy.address() as { port: number }).port
  })
  afterAll(() => {
    busy.close()
    rmSync(folder, { recursive: true })
  })

  it('tells its commands', async () => {
    const { code, out } = await runDoverie('--help')
    expect(code).toBe(0)
    expect(out).toContain('start')
  })

  it.each([
    ['an unknown option', ['start', '--prot', '1']],
    ['an unknown command', ['stat']],
    ['a port that is none', ['start', '--port', '80a']],
    ['a port beyond the last', ['start', '--port', '65536']],
    ['an argument too many', ['start', 'now']],
  ])('rejects %s with one line', async (_, args) => {
    const { code, out, err } = await runDoverie(...args)
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toMatch(/^doverie: .+\n$/)
  })

  it('rejects a port in use with one line, and makes nothing', async () => {
    const [data, keys] = [join(folder, 'data'), join(folder, 'keys')]
    const { code, out, err } = await runDoverie('start', '--port', String(port), '--data', data, '--keys', keys)
    expect(err).toBe(`doverie: port ${port} on 127.0.0.1 is in use; choose another with --port [port-in-use]\n`)
    expect([code, out, existsSync(data), existsSync(keys)]).toEqual([1, '', false, false])
  })

  it('rejects a data folder that cannot be one, and makes no key', async () => {
    const keys = join(folder, 'keys')
    const { code, err } = await runDoverie('start', '--port', '0', '--data', PROGRAM, '--keys', keys)
    expect(err).toMatch(/^doverie: .+ is not a folder \[data-unwritable\]\n$/)
    expect([code, existsSync(keys)]).toEqual([1, false])
  })
})

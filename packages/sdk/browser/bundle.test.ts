import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { bundle, HISTORY_JS } from '../../../scripts/bundle-pages.ts'

it('what browsers run is what the sources say: `npm run pages` makes it anew', async () => {
  expect(await bundle('packages/sdk/browser/history.ts')).toBe(await readFile(HISTORY_JS, 'utf8'))
})

it('verifying a receipt takes a few kilobytes, and no cryptography but SHA-256 and that of the platform', async () => {
  const code = await bundle('packages/sdk/verify/index.ts')
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(11_000)
  expect(code).not.toContain('Edwards')
})

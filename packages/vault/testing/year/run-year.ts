// A whole year of letters on a virtual clock, over an embedded PostgreSQL of its own. Started by `node scripts/run.mjs year`
// (`--requests N --seed N`): a bar while it goes, then a table of what came of the letters and what does not hold.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { REQUEST_KINDS } from '@doverie/core/base'
import { table } from '../../../../e2e/tour/report/table.ts'
import { progress } from '../../../../e2e/tour/report/progress.ts'
import { openInstallation } from '../../../server/installation.ts'
import type { YearReport } from './evidence.ts'
import { openYear, simulateYear } from './simulate.ts'

const { values: options } = parseArgs({
  options: { requests: { type: 'string', default: '2000' }, seed: { type: 'string', default: '2026' } },
})
const [requests, seed] = [Number(options.requests), Number(options.seed)]
const say = (line: string): void => void process.stdout.write(`${line}\n`)

const STATES = ['answered', 'refused', 'recalled', 'replaced'] as const

function tableOf({ requests: all }: YearReport): string {
  const rows = REQUEST_KINDS.map((kind) => {
    const own = all.filter((row) => row.kind === kind)
    const told = own.flatMap(({ fold }) => fold.tracks).filter((track) => track.told === 100).length
    const counts = [own.length, ...STATES.map((one) => own.filter(({ state }) => state === one).length)]
    return [kind, ...[...counts, own.filter(({ late }) => late).length, told].map(String)]
  })
  return table(['kind', 'requests', ...STATES, 'late', 'clocks told at 100 %'], rows, [1, 2, 3, 4, 5, 6, 7])
}

async function main(): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'doverie-year-'))
  const log = { info: () => undefined, warn: say }
  const onLost = (reason: string): void => {
    throw new Error(reason)
  }
  const place = { dataDir: join(folder, 'data'), keysDir: join(folder, 'keys'), env: {}, log, onLost }
  const installation = await openInstallation(place)
  try {
    const year = await openYear(installation)
    const begun = performance.now()
    const bar = progress('days', 365)
    try {
      const onDay = (day: number): void => {
        if (day < 365) bar()
      }
      const { world, report } = await simulateYear(year, { requests, seed, onDay })
      say(tableOf(report))
      say(
        [...world.tally]
          .sort()
          .map(([what, times]) => `${what} ${times}`)
          .join(', '),
      )
      say(
        `${report.letters} letters, ${report.requests.length} requests, ${world.humans.length} people, ${report.late} late, ` +
          `${report.escalations} escalations, ${report.entries} entries, ${Math.round((performance.now() - begun) / 1000)} s`,
      )
      for (const what of report.broken) say(`✗ ${what}`)
      if (report.broken.length === 0) say('✓ no term was missed in silence, and every end has its evidence')
      return report.broken.length === 0 ? 0 : 1
    } finally {
      await year.close()
    }
  } finally {
    await installation.close()
    await rm(folder, { recursive: true, force: true })
  }
}

process.exitCode = await main()

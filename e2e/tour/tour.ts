// The tour: many people live through everything the vault does to their data, over HTTP against a real server; then it is
// proved what must hold, also after a restart and after kill -9 in the middle of the load.
import { loadUntilGone } from './crash/load.ts'
import { reconcile } from './crash/reconcile.ts'
import { NeedleIndex } from './disk/needle-index.ts'
import { type Folders, makeFolders, ServerProcess } from './installation/server-process.ts'
import { inParallel } from './journey/in-parallel.ts'
import { type Traveller, travel } from './journey/journey.ts'
import { setStage } from './journey/set-stage.ts'
import type { Stage } from './journey/stage.ts'
import { type TourOptions, tourOptions } from './options.ts'
import { CanaryMint } from './people/canaries.ts'
import { makePeople } from './people/people.ts'
import { proveByCommandLine } from './proofs/command-line.ts'
import { proveDestroyed } from './proofs/destroyed.ts'
import { makePlants, proveDisk } from './proofs/disk.ts'
import { proveHistories } from './proofs/history.ts'
import { proveLedger, type ReadLedger } from './proofs/ledger.ts'
import { plantRows } from './proofs/planted-rows.ts'
import { grouped, type Proof, proof } from './proofs/proof.ts'
import { proveKeysGone, proveTables } from './proofs/tables.ts'
import { proveValues } from './proofs/values.ts'
import { progress } from './report/progress.ts'
import { decisionTables, proofLine, timesTable } from './report/report.ts'

const WIDTH = 32
/** Of what is destroyed, so many are asked for in the rounds after the first, which asks for all. */
const SAMPLE = 60

/** Everything of one tour; `proofs` grows as they are made. */
interface Tour {
  readonly options: TourOptions
  readonly folders: Folders
  readonly server: ServerProcess
  readonly mint: CanaryMint
  readonly proofs: Proof[]
}

async function main(options: TourOptions): Promise<boolean> {
  const folders = await makeFolders()
  const server = new ServerProcess(folders)
  const tour: Tour = { options, folders, server, mint: new CanaryMint(options.seed), proofs: [] }
  const interruption = new AbortController()
  const interrupt = (): void => {
    if (interruption.signal.aborted) return
    interruption.abort()
    void server.dispose(options.keep).finally(() => process.exit(130))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt)
  try {
    await goThrough(tour)
  } catch (error) {
    if (interruption.signal.aborted) await new Promise(() => undefined)
    prove(tour, [proof('the tour came to its end', false, faultOf(error))])
  } finally {
    if (!interruption.signal.aborted) await server.dispose(options.keep)
    if (options.keep) say(`\nfolders kept: ${folders.root}`)
  }
  return tour.proofs.every(({ ok }) => ok !== false)
}

async function goThrough(tour: Tour): Promise<void> {
  const { options, server, mint, folders } = tour
  say(`${options.people} people, seed ${options.seed}`)
  say(`server ready after ${(await server.start()).toFixed(0)} ms`)
  const people = makePeople(options.people, options.seed, mint)
  const stage = await setStage(server, options.seed, mint)
  const started = performance.now()
  const tick = progress('journeys', people.length)
  const travellers = await inParallel(people, WIDTH, async (person) => {
    const traveller = await travel(stage, person)
    tick()
    return traveller
  })
  const seconds = (performance.now() - started) / 1000
  say(`\n${decisionTables(stage.tally)}\n\n${timesTable(stage.tally)}`)
  say(
    `${grouped(stage.tally.answers)} answers in ${seconds.toFixed(1)} s, ${grouped(stage.tally.answers / seconds)}/s\n`,
  )
  prove(tour, [proveForetold(stage)])

  const first = await proveRunning(tour, stage, travellers, null, Number.POSITIVE_INFINITY)
  prove(tour, [await proveTables(folders.data, new NeedleIndex(mint.canaries), new Set())])
  await stopCleanly(tour)
  prove(tour, [await proveByCommandLine(folders)])
  prove(tour, await proveDisk(folders, mint, makePlants(mint)))

  say(`\nafter a restart (ready in ${(await server.start()).toFixed(0)} ms):`)
  const second = await proveRunning(tour, stage, travellers, first, SAMPLE)

  const load = await loadUntilGone(stage, travellers, () => server.kill(), 3 * Math.min(people.length, 400))
  say(`\nafter kill -9 in the middle of the load (ready in ${(await server.start()).toFixed(0)} ms):`)
  prove(tour, [await reconcile(folders.data, load), proveForetold(stage)])
  await proveRunning(tour, stage, travellers, second, SAMPLE)
  await proveLastDisk(tour)
}

/** The last look at the disk: plants lie in the database itself now, and must show in its files and rows. */
async function proveLastDisk(tour: Tour): Promise<void> {
  const { folders, mint } = tour
  const plants = makePlants(mint)
  await plantRows(folders.data, plants)
  const rows = await proveTables(folders.data, new NeedleIndex(plants), new Set())
  const own = new Set(plants.map(({ text }) => text))
  prove(tour, [
    await proveTables(folders.data, new NeedleIndex(mint.canaries), own),
    proof('planted rows are found', rows.ok === false, rows.detail),
  ])
  await stopCleanly(tour)
  prove(tour, await proveDisk(folders, mint, plants))
}

/** Everything that can be proved of a running server. */
async function proveRunning(
  tour: Tour,
  stage: Stage,
  travellers: readonly Traveller[],
  earlier: ReadLedger | null,
  most: number,
): Promise<ReadLedger> {
  prove(tour, await proveValues(stage, travellers))
  prove(tour, await proveDestroyed(stage, travellers, most))
  prove(tour, [await proveKeysGone(tour.folders.data, travellers)])
  const { proofs, ledger } = await proveLedger(stage.anybody, travellers, earlier)
  prove(tour, proofs)
  prove(tour, await proveHistories(travellers, ledger))
  return ledger
}

function proveForetold({ tally }: Stage): Proof {
  const surprises = [...tally.surprises]
  const times = surprises.reduce((sum, [, count]) => sum + count, 0)
  const some = surprises.slice(0, 8).map(([what, count]) => `\n      ${count} × ${what}`)
  const detail = `${grouped(tally.foretold)} answers, values and effects compared, ${grouped(times)} different${some.join('')}`
  return proof('every answer is the one the policy promises', times === 0, detail)
}

async function stopCleanly(tour: Tour): Promise<void> {
  const code = await tour.server.stop()
  prove(tour, [proof('the server stops cleanly', code === 0, `exit code ${code ?? 'none'}`)])
}

function prove({ proofs }: Tour, made: readonly Proof[]): void {
  for (const one of made) {
    proofs.push(one)
    say(proofLine(one))
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** A fault of the tour or the server. Messages of both name fields, codes and places. */
function faultOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const places = (error.stack ?? '').split('\n').filter((line) => line.includes('/e2e/'))
  return [error.message, ...places.slice(0, 3).map((line) => line.trim().replace(/\(?file:.*\/e2e\//, '('))].join(' ')
}

let options: TourOptions
try {
  options = tourOptions(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`tour: ${(error as Error).message}\n`)
  process.exit(2)
}
const started = performance.now()
const held = await main(options)
say(
  `\n${held ? 'all of it holds' : 'NOT all of it holds'}; ${((performance.now() - started) / 1000).toFixed(0)} s in all`,
)
process.exit(held ? 0 : 1)

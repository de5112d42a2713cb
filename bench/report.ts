import { cpus, totalmem } from 'node:os'
import type { LoadResult } from './load.ts'

export interface Round {
  readonly hello: LoadResult
  readonly bare: LoadResult
  readonly doverie: LoadResult
}

/** Ratios are taken within a round and then the median over rounds: what slows the machine slows all three alike. */
export function report(
  rounds: readonly Round[],
  cold: LoadResult,
  shape: { readonly people: number; readonly connections: number },
): { readonly table: string; readonly json: object; readonly sound: boolean } {
  const ratio = (of: (round: Round) => number): number => median(rounds.map(of))
  const toBare = ratio(({ doverie, bare }) => doverie.perSecond / bare.perSecond)
  const toHello = ratio(({ doverie, hello }) => doverie.perSecond / hello.perSecond)
  const p99 = ratio(({ doverie, bare }) => doverie.p99 / bare.p99)
  const wrong = rounds.reduce(
    (sum, round) => sum + round.hello.wrong + round.bare.wrong + round.doverie.wrong,
    cold.wrong,
  )
  const line = (name: keyof Round): string => {
    const of = (pick: (result: LoadResult) => number): number => median(rounds.map((round) => pick(round[name])))
    const [perSecond, p50, slow] = [of((one) => one.perSecond), of((one) => one.p50), of((one) => one.p99)]
    return `${name.padEnd(8)} ${perSecond.toFixed(0).padStart(8)}/s   p50 ${p50.toFixed(1).padStart(6)} ms   p99 ${slow.toFixed(1).padStart(6)} ms\n`
  }
  const goal = (value: number, met: boolean): string => `${value.toFixed(2).padStart(6)} ×  ${met ? 'met' : 'not met'}`
  const table =
    `${shape.people} people, ${shape.connections} connections, medians of ${rounds.length} alternating rounds, ${cpus().length} cores\n\n` +
    line('hello') +
    line('bare') +
    line('doverie') +
    `\ndoverie / bare       ${goal(toBare, toBare >= 1)} (goal ≥ 1.0)\n` +
    `doverie / hello      ${goal(toHello, toHello >= 0.5)} (goal ≥ 0.5)\n` +
    `p99 doverie / bare   ${goal(p99, p99 <= 2)} (goal ≤ 2)\n` +
    `first reads, nothing cached: ${cold.perSecond.toFixed(0)}/s, p99 ${cold.p99.toFixed(1)} ms\n` +
    `answers that were not what was collected: ${wrong}\n`
  const machine = { cores: cpus().length, model: cpus()[0]?.model, memory: totalmem(), node: process.version }
  return { table, json: { shape, machine, ratios: { toBare, toHello, p99 }, wrong, cold, rounds }, sound: wrong === 0 }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  const [low = NaN, high = NaN] = [sorted[middle - 1], sorted[middle]]
  return sorted.length % 2 === 1 ? high : (low + high) / 2
}

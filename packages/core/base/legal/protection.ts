import type { Localised } from '../localised.ts'
import table from './protection.json' with { type: 'json' }

/** Types of threats that the operator has found relevant (decree 1119, item 6). */
export const THREAT_TYPES = [1, 2, 3] as const
export type ThreatType = (typeof THREAT_TYPES)[number]

/** Which data it is about: the most sensitive held decides. */
export type DataKind = 'special' | 'biometric' | 'other' | 'public'

/** The level of protection (УЗ) that the law asks for, 1 the highest. */
export interface ProtectionLevel {
  readonly level: 1 | 2 | 3 | 4
  /** What it becomes at the threshold; the same where the number of people does not matter. */
  readonly levelBeyond: 1 | 2 | 3 | 4
  readonly people: number
  readonly threshold: number
  readonly threat: ThreatType
  readonly data: DataKind
  /** True where the threshold is near and would change the level. */
  readonly warning: boolean
  readonly article: Localised
  /** False where a lawyer must still confirm the table. */
  readonly verified: boolean
}

/**
 * The level of protection of a system with data of so many people who are not the operator's employees (decree 1119 of 01.11.2012,
 * items 9 to 12). Exactly at the threshold, of which the text says nothing, counts as beyond it.
 */
export function protectionLevel(people: number, data: DataKind, threat: ThreatType): ProtectionLevel {
  const { threshold, warnAt, article, verified, levels } = table
  const [below = 1, beyond = 1] = levels[data][`${threat}`]
  return {
    level: levelOf(people >= threshold ? beyond : below),
    levelBeyond: levelOf(beyond),
    people,
    threshold,
    threat,
    data,
    warning: below !== beyond && people >= warnAt && people < threshold,
    article,
    verified,
  }
}

function levelOf(number: number): ProtectionLevel['level'] {
  // The file's own numbers, which its test compares with the decree.
  return number as ProtectionLevel['level']
}

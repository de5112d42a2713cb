import type { PersonEvent } from '@doverie/core/consent'

type Given = Extract<PersonEvent, { kind: 'consent-given' }>
type Withdrawn = Extract<PersonEvent, { kind: 'consent-withdrawn' }>
/** A consent given or withdrawn, at the time at which the person did it. */
export type ConsentAct = Given | Withdrawn

/**
 * What of somebody's acts is still to be done to a person who turns out to be the same one, in order of time. Of each purpose
 * and entity the latest act wins, whichever of the two did it, and a withdrawal wins a tie: what was withdrawn later than it was
 * given is never on again. A consent that loses is given and withdrawn, so that the end of the last one is remembered with the
 * evidence that is kept from it.
 */
export function inheritedConsents(own: readonly ConsentAct[], others: readonly ConsentAct[]): readonly ConsentAct[] {
  const inherited: ConsentAct[] = []
  for (const { purpose, entity } of pairsOf([...own, ...others])) {
    const given = (acts: readonly ConsentAct[]): Given | null =>
      latest(acts.filter((act): act is Given => act.kind === 'consent-given' && isAbout(act, purpose, entity)))
    const withdrawn = (acts: readonly ConsentAct[]): Withdrawn | null =>
      latest(acts.filter((act): act is Withdrawn => act.kind === 'consent-withdrawn' && isAbout(act, purpose, entity)))
    const [mine, theirs] = [given(own), given(others)]
    if (theirs === null && withdrawn(others) === null) continue
    const on = Math.max(timeOf(mine), timeOf(theirs))
    const off = timeOf(latest([withdrawn(own), withdrawn(others)].filter((act) => act !== null)))
    if (on > off) {
      if (theirs !== null && timeOf(theirs) > timeOf(mine)) inherited.push(theirs)
      continue
    }
    if (theirs !== null) inherited.push(theirs)
    if (theirs !== null || timeOf(mine) > timeOf(withdrawn(own))) {
      inherited.push({ kind: 'consent-withdrawn', purpose, entity, at: off })
    }
  }
  return inherited.sort((a, b) => a.at - b.at || rank(a) - rank(b))
}

function isAbout(act: ConsentAct, purpose: string, entity: string): boolean {
  return act.purpose === purpose && (act.entity === null || act.entity === entity)
}

/** Every purpose and entity that a consent was given for, once. */
function pairsOf(acts: readonly ConsentAct[]): readonly Pick<Given, 'purpose' | 'entity'>[] {
  const pairs = new Map<string, Pick<Given, 'purpose' | 'entity'>>()
  for (const act of acts) if (act.kind === 'consent-given') pairs.set(`${act.purpose} ${act.entity}`, act)
  return [...pairs.values()]
}

function latest<T extends ConsentAct>(acts: readonly T[]): T | null {
  return acts.reduce<T | null>((last, act) => (last === null || act.at >= last.at ? act : last), null)
}

function timeOf(act: ConsentAct | null): number {
  return act?.at ?? Number.NEGATIVE_INFINITY
}

function rank(act: ConsentAct): number {
  return act.kind === 'consent-given' ? 0 : 1
}

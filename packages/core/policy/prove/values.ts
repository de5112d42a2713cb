import type { Axis } from './conditions.ts'
import { AXES, axesOf, holds, isKept } from './conditions.ts'
import type { Retention } from '../model.ts'
import { contractValues } from './contract-values.ts'
import * as of from './fact-values.ts'
import type { Making, Value } from './value.ts'
import { blank, type Frame } from './witness.ts'

/** The values of every axis. That there is an entry for each is checked by the compiler. */
const MAKERS: Readonly<Record<Axis, (frame: Frame) => readonly Making[]>> = {
  force: of.force,
  ticket: of.ticket,
  recipient: of.recipients,
  confirmation: of.confirmation,
  block: of.block,
  consents: of.consents,
  contracts: contractValues,
  closed: of.closed,
  proved: of.proved,
  standing: of.standing,
  hold: of.hold,
}

/** The kind of retention grounds that hang on an axis. */
const RETENTION: Readonly<Partial<Record<Axis, Retention['kind']>>> = {
  contracts: 'contract',
  consents: 'consent',
  hold: 'hold',
}

/**
 * The values of an axis that the frame's predicates tell apart, the lightest of each kind. The first is blank.
 * Sound because `decide` learns of an axis nothing but the answers of these predicates; for `not-retained`, on which
 * several axes work together, whether a ground of the axis's own kind keeps the datum.
 */
export function valuesOf(frame: Frame, axis: Axis): readonly Value[] {
  const kindOf = kindsOn(frame, axis)
  const kinds = new Map<string, Value>()
  for (const value of allValuesOf(frame, axis)) {
    const kind = kindOf(value)
    const known = kinds.get(kind)
    if (known === undefined || known.weight > value.weight) kinds.set(kind, value)
  }
  return [...kinds.values()]
}

/** What the frame's predicates make of the values of an axis: those of one kind they do not tell apart. */
export function kindsOn(frame: Frame, axis: Axis): (value: Value) => string {
  const asked = frame.asks.filter((predicate) => axesOf(predicate).includes(axis))
  const retention = asked.some(({ is }) => is === 'not-retained') ? RETENTION[axis] : undefined
  const plain = asked.filter(({ is }) => is !== 'not-retained')
  return (value) => {
    const draft = blank(frame.policy)
    value.set(draft)
    const answers = plain.map((predicate) => (holds(frame, predicate, draft) ? '1' : '0'))
    return answers.join('') + (retention !== undefined && isKept(frame, draft, retention) ? ' kept' : '')
  }
}

/** Every value of an axis that there is a witness for. */
export function allValuesOf(frame: Frame, axis: Axis): readonly Value[] {
  return MAKERS[axis](frame).map((making) => ({ axis, ...making }))
}

/** All axes on which some of the frame's predicates depend, in their order. */
export function axesAsked(asks: Frame['asks']): readonly Axis[] {
  const asked = new Set(asks.flatMap(axesOf))
  return AXES.filter((axis) => asked.has(axis))
}

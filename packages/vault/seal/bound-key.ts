import { hash, type KeyObject } from 'node:crypto'
import { DoverieError, type Uuid } from '@doverie/core/base'
import { unwrapKey, wrapKey } from './wrap.ts'

/**
 * A wrapped key that knows its place, version 2:
 *
 *     02 | AES-KWP of: key (32) | place
 *
 * Key wrap with padding takes no associated data, but all it wraps hangs together: no byte of the place changes without the
 * whole failing. So a key row put in another's stead opens and is told by its place. Version 1 is the bare wrapping of the
 * key, 40 bytes without a place; it is read, and gone from a cell when that cell is next re-wrapped.
 */
const FORMAT = 2
const KEY = 32
const BARE = 40
/** Before bytes that did not verify when their cell was re-wrapped: they open nothing, as before, and are not taken for a loss. */
const BROKEN = 0xff

/** Wraps a 32-byte key for one place, bytes of any length that say where it belongs. */
export function wrapBound(wrapping: KeyObject, key: Uint8Array, place: Uint8Array): Buffer {
  return Buffer.concat([Buffer.of(FORMAT), wrapKey(wrapping, Buffer.concat([key, place]))])
}

/**
 * The key inside. Throws `sealed-value-damaged`, naming in `what` what does not fit: `truncated`, `format`, `wrapping` (a
 * changed bit, or another wrapping key), or what `differs` calls the place it was wrapped for.
 */
export function unwrapBound(
  wrapping: KeyObject,
  wrapped: Uint8Array,
  place: Uint8Array,
  differs: (found: Buffer) => string = () => 'place',
): Buffer {
  if (wrapped.length === BARE) return bare(wrapping, wrapped)
  if (wrapped.length < BARE) throw damagedKey('truncated')
  if (wrapped[0] !== FORMAT) throw damagedKey(wrapped[0] === BROKEN ? 'wrapping' : 'format')
  const inside = opened(wrapping, wrapped.subarray(1))
  const found = inside.subarray(KEY)
  if (!found.equals(place)) throw damagedKey(differs(found))
  return inside.subarray(0, KEY)
}

function bare(wrapping: KeyObject, wrapped: Uint8Array): Buffer {
  const key = opened(wrapping, wrapped)
  if (key.length !== KEY) throw damagedKey('truncated')
  return key
}

function opened(wrapping: KeyObject, wrapped: Uint8Array): Buffer {
  try {
    return unwrapKey(wrapping, wrapped)
  } catch {
    throw damagedKey('wrapping')
  }
}

export function damagedKey(what: string): DoverieError {
  return new DoverieError('sealed-value-damaged', `A wrapped key does not verify (${what}).`, { what })
}

/** Whose key it is: what a person's wrapped key is bound to. The cell it is bound to by that cell's own key. */
export interface KeyPlace {
  readonly subject: Uuid
  readonly compartment: string
  readonly generation: number
}

const SUBJECT = 16
const GENERATION = 4
const NAME = 12

/** 32 bytes: the person's id, the generation, and the first 12 bytes of the compartment's SHA-256. */
function keyPlace({ subject, compartment, generation }: KeyPlace): Buffer {
  const place = Buffer.alloc(SUBJECT + GENERATION + NAME)
  place.write(subject.replaceAll('-', ''), 0, 'hex')
  place.writeUInt32BE(generation, SUBJECT)
  place.write(hash('sha256', compartment, 'hex').slice(0, 2 * NAME), SUBJECT + GENERATION, 'hex')
  return place
}

/** Wraps a person's key under its cell's. */
export function wrapPersonKey(cell: KeyObject, key: Uint8Array, place: KeyPlace): Buffer {
  return wrapBound(cell, key, keyPlace(place))
}

/** A person's key. Throws `sealed-value-damaged` as `unwrapBound` does; a misplaced one is named `person`, `generation` or `compartment`. */
export function unwrapPersonKey(cell: KeyObject, wrapped: Uint8Array, place: KeyPlace): Buffer {
  const own = keyPlace(place)
  return unwrapBound(cell, wrapped, own, (found) => {
    if (!found.subarray(0, SUBJECT).equals(own.subarray(0, SUBJECT))) return 'person'
    const end = SUBJECT + GENERATION
    return found.subarray(SUBJECT, end).equals(own.subarray(SUBJECT, end)) ? 'compartment' : 'generation'
  })
}

/**
 * A person's wrapped key under another cell key. What was misplaced stays misplaced, so that it may still be put right; what does
 * not verify is kept as it is, marked.
 */
export function rewrapPersonKey(from: KeyObject, to: KeyObject, wrapped: Buffer, place: KeyPlace): Buffer {
  if (wrapped[0] === BROKEN) return wrapped
  try {
    if (wrapped.length === BARE) return wrapPersonKey(to, bare(from, wrapped), place)
    if (wrapped[0] !== FORMAT) throw damagedKey('format')
    return Buffer.concat([Buffer.of(FORMAT), wrapKey(to, opened(from, wrapped.subarray(1)))])
  } catch {
    return Buffer.concat([Buffer.of(BROKEN), wrapped])
  }
}

/** True where a wrapped key verifies under a cell's key, wherever it belongs, or was marked as broken before. */
export function isSound(cell: KeyObject, wrapped: Buffer): boolean {
  if (wrapped[0] === BROKEN) return true
  try {
    opened(cell, wrapped.length === BARE ? wrapped : wrapped.subarray(1))
    return true
  } catch {
    return false
  }
}

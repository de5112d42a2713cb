import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DoverieError } from '@doverie/core/base'
import { isKeyName, KEY_TYPES } from '@doverie/core/log'
import { type NoteSigner, noteSigner, siblingSeed } from '@doverie/vault'
import { createFile, makeFolder } from '../durable-file.ts'

/** The keys of a witness: one for cosignatures with Ed25519, one with ML-DSA-44, under one name. */
export type WitnessKeys = readonly [ed25519: NoteSigner, mlDsa44: NoteSigner]

/**
 * The keys in a witness's folder, made on the first start under `name`. A witness never changes its name: throws
 * `invalid-request` where the folder's is another or the name can be none, `data-unwritable` where its file is none of ours.
 */
export async function openWitnessKeys(dir: string, name: string): Promise<WitnessKeys> {
  if (!isKeyName(name))
    throw new DoverieError('invalid-request', 'The name of a witness has no spaces and no plus sign')
  const path = join(dir, 'key.json')
  await makeFolder(dir, 0o700)
  const made = JSON.stringify({ name, seed: randomBytes(32).toString('base64') })
  const text = (await readText(path)) ?? ((await createFile(path, `${made}\n`)) ? made : await readText(path))
  const { name: held, seed } = parsed(text ?? '')
  if (held !== name) throw new DoverieError('invalid-request', `This folder is that of the witness ${held}`)
  return [
    noteSigner(name, seed, KEY_TYPES.cosignature),
    noteSigner(name, siblingSeed(seed, 'doverie/witness/ml-dsa-44/v1'), KEY_TYPES.mlDsa44),
  ]
}

async function readText(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: unknown) => {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return null
    throw new DoverieError('data-unwritable', `${path}: ${code}`)
  })
}

function parsed(text: string): { readonly name: string; readonly seed: Buffer } {
  try {
    const { name, seed } = JSON.parse(text) as { readonly name?: unknown; readonly seed?: unknown }
    const bytes = Buffer.from(typeof seed === 'string' ? seed : '', 'base64')
    if (typeof name === 'string' && bytes.length === 32) return { name, seed: bytes }
  } catch {
    // Told below, without a word of the file.
  }
  throw new DoverieError('data-unwritable', 'The key file of this witness is damaged')
}

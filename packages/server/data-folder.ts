import { constants } from 'node:fs'
import { access, readdir, readFile, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import { createFile, dataFolderMode, makeFolder, ownerOfFolder } from './durable-file.ts'

/** The layout of the data folder that this version writes. Raise it when an older version must not touch the folder. */
const DATA_FORMAT = 1

const FORMAT_FILE = 'format.json'
/** Names that may lie in a folder that is still new: those of the file system, of git, and our own drafts. */
const HARMLESS = /^(lost\+found|\.gitkeep|\.gitignore|\.DS_Store|\.draft-.*)$/

/**
 * What a data folder is, without changing anything: `new` (missing or empty) or `current`. Faults: `data-newer`;
 * `data-unwritable` for a folder that cannot be written, a file in its place, or a folder of something else.
 */
export async function inspectDataFolder(dir: string): Promise<'new' | 'current'> {
  await assertWritable(dir)
  const names = await readdir(dir).catch((error: unknown): string[] => {
    if (codeOf(error) === 'ENOENT') return []
    throw unwritable(dir, error)
  })
  if (names.includes(FORMAT_FILE)) {
    assertFormat(
      dir,
      await readFile(join(dir, FORMAT_FILE), 'utf8').catch((error: unknown) => {
        throw unwritable(dir, error)
      }),
    )
    return 'current'
  }
  if (names.some((name) => !HARMLESS.test(name))) {
    throw new DoverieError('data-unwritable', `${dir} holds other files and no ${FORMAT_FILE}: it is not a data folder`)
  }
  return 'new'
}

/** Marks the folder as ours and of this version's format; durable when it resolves. */
export async function claimDataFolder(dir: string): Promise<void> {
  try {
    await makeFolder(dir, dataFolderMode())
    await createFile(join(dir, FORMAT_FILE), `${JSON.stringify({ format: DATA_FORMAT })}\n`, await ownerOfFolder(dir))
  } catch (error) {
    throw isDoverieError(error) ? error : unwritable(dir, error)
  }
}

/**
 * Faults with `data-unwritable` unless the folder, or the nearest folder above where it will be made, can be written.
 * Changes nothing.
 */
export async function assertWritable(dir: string): Promise<void> {
  for (let at = resolve(dir); ; at = dirname(at)) {
    const found = await stat(at).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined
      throw unwritable(dir, error)
    })
    if (!found) continue
    if (!found.isDirectory()) throw new DoverieError('data-unwritable', `${at} is not a folder`)
    await access(at, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
      throw unwritable(dir, error)
    })
    return
  }
}

function assertFormat(dir: string, content: string): void {
  let format: unknown
  try {
    format = (JSON.parse(content) as { readonly format?: unknown } | null)?.format
  } catch {
    format = undefined
  }
  if (typeof format !== 'number' || !Number.isInteger(format) || format < 1) {
    throw new DoverieError(
      'data-unwritable',
      `${join(dir, FORMAT_FILE)} is damaged; it should say {"format":${DATA_FORMAT}}`,
    )
  }
  if (format > DATA_FORMAT) {
    throw new DoverieError(
      'data-newer',
      `${dir} was written by a newer version (format ${format}, this one knows ${DATA_FORMAT})`,
      { format },
    )
  }
}

function unwritable(dir: string, cause: unknown): DoverieError {
  return new DoverieError(
    'data-unwritable',
    `${dir} cannot be written (${codeOf(cause) ?? 'unknown reason'})`,
    {},
    cause,
  )
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code
}

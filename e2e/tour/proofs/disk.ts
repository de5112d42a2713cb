import { appendFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { encodingsOf } from '../disk/encodings.ts'
import { NeedleIndex } from '../disk/needle-index.ts'
import { type Finding, scanFiles } from '../disk/scan.ts'
import type { Folders } from '../installation/server-process.ts'
import type { Canary, CanaryMint } from '../people/canaries.ts'
import { grouped, type Proof, proof } from './proof.ts'

/** Canaries that are nobody's, to be planted where they must be found. */
export function makePlants(mint: CanaryMint): readonly Canary[] {
  const before = mint.canaries.length
  mint.word('cyrillic', 'planted', -1)
  mint.word('latin', 'planted', -1)
  mint.digits(10, 'planted', -1)
  return mint.canaries.slice(before)
}

/**
 * Looks through every file under the data and keys folders and all that the servers wrote, while nothing runs. Before that,
 * plants are put there in every encoding: into a file of the data folder, PostgreSQL's log and the servers' output. What
 * was not planted must not be found; what was planted must be, all of it.
 */
export async function proveDisk(
  folders: Folders,
  mint: CanaryMint,
  plants: readonly Canary[],
): Promise<readonly Proof[]> {
  const index = new NeedleIndex(mint.canaries)
  const forms = plants.flatMap(({ text }) => encodingsOf(text))
  const planted = await plant(
    folders,
    forms.map(({ bytes }) => bytes),
  )
  try {
    const started = performance.now()
    const files = [...(await filesUnder(folders.data)), ...(await filesUnder(folders.keys)), folders.output]
    const { findings, bytes } = await scanFiles(index, files)
    const seconds = ((performance.now() - started) / 1000).toFixed(1)
    const own = new Set(plants.map(({ text }) => text))
    const leaks = findings.filter(({ canary }) => !own.has(canary.text))
    const found = planted.files.map((file) => countForms(findings, file, own))
    const missed = found.reduce((sum, count) => sum + forms.length - count, 0)
    return [
      proof(
        'no canary in any file',
        leaks.length === 0 && bytes > 0,
        `${grouped(mint.canaries.length)} canaries in every encoding, ${grouped(files.length)} files, ${grouped(bytes / 1e6)} MB in ${seconds} s${told(leaks, folders)}`,
      ),
      proof(
        'planted ones are found',
        missed === 0,
        `${forms.length} forms (${new Set(forms.map(({ encoding }) => encoding)).size} encodings) in ${planted.files.length} files, ${missed} missed; removed again`,
      ),
    ]
  } finally {
    await planted.remove()
  }
}

interface Planted {
  readonly files: readonly string[]
  readonly remove: () => Promise<void>
}

async function plant({ data, output }: Folders, forms: readonly Buffer[]): Promise<Planted> {
  const content = Buffer.concat(forms.flatMap((bytes) => [Buffer.from('\n<'), bytes, Buffer.from('>')]))
  const logs = [join(data, 'postgres.log'), output]
  const sizes = await Promise.all(logs.map(async (log) => (await stat(log)).size))
  const file = join(data, 'postgres', 'base', 'planted')
  await writeFile(file, content)
  for (const log of logs) await appendFile(log, content)
  return {
    files: [file, ...logs],
    remove: async () => {
      await rm(file)
      for (const [i, log] of logs.entries()) await truncate(log, sizes[i])
    },
  }
}

/** How many different forms of plants were found in a file. */
function countForms(findings: readonly Finding[], file: string, plants: ReadonlySet<string>): number {
  const here = findings.filter((finding) => finding.file === file && plants.has(finding.canary.text))
  return new Set(here.map(({ offset }) => offset)).size
}

/** Where leaks lie, by field and file, never by value. */
function told(leaks: readonly Finding[], folders: Folders): string {
  if (leaks.length === 0) return ''
  const places = new Map<string, number>()
  for (const { canary, encoding, file } of leaks) {
    const place = `${canary.field} as ${encoding} in ${relative(folders.root, file)}`
    places.set(place, (places.get(place) ?? 0) + 1)
  }
  const most = [...places].sort((a, b) => b[1] - a[1]).slice(0, 8)
  return `; FOUND ${grouped(leaks.length)}: ${most.map(([place, times]) => `${times} × ${place}`).join(', ')}`
}

async function filesUnder(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
}

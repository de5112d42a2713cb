import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { DoverieError, isDoverieError } from '@doverie/core/base'
import { type ImportedPolicy, importPolicy, parseBundle, unboundClauses } from '@doverie/core/policy'
import { readBundle } from '@doverie/server/bundle-files'
import { Command, Option } from 'commander'
import { failWith } from './bundle-folder.ts'

interface Options {
  readonly out: string
  readonly lang?: string
  readonly rules?: string
  readonly replace?: boolean
}

/** Longest original read, in bytes. What is longer than the reader takes, it refuses itself. */
const LONGEST = 50_000_000

/** `doverie policy import`: an operator's own text into a bundle, the original byte for byte beside it. */
export function importCommand(): Command {
  return new Command('import')
    .description(
      'turn a policy (plain text, .docx, or a web page saved by Word) into the text of a bundle, number by number',
    )
    .argument('<file>', 'the policy as published')
    .requiredOption('--out <folder>', 'the bundle')
    .addOption(new Option('--lang <tag>', 'its language (ru, en); told from its letters unless given'))
    .addOption(
      new Option('--rules <folder>', 'the bundle whose rules are asked what they bind; that of --out unless given'),
    )
    .option('--replace', 'take the place of a text that is there already')
    .action(importAction)
}

async function importAction(file: string, options: Options): Promise<void> {
  const { lang = null, replace = false } = options
  if (lang !== null && !/^[a-z]{2,3}$/.test(lang))
    throw new DoverieError('invalid-request', '--lang is a tag such as ru')
  const bytes = await original(file)
  const imported = importPolicy(basename(file), bytes, lang)
  if (!imported.ok) return failWith(file, imported.error)
  const out = resolve(options.out)
  const { language, markdown } = imported.value
  const name = `policy.${language}${extname(file).toLowerCase() || '.txt'}`
  const files: readonly (readonly [string, Uint8Array])[] = [
    [join('official', name), bytes],
    [`policy.${language}.md`, Buffer.from(markdown, 'utf8')],
  ]
  // Both are looked at before either is written: a refusal changes nothing.
  for (const [path, content] of files) {
    const there = await readFile(join(out, path)).catch(() => null)
    if (there === null || there.equals(content) || replace) continue
    throw new DoverieError('conflict', `${path} is there already and differs; --replace takes its place`)
  }
  for (const [path, content] of files) await put(join(out, path), content)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  await put(join(out, 'official', `${name}.sha256`), Buffer.from(`${sha256}  ${name}\n`))
  tell(imported.value, name, sha256)
  await tellBound(resolve(options.rules ?? options.out), imported.value, sha256)
}

async function original(file: string): Promise<Buffer> {
  const size = await stat(file).then(
    (found) => (found.isFile() ? found.size : -1),
    () => -1,
  )
  if (size < 0) throw new DoverieError('not-found', `${file} cannot be read`)
  if (size > LONGEST) throw new DoverieError('body-too-large', `${file} is longer than ${LONGEST} bytes`)
  return readFile(file)
}

/** Written beside its place and moved there, so that a crash leaves the old file or the new one. */
async function put(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const beside = join(dirname(path), `.${basename(path)}.new`)
  await writeFile(beside, content)
  await rename(beside, path)
}

function tell({ text, language, encoding, format }: ImportedPolicy, name: string, sha256: string): void {
  const numbers = [...text.clauses.keys()]
  const preamble = numbers.filter((number) => number.startsWith('0.')).length
  const notes = numbers.filter((number) => number.startsWith('note.')).length
  process.stdout.write(
    `policy.${language}.md: ${numbers.length} clauses (preamble ${preamble}, footnotes ${notes}), from ${format} in ${encoding}\n` +
      `official/${name}: sha256 ${sha256}\n`,
  )
}

/** Which clauses the rules do not bind yet, and whether they pin this text. */
async function tellBound(folder: string, imported: ImportedPolicy, sha256: string): Promise<void> {
  const there = await readBundle(folder).catch((error: unknown) => {
    if (isDoverieError(error, 'policy-invalid')) throw error
    return new Map<string, string>()
  })
  if (!there.has('rules.yaml')) {
    process.stdout.write(`not bound yet: ${[...imported.text.clauses.keys()].join(', ')}\n`)
    return
  }
  const parsed = parseBundle(new Map([...there, [`policy.${imported.language}.md`, imported.markdown]]))
  if (!parsed.ok) return failWith(`${folder} with this text`, parsed.error)
  if (parsed.value.languages[0] === imported.language && parsed.value.official.sha256 !== sha256)
    process.stdout.write('rules.yaml: official.sha256 pins another text than this one\n')
  const unbound = unboundClauses(parsed.value)
  process.stdout.write(unbound.length === 0 ? 'every clause is bound\n' : `not bound yet: ${unbound.join(', ')}\n`)
}

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { DoverieError } from '@doverie/core/base'
import { Command, InvalidArgumentError } from 'commander'
import { type DestructionProof, proveDestruction } from './prove-destruction.ts'

const NETRACK = fileURLToPath(new URL('../../policies/netrack', import.meta.url))

interface DestroyOptions {
  readonly prove?: boolean
  readonly policy: string
  readonly people: number
  readonly folder?: string
}

/** `doverie destroy --prove`: shows on invented people that what is destroyed stays destroyed, in old copies too. */
export function destroyCommand(): Command {
  return new Command('destroy')
    .description('prove, on an installation of invented people, that what is destroyed stays destroyed in old copies')
    .requiredOption('--prove', 'destroys nothing of yours: a real person is destroyed through the server')
    .option('--policy <folder>', 'the policy bundle', NETRACK)
    .option('--people <number>', 'how many people to invent', parsePeople, 40)
    .option('--folder <folder>', 'an empty folder to work in, and to leave everything in for a look')
    .action(run)
}

const WORDS: Readonly<Record<DestructionProof['attacks'][number]['name'], string>> = {
  root: 'old cell keys, under every root version',
  secrets: 'old secrets, under every root version',
  keys: 'their old wrapped keys, under every key of today',
  values: 'their old sealed values, under every key of today',
  letters: 'letters that waited, under every key of today',
  tags: 'search tags, their identifiers guessed right',
  codes: 'codes under way, their address guessed right',
  history: 'buckets of their history, under every secret of today',
  answers: 'answers with their data in them, under every key of today',
  written: 'what they wrote, once its term is over',
}

async function run({ policy, people, folder }: DestroyOptions): Promise<void> {
  const place = folder === undefined ? await mkdtemp(join(tmpdir(), 'doverie-proof-')) : await emptyFolder(folder)
  try {
    const onStep = (step: string): void => void process.stderr.write(`… ${step}\n`)
    const proof = await proveDestruction({ folder: place, policyDir: resolve(policy), people, onStep })
    process.stdout.write(shown(proof))
    if (!proof.holds) throw new DoverieError('internal', 'the proof does not hold')
  } finally {
    if (folder === undefined) await rm(place, { recursive: true, force: true })
  }
}

function shown({ people, attacks, kept, letters, scanned, holds }: DestructionProof): string {
  const lines = attacks.map(({ copy, of, name, tried, before, after }) =>
    [
      copy.padEnd(6),
      of.padEnd(11),
      WORDS[name].padEnd(54),
      String(tried).padStart(8),
      String(before).padStart(8),
      String(after).padStart(8),
    ].join(' '),
  )
  const head = ['copy'.padEnd(6), 'destroyed'.padEnd(11), 'attack on it'.padEnd(54)]
  return [
    `${people} invented people; three copies from before: a base backup with its write-ahead log, the backups of both databases, the whole folder.`,
    'Attacked with every key of today. "before": opened while the old root version lived; "after": once the epoch had ended.',
    '',
    [...head, ...['tries', 'before', 'after'].map((word) => word.padStart(8))].join(' '),
    ...lines,
    '',
    ...kept.map(
      ({ copy, tried, opened }) =>
        `kept: ${opened} of ${tried} records of everybody else, and what was kept of the second, open from the copy '${copy}'`,
    ),
    ...letters.map(
      ({ copy, kept: pieces }) =>
        `letters: ${pieces} pieces of what the destroyed person wrote are in the copy '${copy}', kept sealed on purpose for the term of limitation`,
    ),
    `plain text: ${scanned.found} found in ${scanned.files} files, ${Math.round(scanned.bytes / 1_048_576)} MB (as it is, UTF-16, hexadecimal, Base64)`,
    holds ? 'holds' : 'DOES NOT HOLD',
    '',
  ].join('\n')
}

async function emptyFolder(folder: string): Promise<string> {
  const place = resolve(folder)
  await mkdir(place, { recursive: true })
  if ((await readdir(place)).length > 0) throw new DoverieError('invalid-request', `${folder} is not empty`)
  return place
}

function parsePeople(text: string): number {
  const number = Number(text)
  if (/^\d{1,6}$/.test(text) && number >= 3) return number
  throw new InvalidArgumentError('At least three people are needed.')
}

import { readFile } from 'node:fs/promises'
import { DoverieError } from '@doverie/core/base'
import { runProofCase } from '@doverie/core/log'
import { Command } from 'commander'

/** `doverie ledger check-vectors`: the verifiers of proofs against test cases that nobody here wrote. */
export function checkVectorsCommand(): Command {
  return new Command('check-vectors')
    .description('run every case of a file of proofs, and count those that pass')
    .argument('<file>', "a JSON array of cases as transparency-dev/merkle's test data has them")
    .action(checkVectorsAction)
}

async function checkVectorsAction(file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new DoverieError('not-found', `${file} cannot be read`)
  })
  const results = casesIn(text, file).map((value, i) => {
    const { name, passed } = runProofCase(value)
    return { name: name === '' ? `case ${i}` : name, passed }
  })
  const failed = results.filter(({ passed }) => !passed)
  for (const { name } of failed) process.stdout.write(`failed: ${name}\n`)
  process.stdout.write(`${results.length - failed.length} passed, ${failed.length} failed\n`)
  // A file without a case shows nothing.
  if (failed.length > 0 || results.length === 0) process.exitCode = 1
}

function casesIn(text: string, file: string): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new DoverieError('malformed-json', `${file} is not JSON`)
  }
  if (!Array.isArray(value)) throw new DoverieError('invalid-value', `${file} holds no array of cases`)
  return value
}

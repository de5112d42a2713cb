import { DoverieError } from '@doverie/core/base'
import {
  describeEpochs,
  endEpoch,
  type EpochStep,
  GENTLY,
  type Pace,
  resting,
  rotateCells,
  rotatePeople,
} from '@doverie/vault'
import { Argument, Command } from 'commander'
import { type Folders, withFolders, withJoinedVault } from './offline-vault.ts'

/** `doverie keys`: the epochs of the root key. Works beside a running server, and without one. */
export function keysCommand(): Command {
  return new Command('keys')
    .description('the key hierarchy: epochs of the root key')
    .addCommand(
      withFolders(new Command('status').description('epochs, cells, what old copies still open')).action(status),
    )
    .addCommand(
      paced(
        new Command('end-epoch').description(
          'put all that lives under new keys, then destroy the old root version: no old copy opens what was destroyed',
        ),
      ).action(end),
    )
    .addCommand(
      paced(
        new Command('rotate')
          .description('give cells another key, put people’s data under fresh keys, or end the epoch (root and index)')
          .addArgument(new Argument('<what>', 'what to rotate').choices(['cells', 'people', 'index', 'root']))
          .option(
            '--before <time>',
            'only keys made before this moment (now): an interrupted rotation goes on with the same',
          ),
      ).action(rotate),
    )
}

function paced(command: Command): Command {
  return withFolders(command).option(
    '--rest <times>',
    'rests so many times as long as each step took, so that readers hardly feel it; 0: as fast as can be',
    String(GENTLY),
  )
}

async function status(options: Folders): Promise<void> {
  await withJoinedVault(options, async (vault) => {
    const { epochs, cells, people } = await describeEpochs(vault)
    process.stdout.write(`${people} people in ${cells} cells\n`)
    for (const { epoch, kms, state, destroyed, destroyedAt, irrecoverableFrom } of epochs) {
      const end = destroyedAt === null ? '' : `, root version destroyed ${iso(destroyedAt)}`
      const horizon = irrecoverableFrom === null ? '' : `, beyond recovery from ${iso(irrecoverableFrom)}`
      process.stdout.write(`epoch ${epoch} (${kms}): ${state}, ${destroyed} destructions${end}${horizon}\n`)
    }
  })
}

async function end(options: PacedOptions): Promise<void> {
  await withJoinedVault(options, async (vault) => {
    const ended = await endEpoch(vault, { onProgress: progress, pace: paceOf(options) })
    if (ended === null) throw new DoverieError('conflict', 'another process is ending the epoch at this moment')
    for (const { epoch, irrecoverableFrom } of ended) {
      process.stdout.write(
        `epoch ${epoch} has ended: what was destroyed in it is beyond recovery from ${iso(irrecoverableFrom)}\n`,
      )
    }
    process.stdout.write('Copies of the key store made before this open nothing any more: make a new one now.\n')
  })
}

interface PacedOptions extends Folders {
  readonly rest: string
}

interface RotateOptions extends PacedOptions {
  readonly before?: string
}

/** Index keys and the root version are an epoch's: they are rotated by its end. */
async function rotate(what: 'cells' | 'people' | 'index' | 'root', options: RotateOptions): Promise<void> {
  if (what === 'index' || what === 'root') return end(options)
  const before = options.before === undefined ? Date.now() : Date.parse(options.before)
  if (Number.isNaN(before)) throw new DoverieError('invalid-request', '--before is a moment, as 2026-11-25T12:00:00Z')
  await withJoinedVault(options, async (vault) => {
    process.stderr.write(`interrupted, it goes on with: doverie keys rotate ${what} --before ${iso(before)}\n`)
    const work = what === 'cells' ? rotateCells : rotatePeople
    const onProgress = (done: number, of: number): void => {
      if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${done} of ${of}`)
    }
    const rotated = await work(vault, before, { onProgress, pace: paceOf(options) })
    if (rotated === null) throw new DoverieError('conflict', 'another process is rotating keys at this moment')
    if (process.stderr.isTTY) process.stderr.write('\n')
    process.stdout.write(
      `${rotated.done} rotated${rotated.failed > 0 ? `, ${rotated.failed} damaged and left as they are` : ''}\n`,
    )
  })
}

function paceOf({ rest }: PacedOptions): Pace {
  const times = Number(rest)
  if (!/^\d+$/.test(rest) || times > 1000) {
    throw new DoverieError(
      'invalid-request',
      '--rest is a whole number, 0 to 1000: how many times as long as each step took',
    )
  }
  return resting(times)
}

function progress(step: EpochStep, done: number, of: number): void {
  if (process.stderr.isTTY)
    process.stderr.write(
      `\r\x1b[K${step}${of > 1 ? ` ${done} of ${of}` : ''}${step === 'destroy' && done === of ? '\n' : ''}`,
    )
}

function iso(at: number): string {
  return new Date(at).toISOString()
}

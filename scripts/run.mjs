// The one entry of `npm start`, `npm test` and their kin. It runs on whatever Node the machine has (20 or newer),
// installs what is missing, and hands over to the pinned Node 24 that npm brought.
import { spawnSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const stamp = join(root, 'node_modules', '.doverie-installed')
const [task = 'start', ...args] = process.argv.slice(2)

/** The lock file's hash: an install is current when its stamp holds the same one. */
function wanted() {
  return createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex')
}

function installIfMissing() {
  const hash = wanted()
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  process.stderr.write('Installing dependencies (npm ci) …\n')
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
  const done = spawnSync(npm, ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--ignore-scripts'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
    env: { ...process.env, NODE_ENV: 'development' },
  })
  if (done.status !== 0) {
    process.stderr.write('doverie: npm ci failed; see the lines above.\n')
    process.exit(1)
  }
  writeFileSync(stamp, hash)
}

/** Node 24: the one npm installed for this platform, else the running one if it is new enough. */
function node24() {
  for (const name of ['node', 'node.exe']) {
    for (const dir of [`node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`]) {
      const path = join(root, 'node_modules', dir, 'bin', name)
      if (existsSync(path)) return path
    }
  }
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  process.stderr.write(`doverie: Node 24 is needed and npm has none for ${process.platform}-${process.arch}.\n`)
  process.exit(1)
}

const bin = (path) => join(root, 'node_modules', path)
const quality = [
  ['format', [bin('@biomejs/biome/bin/biome'), 'format', '.']],
  ['types', [bin('typescript/bin/tsc'), '--noEmit', '-p', '.']],
  ['lint', [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0']],
  ['imports', [bin('dependency-cruiser/bin/dependency-cruise.mjs'), 'packages', 'bench', 'e2e', '--log-level=warn']],
  ['dead code', [bin('knip/bin/knip.js'), '--no-progress']],
]
const tasks = {
  start: [['start', ['packages/cli/doverie.ts', 'start', ...args]]],
  cli: [['doverie', ['packages/cli/doverie.ts', ...args]]],
  tour: [['tour', ['e2e/tour/tour.ts', ...args]]],
  bench: [['bench', ['bench/bench.ts', ...args]]],
  lint: quality,
  test: [
    ...quality,
    ['tests', [bin('vitest/vitest.mjs'), 'run', ...args]],
    ['tour', ['e2e/tour/tour.ts', '--people', '300']],
  ],
}

async function run(name, argv) {
  const node = node24()
  const quiet = ['start', 'doverie', 'tour', 'bench'].includes(name)
  if (!quiet || task === 'test') process.stderr.write(`\n── ${name}\n`)
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...argv], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: `${dirname(node)}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH ?? ''}` },
  })
  // The child hears Ctrl-C itself (same process group); a signal sent to us alone is passed on. We outlive it to give its code.
  let interrupted = false
  process.on('SIGINT', () => {
    if (interrupted) child.kill('SIGINT')
    interrupted = true
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? (signal === 'SIGINT' || signal === 'SIGTERM' ? 0 : 1)))
  })
}

const steps = tasks[task]
if (!steps) {
  process.stderr.write(`doverie: no task "${task}"; one of ${Object.keys(tasks).join(', ')}.\n`)
  process.exit(2)
}
installIfMissing()
for (const [name, argv] of steps) {
  const code = await run(name, argv)
  if (code !== 0) process.exit(code)
}

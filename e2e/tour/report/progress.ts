const WIDTH = 32

/** A bar on a terminal; elsewhere a line at every tenth. Gives what to call after each piece of work. */
export function progress(title: string, total: number): () => void {
  let done = 0
  let told = -1
  return () => {
    done += 1
    const tenth = Math.floor((10 * done) / total)
    if (process.stdout.isTTY) {
      const filled = Math.round((WIDTH * done) / total)
      const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled)
      process.stdout.write(`\r${title} ${bar} ${done}/${total}${done === total ? '\n' : ''}`)
    } else if (tenth > told) {
      told = tenth
      process.stdout.write(`${title} ${done}/${total}\n`)
    }
  }
}

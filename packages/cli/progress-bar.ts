const WIDTH = 24

/** A line on a terminal that shows how far a long piece of work is; nothing where standard error is no terminal. */
export function progressBar(): { show(done: number, of: number, said: string): void; clear(): void } {
  const { stderr } = process
  return {
    show: (done, of, said) => {
      if (!stderr.isTTY) return
      const share = of === 0 ? 1 : done / of
      const filled = Math.round(share * WIDTH)
      const bar = `${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}`
      stderr.write(`\r\x1b[K${bar} ${String(Math.floor(share * 100)).padStart(3)} %  ${said}`)
    },
    clear: () => {
      if (stderr.isTTY) stderr.write('\r\x1b[K')
    },
  }
}

/** A number of bytes as people read it. */
export function inBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  const value = bytes / 1000 ** power
  return `${value >= 100 || power === 0 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? ''}`
}

/** A count with its thousands apart. */
export function counted(count: number): string {
  return count.toLocaleString('en')
}

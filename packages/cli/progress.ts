/** Tells who watches a terminal how far a walk over the ledger is. */
export function progress(done: number, size: number): void {
  if (!process.stderr.isTTY) return
  process.stderr.write(done === size ? '\r\x1b[K' : `\r${done} of ${size} entries`)
}

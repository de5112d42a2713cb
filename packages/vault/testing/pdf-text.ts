import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether this machine has the program that reads PDFs; tests of what documents say are not run without it. */
export const READS_PDF: boolean = has('pdftotext')

/** What a PDF says, its words with one space between. Throws where it does not open, with the password or without one. */
export function textOf(pdf: Uint8Array, password: string | null = null): string {
  const folder = mkdtempSync(join(tmpdir(), 'doverie-pdf-'))
  try {
    writeFileSync(join(folder, 'a.pdf'), pdf)
    const locked = password === null ? [] : ['-upw', password]
    const text = execFileSync('pdftotext', ['-layout', ...locked, join(folder, 'a.pdf'), '-'], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return text.replace(/\s+/g, ' ')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

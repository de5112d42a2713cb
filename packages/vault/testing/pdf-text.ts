import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether this machine has the program that reads PDFs; tests of what documents say are not run without it. */
export const READS_PDF: boolean = has('pdftotext')

/** What a PDF says, its words with one space between. */
export function textOf(pdf: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'doverie-pdf-'))
  try {
    writeFileSync(join(folder, 'a.pdf'), pdf)
    const text = execFileSync('pdftotext', ['-layout', join(folder, 'a.pdf'), '-'], { encoding: 'utf8' })
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

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderPdf } from './pdf.ts'
import type { Block, OutgoingDocument } from './outgoing.ts'

const DOCUMENT: OutgoingDocument = {
  language: 'ru',
  from: ['ООО «Старт»', '109029, Россия, Москва'],
  to: ['Ёлкиной Анне Юрьевне', 'г. Тверь'],
  number: '2026-000017',
  day: '25 ноября 2026 г.',
  about: 'На обращение № 2026-000003 от 23 ноября 2026 г.',
  title: 'О персональных данных',
  blocks: [
    { kind: 'heading', text: '1. Подтверждение' },
    { kind: 'text', text: 'Мы обрабатываем ваши данные. <b>не разметка</b> https://example.org/x file:///etc/passwd' },
    { kind: 'list', items: ['первое', 'второе'] },
    {
      kind: 'table',
      head: ['Что', 'Зачем'],
      rows: Array.from({ length: 60 }, (_, at) => [`строка ${at}`, 'щёлочь']),
      widths: [1, 2],
    },
  ],
  signature: 'Ответственный за персональные данные ____________',
  footer: 'Обращение № 2026-000003',
}

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

describe('a document as a PDF', () => {
  it('is one, with its font in it', async () => {
    const pdf = await renderPdf(DOCUMENT)
    expect(pdf.subarray(0, 5).toString('latin1')).toBe('%PDF-')
    expect(pdf.toString('latin1')).toContain('Roboto')
    expect(pdf.toString('latin1').trimEnd().endsWith('%%EOF')).toBe(true)
  })

  it.skipIf(!has('pdftotext'))('says in Cyrillic what it was given, as text and not as markup', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doverie-pdf-'))
    try {
      const file = join(folder, 'a.pdf')
      writeFileSync(file, await renderPdf(DOCUMENT))
      const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' })
      for (const said of [
        'Ёлкиной Анне Юрьевне',
        '№ 2026-000017',
        'О персональных данных',
        '<b>не разметка</b>',
        'щёлочь',
        'строка 59',
      ])
        expect(text).toContain(said)
      expect(text).not.toContain('root:')
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it.skipIf(!has('pdftotext'))('has no page with a signature alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'doverie-pdf-'))
    try {
      const lone: string[] = []
      for (let lines = 33; lines < 39; lines++) {
        const items = Array.from({ length: lines }, (_, at) => `строка ${at}.`)
        const texts = items.slice(0, lines - 8).map((text): Block => ({ kind: 'text', text }))
        for (const blocks of [[{ kind: 'list', items }], texts] satisfies readonly (readonly Block[])[]) {
          const file = join(folder, 'a.pdf')
          writeFileSync(file, await renderPdf({ ...DOCUMENT, blocks }))
          const pages = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }).split('\f')
          const signed = pages.find((page) => page.includes('Ответственный за')) ?? ''
          if (!signed.includes('строка')) lone.push(`${blocks.length}, ${lines}`)
        }
      }
      expect(lone).toEqual([])
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  it('rejects nothing that a person may have written, however odd', async () => {
    const odd = ['\u0000\ud800', '👩‍⚖️', '\u202eأبجد', 'x'.repeat(500), '']
    const pdf = await renderPdf({ ...DOCUMENT, to: odd, blocks: odd.map((text) => ({ kind: 'text', text })) })
    expect(pdf.length).toBeGreaterThan(1_000)
  })
})

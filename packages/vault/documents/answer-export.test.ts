import { describe, expect, it } from 'vitest'
import { exportCsv } from './answer-export.ts'

describe('the CSV of an answer', () => {
  it.each([
    ['=HYPERLINK("http://example.org")', `"'=HYPERLINK(""http://example.org"")"`],
    ['+7 916 000-00-01', `"'+7 916 000-00-01"`],
    ['-1+1', `"'-1+1"`],
    ['@SUM(A1)', `"'@SUM(A1)"`],
    ['\tx', `"'\tx"`],
    ['\rx', `"'\rx"`],
    ['Тверь = город', '"Тверь = город"'],
  ])('makes %j harmless and leaves it readable', (value, cell) => {
    const csv = exportCsv([{ field: 'f', label: 'Поле', value, source: 'person' }])
    expect(csv.split('\r\n')[1]).toBe(`"f","Поле",${cell},"person"`)
  })
})

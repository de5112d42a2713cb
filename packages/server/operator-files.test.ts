import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { operatorFiles } from './operator-files.ts'
import { temporaryFolder } from './testing/folder.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

const words = (title: string, ...text: readonly string[]): string =>
  JSON.stringify({ refusal: { title: { ru: title }, text: text.map((ru) => ({ ru })) } }, null, 2)
const read = (path: string) => operatorFiles({ calendar: null, documentTexts: path })

describe('a folder of the operator’s own words', () => {
  it('words documents file by file, and is read again; a slip is named by file and line, and the good ones stay', async () => {
    await writeFile(join(folder.path, 'refusal.json'), words('Нет', 'По письму {letter}: {reason}.'))
    await writeFile(
      join(folder.path, 'answer.json'),
      JSON.stringify({ answer: { title: { ru: 'Да' }, text: [{ ru: 'Вот.' }] } }),
    )
    const files = await read(folder.path)
    expect(Object.keys(files.documentTexts()).sort()).toEqual(['answer', 'refusal'])
    await writeFile(join(folder.path, 'refusal.json'), words('Иначе', 'По письму {letter}.', 'Причина: {surname}.'))
    // Line 1 is the brace, 2 the name, 3 to 5 the title, 6 the list, 7 and 10 its paragraphs.
    await expect(files.reloadTexts()).rejects.toThrow(
      /refusal\.json:10: refusal\.text\[1\]: \{surname\} stands for nothing/,
    )
    expect(files.documentTexts()['refusal']?.title['ru']).toBe('Нет')
    await writeFile(join(folder.path, 'refusal.json'), words('Иначе', 'По письму {letter}.'))
    await files.reloadTexts()
    expect(files.documentTexts()['refusal']?.title['ru']).toBe('Иначе')
  })

  it('is not taken with a file that is no JSON, or one document worded twice', async () => {
    await writeFile(join(folder.path, 'a.json'), '{\n  "refusal": {,\n}')
    await expect(read(folder.path)).rejects.toThrow(/a\.json:2 cannot be read as JSON/)
    await writeFile(join(folder.path, 'a.json'), words('Нет', 'Нет.'))
    await writeFile(join(folder.path, 'b.json'), words('Нет', 'Нет.'))
    await expect(read(folder.path)).rejects.toThrow(/b\.json: refusal is worded in another file/)
    await mkdir(join(folder.path, 'empty'))
    expect((await read(join(folder.path, 'empty'))).documentTexts()).toEqual({})
  })
})

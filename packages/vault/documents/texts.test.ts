import { describe, expect, it } from 'vitest'
import { readTexts, worded } from './texts.ts'
import shipped from './texts.json' with { type: 'json' }

const own = { refusal: { title: { ru: 'Нет' }, text: [{ ru: 'По письму {letter}: {reason}.' }] } }

describe('the operator’s own words', () => {
  it('stand in place of the program’s, of that document alone', () => {
    const read = readTexts(own)
    const texts = read.ok ? read.value : {}
    const given = { letter: '2026-000001', reason: 'нет данных г.' }
    expect(worded(texts, 'refusal', 'copy', 'ru', given)).toEqual({
      title: 'Нет',
      paragraphs: ['По письму 2026-000001: нет данных г.'],
    })
    expect(worded(texts, 'identity', 'copy', 'ru', {}).title).toBe(shipped.identity.title.ru)
  })

  it('may be the program’s own', () => {
    expect(readTexts(shipped).ok).toBe(true)
  })

  it.each([
    [[], 'an object is wanted'],
    [{ lunch: own.refusal }, 'lunch: there is no such document'],
    [{ refusal: { ...own.refusal, text: [] } }, 'refusal.text: a list'],
    [{ refusal: { ...own.refusal, title: { en: 'No' } } }, 'refusal.title: a text in Russian'],
    [{ refusal: { ...own.refusal, text: [{ ru: '{surname}' }] } }, 'refusal.text[0]: {surname} stands for nothing'],
    [{ refusal: { ...own.refusal, text: [{ ru: ' ' }] } }, 'refusal.text[0]: is empty'],
  ])('are not taken as %o', (value, says) => {
    const read = readTexts(value)
    expect(read.ok ? '' : read.error).toContain(says)
  })
})

import { describe, expect, it } from 'vitest'
import { recognise } from './recognise.ts'

const MARKS = [
  { mark: 'отзыв согласия на обработку персональных данных', kind: 'withdrawal' },
  { mark: 'запрос информации о порядке обработки персональных данных', kind: 'information' },
] as const

describe('a letter with a mark of the policy', () => {
  it.each([
    ['ОТЗЫВ СОГЛАСИЯ на обработку  персональных данных', '', ['withdrawal']],
    ['', 'С пометкой: «отзыв\nсогласия на обработку персональных данных»!', ['withdrawal']],
    [
      'Запрос информации о порядке обработки персональных данных',
      'и отзыв согласия на обработку персональных данных',
      ['information', 'withdrawal'],
    ],
  ])('%j / %j starts what the mark says', (heading, text, kinds) => {
    expect(recognise(MARKS, heading, text).marked).toEqual(kinds)
  })

  it('is not suggested again what is marked', () => {
    expect(recognise(MARKS, 'Отзыв согласия на обработку персональных данных', '').suggested).not.toContain(
      'withdrawal',
    )
  })
})

describe('a letter without a mark', () => {
  it.each([
    ['Прошу считать моё согласие на обработку данных отозванным', ['withdrawal']],
    ['Отзываю своё согласие, прекратите обработку и удалите мои данные', ['withdrawal', 'stop-processing', 'erasure']],
    ['Сообщите, пожалуйста, какие сведения обо мне вы храните', ['information']],
    ['Прошу сообщить мне, какие мои персональные данные вы обрабатываете', ['information']],
    ['Сообщите, кому передавали мои данные и зачем, ст. 14 закона 152-ФЗ', ['information']],
    ['На основании статьи 14 закона № 152-ФЗ жду ответа', ['information']],
    ['Кому жаловаться на ваш тариф?', []],
    ['Пришлите копию моих данных', ['copy']],
    ['Прошу изменить мою фамилию в связи с замужеством', ['correction']],
    ['В договоре неверные данные, исправьте адрес', ['correction', 'inaccuracy']],
    ['Вы обрабатываете мои данные без моего согласия, это незаконно', ['unlawful']],
    ['Отпишите меня от рассылки!!!', ['marketing-stop']],
    ['Больше не присылайте мне рекламу', ['marketing-stop']],
    ['Прекратите распространение моего телефона на сайте', ['publication-stop']],
    ['Возражаю против решения, принятого исключительно автоматизированной обработкой', ['objection']],
    ['I withdraw my consent and want you to delete my data', ['withdrawal', 'erasure']],
    ['Please stop processing my personal data', ['stop-processing']],
    ['Unsubscribe me', ['marketing-stop']],
    ['Please correct my address', ['correction']],
    ['У вас на сайте опечатка на странице тарифов', []],
    ['Прошу не удалять мои данные', []],
    ['', []],
  ])('%j is suggested as %j', (text, kinds) => {
    expect(recognise(MARKS, '', text)).toEqual({ marked: [], suggested: kinds })
  })
})

describe('a letter made to be costly', () => {
  it.each([
    ['one endless word', 'а'.repeat(5_000_000)],
    ['the beginning of every pattern, over and over', 'отзыв прекратите не '.repeat(200_000)],
    ['marks that never end', 'отзыв согласия на обработку персональных '.repeat(100_000)],
    ['control characters and lone surrogates', '\u0000\ud800отзыв\u202eсогласия'.repeat(10_000)],
  ])('with %s is read in bounded work', (_, text) => {
    expect(() => recognise(MARKS, '', text)).not.toThrow()
  })
})

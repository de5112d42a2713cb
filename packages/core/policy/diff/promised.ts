import type { Declarations } from '../model.ts'
import type { Words } from '../prove/words.ts'

/** What a comparison looks at of one thing: its key, its name in both languages, its value, and whether that is too long to show. */
export type Entry = readonly [key: string, ru: string, en: string, value: Words, long?: boolean]

/** Something declared, by a key of its own, with its label and what a comparison looks at. */
export type Promised = readonly [key: string, label: Words, entries: readonly Entry[]]

/**
 * What a version promises beside its rules: its invariants, which a later one could drop unseen, what people do in place of
 * software, the duties of roles, and for how long a destruction waits.
 */
export function promised({ invariants, measures, actors, erasure, doubts }: Declarations): readonly Promised[] {
  const words = (text: Readonly<Record<string, string>>, id: string): Words => {
    const any = Object.values(text)[0] ?? id
    return { ru: text['ru'] ?? any, en: text['en'] ?? any }
  }
  const plain = (value: string): Words => ({ ru: value, en: value })
  return [
    ...invariants.map(({ id, says, claim, clauses }): Promised => {
      const same = JSON.stringify([claim, clauses], (key, value: unknown) => (key === 'at' ? undefined : value))
      const { ru, en } = words(says, id)
      const entries: readonly Entry[] = [
        ['says', 'слова', 'words', { ru, en }],
        ['claim', 'что доказывается', 'what is proved', plain(same), true],
      ]
      return [`promise ${id}`, { ru: `Обещание ${id} («${ru}»)`, en: `The promise ${id} (“${en}”)` }, entries]
    }),
    ...measures.map(({ id, text }): Promised => {
      const entries: readonly Entry[] = [['text', 'слова', 'words', words(text, id), true]]
      return [`measure ${id}`, { ru: `Мера ${id}`, en: `The measure ${id}` }, entries]
    }),
    ...[...actors.values()]
      .filter(({ duties }) => duties.length > 0)
      .map(({ id, label, duties }): Promised => {
        const { ru, en } = words(label, id)
        const value = plain([...duties].sort().join(', '))
        return [
          `duties ${id}`,
          { ru: `Обязанности роли ${ru}`, en: `The duties of ${en}` },
          [['duties', 'какие', 'which', value]],
        ]
      }),
    ...(erasure === null
      ? []
      : [
          [
            'erasure',
            { ru: 'Уничтожение по просьбе человека', en: 'Destruction that a person asks for' },
            [['delay', 'ждёт', 'waits', plain(`PT${erasure.delay / 3_600_000}H`)]],
          ] satisfies Promised,
        ]),
    ...(doubts === null
      ? []
      : [
          [
            'doubts',
            { ru: 'Когда данные под вопросом', en: 'When data are doubtful' },
            [
              ['old', 'без вестей', 'without a word', plain(`PT${doubts.old / 3_600_000}H`)],
              [
                'unproved',
                'не подтверждён адрес или номер',
                'unproved identifier',
                plain(`PT${doubts.unproved / 3_600_000}H`),
              ],
            ],
          ] satisfies Promised,
        ]),
  ]
}

const NEUTRAL = /[\p{Script=Common}\p{Script=Inherited}]/u
const LETTER = /[\p{L}\p{M}]/u

/** Scripts that are told apart; Chinese, Japanese and Korean writing mixes its own, so it counts as one. */
const SCRIPTS: readonly (readonly [name: string, letters: RegExp])[] = [
  ['latin', /\p{Script=Latin}/u],
  ['cyrillic', /\p{Script=Cyrillic}/u],
  ['greek', /\p{Script=Greek}/u],
  ['armenian', /\p{Script=Armenian}/u],
  ['georgian', /\p{Script=Georgian}/u],
  ['hebrew', /\p{Script=Hebrew}/u],
  ['arabic', /\p{Script=Arabic}/u],
  [
    'east-asian',
    /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\u30FC\u3005\u3006]/u,
  ],
]

/**
 * True where one word has letters of two scripts: the mark of a look-alike (a Latin o in a Cyrillic word), which reads as
 * one value and compares as another. Scripts outside the list count as one, which no look-alike of a listed one passes.
 */
export function mixesScripts(word: string): boolean {
  let seen: string | undefined
  for (const char of word) {
    if (!LETTER.test(char)) continue
    const script = scriptOf(char)
    if (script === undefined) continue
    if (seen !== undefined && seen !== script) return true
    seen = script
  }
  return false
}

function scriptOf(char: string): string | undefined {
  for (const [name, letters] of SCRIPTS) if (letters.test(char)) return name
  return NEUTRAL.test(char) ? undefined : 'other'
}

const CONTROL = /[\u0000-\u0009\u000b-\u001f]/

/** True for a text that a signed note can carry (c2sp.org/signed-note): lines of well-formed text, each ended. */
export function isNoteText(text: string): boolean {
  return text.endsWith('\n') && text.isWellFormed() && !CONTROL.test(text)
}

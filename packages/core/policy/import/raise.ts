const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** Digits as superscripts. */
export function raise(digits: string): string {
  return digits.replace(/\d/g, (digit) => SUPERSCRIPT[Number(digit)] ?? '')
}

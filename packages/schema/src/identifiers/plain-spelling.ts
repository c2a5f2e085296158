/**
 * The text with the dashes and blanks of word processors and PDF files made plain: every dash is `-`, every run of
 * blanks one space, characters that cannot be seen (soft hyphen, zero-width space, byte order mark) are gone. Letters
 * and digits stay as they are: a full-width digit is no digit.
 * @see Unicode, general categories Pd (dash punctuation) and Cf (format); U+2212 is the minus sign
 */
export function plainSpelling(text: string): string {
  return text
    .replace(/\p{Cf}/gu, '')
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/\s+/g, ' ')
    .trim()
}

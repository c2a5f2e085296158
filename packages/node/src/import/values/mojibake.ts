/** Windows-1252 beyond Latin-1, by byte from 0x80. @see WHATWG Encoding Standard, index windows-1252 */
const beyondLatin1 =
  '\u20ac\u0081\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u008d\u017d\u008f\u0090\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u009d\u017e\u0178'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * What a Latin letter, a quote, a dash or a sign of currency becomes: the lead bytes C2 to C5 and E2, and one that follows.
 * An `Å` before a dash or a quote is no sign of it: names end in that letter.
 */
const trace =
  /[\u00c2-\u00c4\u00e2][\u0080-\u00bf\u2013-\u203a\u20ac\u0152-\u0192\u02c6\u02dc\u2122]|\u00c5[\u0080-\u00bf\u20ac\u0152-\u0192\u02c6\u02dc\u2122]/u

/** What Latin text is written with: anything else is no better than what it came from. */
const latin = /^[\0-\u017f\u2000-\u20cf\u2122]*$/

/**
 * The text that was meant, where UTF-8 was once read as Windows-1252 (`QuÃ©bec` was `Québec`); undefined where the text
 * gives no sign of it. Only a text of which every byte fits is mended, and only into Latin text.
 */
export function mendMojibake(text: string): string | undefined {
  if (!trace.test(text)) return undefined
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const high = code > 0xff ? beyondLatin1.indexOf(text[i] ?? '') : -1
    if (code > 0xff && high < 0) return undefined
    bytes[i] = high >= 0 ? 0x80 + high : code
  }
  try {
    const meant = utf8.decode(bytes)
    return latin.test(meant) ? meant : undefined
  } catch {
    return undefined
  }
}

import { fromUtf8 } from '@entente/schema'

/** Far more than any frame: what is wrong below that is refused by whoever reads it, in its own words. */
const MOST_DEEP = 32_768
const [quote, backslash, openArray, closeArray, openObject, closeObject] = Buffer.from('"\\[]{}')

/**
 * The JSON of a frame. What is nested deeper than any frame is refused before it is parsed: of 8 MiB of `[` alone the parser makes a second
 * of work in which nobody else is heard.
 * @throws {SyntaxError}
 */
export function parseFrameJson(bytes: Uint8Array): unknown {
  if (isDeeperThan(bytes, MOST_DEEP))
    throw new SyntaxError(`the frame is nested more than ${MOST_DEEP} deep`)
  return JSON.parse(fromUtf8(bytes))
}

/** Looks at brackets alone, and leaves off at the first that is too deep; what is no JSON the parser finds. */
export function isDeeperThan(bytes: Uint8Array, most: number): boolean {
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) {
      at = endOfString(bytes, at)
      if (at < 0) return false
    } else if (byte === openArray || byte === openObject) {
      if (++depth > most) return true
    } else if (byte === closeArray || byte === closeObject) depth--
  }
  return false
}

/** Index of the quote that ends the string which this one begins; -1: none does. */
function endOfString(bytes: Uint8Array, begin: number): number {
  let end = begin
  for (;;) {
    end = bytes.indexOf(quote as number, end + 1)
    if (end < 0) return -1
    let from = end
    while (bytes[from - 1] === backslash) from--
    if ((end - from) % 2 === 0) return end
  }
}

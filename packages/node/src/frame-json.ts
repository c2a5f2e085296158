import { fromUtf8 } from '@entente/schema'

/** Far more than any frame: what is wrong below that is refused by whoever reads it, in its own words. */
const MOST_DEEP = 32_768
/**
 * Marks of any frame, where it has no bound of its own. The bodies of one statement that an older version has sealed are 2 MiB at
 * the most: of their characters every fourth may be a mark, where records have one in ten.
 */
export const MOST_MARKS = 524_288
const [quote, backslash, openArray, closeArray, openObject, closeObject, comma] =
  Buffer.from('"\\[]{},')

/**
 * The JSON of a frame. What is nested deeper, or holds more, than any frame of its kind is refused before it is parsed: of 8 MiB of `[` or `{},`
 * the parser makes a second of work in which nobody else is heard.
 * @param mostMarks how many of `[`, `{` and `,` it may have outside of strings: each begins a value, or is followed by one
 * @throws {SyntaxError}
 */
export function parseFrameJson(bytes: Uint8Array, mostMarks = MOST_MARKS): unknown {
  const excess = excessOf(bytes, { deep: MOST_DEEP, marks: mostMarks })
  if (excess === 'deep') throw new SyntaxError(`the frame is nested more than ${MOST_DEEP} deep`)
  if (excess === 'marks') throw new SyntaxError(`the frame has more than ${mostMarks} values`)
  return JSON.parse(fromUtf8(bytes))
}

/** Looks at marks alone, and leaves off at the first that is too many; what is no JSON the parser finds. */
export function excessOf(
  bytes: Uint8Array,
  most: { readonly deep: number; readonly marks: number },
): 'deep' | 'marks' | null {
  let deep = 0
  let marks = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) {
      at = endOfString(bytes, at)
      if (at < 0) return null
    } else if (byte === openArray || byte === openObject) {
      if (++deep > most.deep) return 'deep'
      if (++marks > most.marks) return 'marks'
    } else if (byte === closeArray || byte === closeObject) deep--
    else if (byte === comma && ++marks > most.marks) return 'marks'
  }
  return null
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

import { isAscii } from 'node:buffer'

/** What the bytes of a whole file say about its encoding. */
export interface ByteSurvey {
  /** Characters beyond ASCII that are well-formed UTF-8. */
  readonly characters: number
  /** Bytes that are not UTF-8. */
  readonly strays: number
  /** All that is wrong is that the file ends inside a character. */
  readonly cut: boolean
  /** Zero bytes at even and at odd offsets. */
  readonly zeros: readonly [number, number]
  readonly sizeBytes: number
  /** Up to 256 KiB of the file from where bytes beyond ASCII begin. */
  readonly sample: Uint8Array
}

const sampleSizeBytes = 1 << 18

/** Reads all bytes once and counts what is UTF-8 and what is not. @see RFC 3629, section 4 */
export async function scanUtf8(bytes: AsyncIterable<Uint8Array>): Promise<ByteSurvey> {
  const count = { characters: 0, strays: 0 }
  const zeros: [number, number] = [0, 0]
  const sample: Uint8Array[] = []
  let sizeBytes = 0
  let sampled = 0
  let character: Character | undefined
  for await (const chunk of bytes) {
    countZeros(chunk, sizeBytes, zeros)
    sizeBytes += chunk.length
    const plain = !character && isAscii(chunk)
    if (sampled < sampleSizeBytes && !(plain && sampled === 0)) {
      sample.push(chunk.slice(0, sampleSizeBytes - sampled))
      sampled += chunk.length
    }
    if (plain) continue
    for (const byte of chunk) {
      if (character && byte >= character.low && byte <= character.high) {
        if (character.missing === 1) count.characters += 1
        character =
          character.missing === 1
            ? undefined
            : { missing: character.missing - 1, seen: character.seen + 1, low: 0x80, high: 0xbf }
        continue
      }
      if (character) count.strays += character.seen
      character = byte < 0x80 ? undefined : startedBy(byte)
      if (!character && byte >= 0x80) count.strays += 1
    }
  }
  return {
    ...count,
    strays: count.strays + (character?.seen ?? 0),
    cut: character !== undefined && count.strays === 0,
    zeros,
    sizeBytes,
    sample: Buffer.concat(sample),
  }
}

/** A character begun: how many bytes were seen, how many are missing, and what the next one may be. */
interface Character {
  readonly seen: number
  readonly missing: number
  readonly low: number
  readonly high: number
}

function startedBy(lead: number): Character | undefined {
  const seen = 1
  if (lead >= 0xc2 && lead <= 0xdf) return { seen, missing: 1, low: 0x80, high: 0xbf }
  // No overlong forms, no surrogates, nothing above U+10FFFF.
  if (lead >= 0xe0 && lead <= 0xef)
    return { seen, missing: 2, low: lead === 0xe0 ? 0xa0 : 0x80, high: lead === 0xed ? 0x9f : 0xbf }
  if (lead >= 0xf0 && lead <= 0xf4)
    return { seen, missing: 3, low: lead === 0xf0 ? 0x90 : 0x80, high: lead === 0xf4 ? 0x8f : 0xbf }
  return undefined
}

function countZeros(chunk: Uint8Array, offset: number, zeros: [number, number]): void {
  for (let at = chunk.indexOf(0); at !== -1; at = chunk.indexOf(0, at + 1))
    zeros[(offset + at) % 2 === 0 ? 0 : 1] += 1
}

import { sha256, toBase64url, utf8 } from '@entente/schema'
import { renderUnicodeCompact } from 'uqr'
import { CliError } from '../cli-error.ts'

/** What a code of 101 modules holds, which a telephone still reads off a terminal. */
const PART = 800
/** Nobody scans more. */
const MOST_PARTS = 12

/**
 * An invitation as QR codes, each a part of its text: `ENTENTE:ID:2/5:…`. An invitation of one nation takes four, because it
 * carries certificates with their signatures: none of it can be left out and still be checked.
 * @throws {CliError} `QR_TOO_LARGE`
 */
export function qrParts(text: string): readonly string[] {
  const packed = text.replace(/-----.*-----|\s/g, '')
  const count = Math.ceil(packed.length / PART)
  if (count > MOST_PARTS)
    throw new CliError(
      'QR_TOO_LARGE',
      `this invitation carries a whole coalition and would take ${count} codes: send the file that -o FILE writes`,
    )
  const id = toBase64url(sha256(utf8(packed)).subarray(0, 6))
  return Array.from({ length: count }, (_, i) => {
    const chunk = packed.slice(i * PART, (i + 1) * PART)
    return `ENTENTE:${id}:${i + 1}/${count}:${chunk}`
  })
}

/** The codes for a terminal, two rows of modules a line. */
export const drawParts = (parts: readonly string[]): string =>
  parts
    .map(
      (part, i) =>
        `Code ${i + 1} of ${parts.length}\n${renderUnicodeCompact(part, { ecc: 'L', border: 2 })}`,
    )
    .join('\n\n')

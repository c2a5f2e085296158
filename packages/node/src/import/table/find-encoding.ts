import { analyse } from 'chardet'
import { ImportError } from '../import-error.ts'
import { bytesOf, headOf, textOf } from './read-text.ts'
import { type ByteSurvey, scanUtf8 } from './scan-utf8.ts'
import type { TableSource } from './table.ts'

/** How the text of a file is to be decoded. */
export interface Encoding {
  /** Name in the WHATWG Encoding Standard, in lower case. */
  readonly label: string
  /** It is likely, not certain: people should look at the text. */
  readonly guessed: boolean
}

/**
 * Finds the encoding of a text file, and reads all of it once to see that it fits.
 *
 * The byte order mark decides, then what was `given`, then strict UTF-8. Else the zero bytes say UTF-16, or the
 * statistics of letters say what the bytes most likely are. But a file that also has characters of UTF-8 is a damaged
 * or mixed file: if they are as many as the stray bytes, or if it would be in an encoding of one byte a character.
 * @throws {ImportError} `ENCODING_UNKNOWN`, `ENCODING_INVALID`, `FORMAT_UNKNOWN` for what is not text at all
 */
export async function findEncoding(source: TableSource, given?: string): Promise<Encoding> {
  const wanted = given === undefined ? undefined : labelOf(given)
  if (given !== undefined && wanted === undefined)
    throw new ImportError(
      'ENCODING_UNKNOWN',
      `${source.name}: the encoding ${JSON.stringify(given)} is not known; give a name such as utf-8, utf-16le, windows-1252 or shift_jis`,
    )
  const marked = byteOrderMark(await headOf(source, 3))
  if (marked !== undefined && wanted !== undefined && marked !== wanted)
    throw new ImportError(
      'ENCODING_INVALID',
      `${source.name}: the file begins with the byte order mark of ${marked}, but \`encoding\` is ${given}; leave \`encoding\` out`,
    )
  const certain = marked ?? wanted
  if (certain !== undefined) {
    await readThrough(source, certain)
    return { label: certain, guessed: false }
  }
  return await fromBytes(source)
}

async function fromBytes(source: TableSource): Promise<Encoding> {
  const survey = await scanUtf8(bytesOf(source))
  const label = utf16Of(survey)
  if (label !== undefined) {
    await readThrough(source, label)
    return { label, guessed: true }
  }
  if (survey.zeros[0] + survey.zeros[1] > 0)
    throw new ImportError(
      'FORMAT_UNKNOWN',
      `${source.name} holds zero bytes, so it is not text; import CSV, JSON or .xlsx, or name its encoding with \`encoding\` if it is UTF-16`,
    )
  if (survey.strays === 0) return { label: 'utf-8', guessed: false }
  // This finds the first stray byte, and throws.
  if (survey.characters >= survey.strays || survey.cut) await readThrough(source, 'utf-8')
  return { label: await guess(source, survey), guessed: true }
}

const labelOf = (name: string): string | undefined => {
  try {
    return new TextDecoder(name).encoding
  } catch {
    return undefined
  }
}

/** @see Unicode Standard, section 23.8 */
function byteOrderMark([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

/** UTF-16 without a mark: one byte in twenty or more is zero, and practically all of them stand on one side of the pairs. */
function utf16Of({ zeros: [even, odd], sizeBytes }: ByteSurvey): string | undefined {
  if (even + odd === 0 || (even + odd) * 20 < sizeBytes) return undefined
  if (odd > even * 20) return 'utf-16le'
  return even > odd * 20 ? 'utf-16be' : undefined
}

async function readThrough(source: TableSource, encoding: string): Promise<void> {
  for await (const _ of textOf(source, encoding));
}

/** Of 100, how sure the statistics must be, and how far ahead of the next reading of the same bytes. */
const leastConfidence = 10
const leastLead = 5

async function guess(source: TableSource, { sample, characters }: ByteSurvey): Promise<string> {
  const readings = analyse(sample).flatMap(({ name, confidence }) => {
    const label = labelOf(name)
    const text = label?.startsWith('utf-') === false ? textIn(label, sample) : undefined
    return label !== undefined && text !== undefined ? [{ label, confidence, text }] : []
  })
  const [best] = readings
  const rival = readings.find(({ text }) => text !== best?.text)
  if (!best || best.confidence < leastConfidence)
    throw unknown(source, 'its bytes do not say which')
  if (rival && best.confidence - rival.confidence < leastLead)
    throw unknown(source, `it may be ${best.label} or ${rival.label}`)
  // In one byte a character, what reads as a character of UTF-8 is one; in two, bytes pair up like that by chance.
  if (characters > 0 && !severalBytes.has(best.label)) await readThrough(source, 'utf-8')
  await readThrough(source, best.label)
  return best.label
}

const severalBytes = new Set(['shift_jis', 'euc-jp', 'euc-kr', 'gb18030', 'gbk', 'big5'])

/** Text of a sample, which may end inside a character. */
function textIn(label: string, sample: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(sample, { stream: true })
  } catch {
    return undefined
  }
}

const unknown = (source: TableSource, why: string): ImportError =>
  new ImportError(
    'ENCODING_UNKNOWN',
    `${source.name} is not UTF-8, and ${why}; save it again as UTF-8, or name its encoding with \`encoding\`, such as windows-1252`,
  )

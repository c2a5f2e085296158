import { ImportError } from '../import-error.ts'
import type { TableSource } from './table.ts'

/**
 * Bytes of a file, from its start.
 * @throws {ImportError} `FILE_UNREADABLE`
 */
export async function* bytesOf({ name, open }: TableSource): AsyncGenerator<Uint8Array> {
  try {
    yield* open()
  } catch (error) {
    throw unreadable(name, error)
  }
}

export const unreadable = (name: string, error: unknown): ImportError =>
  new ImportError(
    'FILE_UNREADABLE',
    `${name} cannot be read: ${error instanceof Error ? error.message : String(error)}; see that it is a file that this user may read`,
  )

/** The first bytes of a file: `size`, or all if it is shorter. */
export async function headOf(source: TableSource, size: number): Promise<Uint8Array> {
  const head: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytesOf(source)) {
    head.push(chunk)
    length += chunk.length
    if (length >= size) break
  }
  return Buffer.concat(head).subarray(0, size)
}

/**
 * Text of a file, without its byte order mark.
 * @param encoding label that `TextDecoder` knows
 * @throws {ImportError} `ENCODING_INVALID`, naming line and byte
 */
export async function* textOf(source: TableSource, encoding: string): AsyncGenerator<string> {
  const decode = createDecoder(encoding)
  let offset = 0
  for await (const chunk of bytesOf(source)) {
    const text = decode(chunk)
    if (text === undefined) throw await misfit(source, encoding, offset)
    offset += chunk.length
    yield text
  }
  if (decode() === undefined) throw await misfit(source, encoding, offset)
}

/** Lines end with a line feed, a carriage return or both; each becomes one line feed. */
export async function* unifyLineEnds(text: AsyncIterable<string>): AsyncGenerator<string> {
  let held = ''
  for await (const part of text) {
    const whole = held + part
    held = whole.endsWith('\r') ? '\r' : ''
    yield whole.slice(0, whole.length - held.length).replace(/\r\n?/g, '\n')
  }
  if (held !== '') yield '\n'
}

/** Decodes the parts of one text in order, its end without an argument; undefined for what is no text in the encoding. */
function createDecoder(encoding: string): (part?: Uint8Array) => string | undefined {
  const decoder = new TextDecoder(encoding, { fatal: true })
  // A legacy encoding gives a meaning to every byte: these are bytes that nobody writes in it.
  const never = encoding.startsWith('utf-') ? /\0/ : /[\0\u0080-\u0084\u0086-\u009f]/
  return (part) => {
    try {
      const text = part ? decoder.decode(part, { stream: true }) : decoder.decode()
      return never.test(text) ? undefined : text
    } catch {
      return undefined
    }
  }
}

/** Finds the byte by reading the file again up to the part that begins at `from`, then byte by byte. */
async function misfit(source: TableSource, encoding: string, from: number): Promise<ImportError> {
  const decode = createDecoder(encoding)
  let offset = 0
  let [feeds, returns] = [0, 0]
  const passes = (part: Uint8Array): boolean => {
    const text = decode(part)
    if (text === undefined) return false
    offset += part.length
    feeds += text.split('\n').length - 1
    returns += text.split('\r').length - 1
    return true
  }
  search: for await (const chunk of bytesOf(source)) {
    if (offset + chunk.length <= from) passes(chunk)
    else for (const byte of chunk) if (!passes(Uint8Array.of(byte))) break search
  }
  return new ImportError(
    'ENCODING_INVALID',
    `${source.name}, line ${Math.max(feeds, returns) + 1}: near byte ${offset} stands something that is not ${encoding} text; save the file again as UTF-8, or name its encoding with \`encoding\``,
  )
}

import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { damaged, WorkbookError } from './workbook-error.ts'
import { type RandomAccess, readPacked, readZipDirectory, type ZipEntry } from './zip-directory.ts'

/** The files inside a workbook, by their paths in lower case. */
export interface Parts {
  readonly has: (path: string) => boolean
  /** Bytes of a part; the end is reached only if size and checksum are those that the archive gives. */
  readonly read: (path: string) => AsyncGenerator<Uint8Array>
}

const maxParts = 10_000
const maxSizeBytes = 2 ** 30
/** From this size on, text that packs better than this is nobody's table. */
const suspectSizeBytes = 2 ** 26
const maxRatio = 200

/**
 * Opens the directory of a ZIP archive, and refuses a bomb by what it declares; what it does not declare is not unpacked.
 * @throws {WorkbookError} `FILE_TOO_LARGE`, `NOT_A_WORKBOOK`
 * @see APPNOTE.TXT 6.3.10, section 4.3
 */
export async function openParts(bytes: RandomAccess): Promise<Parts> {
  const entries = new Map<string, ZipEntry>()
  let sizeBytes = 0
  for (const entry of await readZipDirectory(bytes)) {
    const path = entry.path.replaceAll('\\', '/').replace(/^\//, '').toLowerCase()
    if (entries.has(path)) throw damaged(`it holds ${JSON.stringify(path)} twice`)
    entries.set(path, entry)
    sizeBytes += entry.sizeBytes
  }
  const suspect = sizeBytes > suspectSizeBytes && sizeBytes > maxRatio * bytes.size
  if (entries.size > maxParts || sizeBytes > maxSizeBytes || suspect)
    throw new WorkbookError(
      'FILE_TOO_LARGE',
      `it unpacks to ${entries.size} parts of ${sizeBytes} bytes in all, which is more than a table needs; save the sheet as CSV`,
    )
  return {
    has: (path) => entries.has(path),
    read: (path) => readPart(bytes, path, entries.get(path)),
  }
}

async function* readPart(
  bytes: RandomAccess,
  path: string,
  entry: ZipEntry | undefined,
): AsyncGenerator<Uint8Array> {
  if (!entry) throw damaged(`it has no part ${path}`)
  if (entry.encrypted) throw damaged(`the part ${path} is encrypted`)
  if (entry.method !== 0 && entry.method !== 8)
    throw damaged(`the part ${path} is packed in a way that workbooks are not`)
  const unpack = entry.method === 8 ? createInflateRaw({ chunkSize: 1 << 16 }) : new PassThrough()
  // A failure comes by the iteration below.
  pipeline(Readable.from(readPacked(bytes, entry)), unpack).catch(() => {})
  let sizeBytes = 0
  let sum = 0
  for await (const chunk of unpack as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length
    if (sizeBytes > entry.sizeBytes)
      throw new WorkbookError(
        'FILE_TOO_LARGE',
        `its part ${path} unpacks to more than the ${entry.sizeBytes} bytes that it declares; save the workbook again`,
      )
    sum = crc32(chunk, sum)
    yield chunk
  }
  if (sizeBytes !== entry.sizeBytes || sum !== entry.sum)
    throw damaged(`its part ${path} is damaged`)
}

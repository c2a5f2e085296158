import { PassThrough, Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { crc32, createInflateRaw } from 'node:zlib'
import { type RandomAccessReader, RemoteZipReader } from '@cj-tech-master/excelts/archive'
import { damaged, WorkbookError } from './workbook-error.ts'

/** The files inside a workbook, by their paths in lower case. */
export interface Parts {
  readonly has: (path: string) => boolean
  /** Bytes of a part; the end is reached only if size and checksum are those that the archive gives. */
  readonly read: (path: string) => AsyncGenerator<Uint8Array>
}

type ZipEntry = ReturnType<RemoteZipReader['getEntries']>[number]

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
export async function openParts(bytes: RandomAccessReader): Promise<Parts> {
  const zip = await RemoteZipReader.fromReader(bytes)
  const entries = new Map<string, ZipEntry>()
  let sizeBytes = 0
  for (const entry of zip.getEntries()) {
    const path = entry.path.replaceAll('\\', '/').replace(/^\//, '').toLowerCase()
    if (entries.has(path)) throw damaged(`it holds ${JSON.stringify(path)} twice`)
    entries.set(path, entry)
    sizeBytes += entry.uncompressedSize
  }
  const suspect = sizeBytes > suspectSizeBytes && sizeBytes > maxRatio * bytes.size
  if (entries.size > maxParts || sizeBytes > maxSizeBytes || suspect)
    throw new WorkbookError(
      'FILE_TOO_LARGE',
      `it unpacks to ${entries.size} parts of ${sizeBytes} bytes in all, which is more than a table needs; save the sheet as CSV`,
    )
  return {
    has: (path) => entries.has(path),
    read: (path) => readPart(zip, path, entries.get(path)),
  }
}

async function* readPart(
  zip: RemoteZipReader,
  path: string,
  entry: ZipEntry | undefined,
): AsyncGenerator<Uint8Array> {
  const packed = entry && zip.getRawCompressedStream(entry)
  if (!packed) throw damaged(`it has no part ${path}`)
  if (entry.isEncrypted) throw damaged(`the part ${path} is encrypted`)
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8)
    throw damaged(`the part ${path} is packed in a way that workbooks are not`)
  const unpack =
    entry.compressionMethod === 8 ? createInflateRaw({ chunkSize: 1 << 16 }) : new PassThrough()
  // A failure comes by the iteration below.
  pipeline(Readable.from(packed), unpack).catch(() => {})
  let sizeBytes = 0
  let sum = 0
  for await (const chunk of unpack as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length
    if (sizeBytes > entry.uncompressedSize)
      throw new WorkbookError(
        'FILE_TOO_LARGE',
        `its part ${path} unpacks to more than the ${entry.uncompressedSize} bytes that it declares; save the workbook again`,
      )
    sum = crc32(chunk, sum)
    yield chunk
  }
  if (sizeBytes !== entry.uncompressedSize || sum !== entry.crc32)
    throw damaged(`its part ${path} is damaged`)
}

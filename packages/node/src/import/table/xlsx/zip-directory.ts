import { damaged } from './workbook-error.ts'

/** Bytes that can be read anywhere. */
export interface RandomAccess {
  readonly size: number
  /** Bytes from `start` up to `end`; throws when the file has not all of them. */
  readonly read: (start: number, end: number) => Promise<Uint8Array>
}

/** What the directory of a ZIP archive says of one of its files. */
export interface ZipEntry {
  readonly path: string
  /** 0 is stored, 8 is deflated. */
  readonly method: number
  readonly encrypted: boolean
  readonly packedSizeBytes: number
  readonly sizeBytes: number
  /** CRC-32 of the unpacked bytes. */
  readonly sum: number
  /** Where its header and, behind it, its packed bytes stand. */
  readonly offset: number
}

const endSizeBytes = 22
const maxCommentSizeBytes = 0xffff
const locatorSizeBytes = 20
const maxDirectorySizeBytes = 2 ** 24

/**
 * Reads the directory at the end of an archive; what stands in the archive beside it is never looked at.
 * @throws {WorkbookError} `NOT_A_WORKBOOK`, or another error for what is cut off
 * @see APPNOTE.TXT 6.3.10, sections 4.3.12 to 4.3.16, 4.5.3
 */
export async function readZipDirectory(bytes: RandomAccess): Promise<readonly ZipEntry[]> {
  const { count, size, offset } = await findDirectory(bytes)
  if (size > maxDirectorySizeBytes) throw damaged('its list of parts is too long')
  const directory = Buffer.from(await bytes.read(offset, offset + size))
  const entries: ZipEntry[] = []
  for (let at = 0; entries.length < count; ) {
    expectSignature(directory, at, 0x02014b50)
    const nameEnd = at + 46 + directory.readUInt16LE(at + 28)
    const extraEnd = nameEnd + directory.readUInt16LE(at + 30)
    const long = longNumbers(directory.subarray(nameEnd, extraEnd))
    const short = (place: number) => directory.readUInt32LE(at + place)
    // The order in which the long numbers follow each other.
    const sizeBytes = long(short(24))
    const packedSizeBytes = long(short(20))
    entries.push({
      path: directory.toString('utf8', at + 46, nameEnd),
      method: directory.readUInt16LE(at + 10),
      encrypted: (directory.readUInt16LE(at + 8) & 1) === 1,
      sum: short(16),
      sizeBytes,
      packedSizeBytes,
      offset: long(short(42)),
    })
    at = extraEnd + directory.readUInt16LE(at + 32)
  }
  return entries
}

/** Packed bytes of a file, piece by piece. */
export async function* readPacked(
  bytes: RandomAccess,
  { offset, packedSizeBytes }: ZipEntry,
): AsyncGenerator<Uint8Array> {
  const header = Buffer.from(await bytes.read(offset, offset + 30))
  expectSignature(header, 0, 0x04034b50)
  const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28)
  const end = start + packedSizeBytes
  for (let at = start; at < end; at += 1 << 16)
    yield await bytes.read(at, Math.min(end, at + (1 << 16)))
}

async function findDirectory(bytes: RandomAccess) {
  const tailStart = Math.max(0, bytes.size - endSizeBytes - maxCommentSizeBytes)
  const tail = Buffer.from(await bytes.read(tailStart, bytes.size))
  let end = tail.length - endSizeBytes
  // The comment behind it must reach exactly to the end of the file.
  while (
    end >= 0 &&
    !(isEnd(tail, end) && end + endSizeBytes + tail.readUInt16LE(end + 20) === tail.length)
  )
    end -= 1
  if (end < 0) throw damaged('it is cut off or damaged: its list of parts is not at its end')
  const short = {
    count: tail.readUInt16LE(end + 10),
    size: tail.readUInt32LE(end + 12),
    offset: tail.readUInt32LE(end + 16),
  }
  if (short.count !== 0xffff && short.size !== 0xffffffff && short.offset !== 0xffffffff)
    return short
  const endAt = tailStart + end
  const locator = Buffer.from(await bytes.read(endAt - locatorSizeBytes, endAt))
  expectSignature(locator, 0, 0x07064b50)
  const longAt = Number(locator.readBigUInt64LE(8))
  const long = Buffer.from(await bytes.read(longAt, longAt + 56))
  expectSignature(long, 0, 0x06064b50)
  return {
    count: Number(long.readBigUInt64LE(32)),
    size: Number(long.readBigUInt64LE(40)),
    offset: Number(long.readBigUInt64LE(48)),
  }
}

const isEnd = (tail: Buffer, at: number): boolean => tail.readUInt32LE(at) === 0x06054b50

/** Gives a number as it is, or the next of the long ones if it does not fit into 32 bits. */
function longNumbers(extra: Buffer): (short: number) => number {
  let next = -1
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 1) next = at + 4
  return (short) => {
    if (short !== 0xffffffff || next === -1) return short
    next += 8
    return Number(extra.readBigUInt64LE(next - 8))
  }
}

function expectSignature(buffer: Buffer, at: number, signature: number): void {
  if (buffer.readUInt32LE(at) !== signature)
    throw damaged('it is damaged: a part is not in its place')
}

import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { toBase64url } from '@entente/schema'
import { CourierError } from './courier-error.ts'
import { paddedSize } from './padme.ts'

/**
 * The content of a bundle is items, each after its length in four bytes, then a length of zero, then zeros up to the size class. It is
 * encrypted in pieces, so that neither side holds more of it than a piece and an item; nothing is compressed, so nothing can swell.
 * Piece n is AES-256-GCM under the key of the bundle, which is used for nothing else; its nonce is n, and one byte beside it says whether it
 * is the last, so that pieces can be neither moved nor left out.
 * @see NIST SP 800-38D; Hoang et al., "Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance" (STREAM)
 */
const PIECE_BYTES = 64 * 1024
const TAG_BYTES = 16
const LENGTH_BYTES = 4
/** As a frame of a stream, and what stands around it. */
const MOST_ITEM_BYTES = 9 * 1024 * 1024

/** Encrypts items into a file, as far as it goes. */
export interface ContentWriter {
  readonly add: (item: Uint8Array) => Promise<void>
  /** Pads, and ends. @returns bytes and digest of all that was written */
  readonly end: () => Promise<{ readonly size: number; readonly digest: string }>
}

export function createContentWriter(
  key: Uint8Array,
  write: (bytes: Uint8Array) => Promise<void>,
): ContentWriter {
  const digest = createHash('sha256')
  const piece = Buffer.alloc(PIECE_BYTES)
  let filled = 0
  let total = 0
  let pieces = 0
  let size = 0
  const flush = async (isLast: boolean): Promise<void> => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(pieces++)).setAAD(lastOf(isLast))
    const sealed = Buffer.concat([
      cipher.update(piece.subarray(0, filled)),
      cipher.final(),
      cipher.getAuthTag(),
    ])
    filled = 0
    size += sealed.length
    digest.update(sealed)
    await write(sealed)
  }
  const put = async (bytes: Uint8Array): Promise<void> => {
    total += bytes.length
    for (let at = 0; at < bytes.length; ) {
      // A full piece stays until it is known whether another follows.
      if (filled === PIECE_BYTES) await flush(false)
      const part = bytes.subarray(at, at + PIECE_BYTES - filled)
      piece.set(part, filled)
      filled += part.length
      at += part.length
    }
  }
  const lengthOf = (length: number): Uint8Array => {
    const prefix = Buffer.alloc(LENGTH_BYTES)
    prefix.writeUInt32BE(length)
    return prefix
  }
  return {
    add: async (item) => {
      if (item.length > MOST_ITEM_BYTES)
        throw new RangeError(`an item of ${item.length} bytes is more than ${MOST_ITEM_BYTES}`)
      await put(lengthOf(item.length))
      await put(item)
    },
    end: async () => {
      await put(lengthOf(0))
      const zeros = Buffer.alloc(PIECE_BYTES)
      for (let left = paddedSize(total) - total; left > 0; left -= PIECE_BYTES)
        await put(zeros.subarray(0, Math.min(left, PIECE_BYTES)))
      await flush(true)
      return { size, digest: toBase64url(digest.digest()) }
    },
  }
}

/** Where the encrypted content stands in a file. */
export interface ContentPlace {
  readonly file: FileHandle
  readonly from: number
  readonly size: number
}

/** SHA-256 of the encrypted content, base64url; read piece by piece. */
export async function digestOfContent(place: ContentPlace): Promise<string> {
  const digest = createHash('sha256')
  for await (const sealed of piecesOf(place)) digest.update(sealed)
  return toBase64url(digest.digest())
}

/** The items of a content, one at a time. @throws {CourierError} `COURIER_DAMAGED` */
export async function* readContent(
  place: ContentPlace,
  key: Uint8Array,
): AsyncGenerator<Uint8Array> {
  let held: Buffer = Buffer.alloc(0)
  let n = 0
  let left = place.size
  let ended = false
  for await (const sealed of piecesOf(place)) {
    left -= sealed.length
    const opened = openPiece(sealed, key, n++, left === 0)
    // What follows the end are zeros, which hide how much there is.
    if (ended) {
      if (opened.some((byte) => byte !== 0)) throw damaged('something follows its end')
      continue
    }
    held = held.length === 0 ? opened : Buffer.concat([held, opened])
    while (held.length >= LENGTH_BYTES && !ended) {
      const length = held.readUInt32BE(0)
      if (length > MOST_ITEM_BYTES) throw damaged('it holds something that is too large')
      if (length === 0) {
        ended = true
        if (held.subarray(LENGTH_BYTES).some((byte) => byte !== 0))
          throw damaged('something follows its end')
        held = Buffer.alloc(0)
        break
      }
      if (held.length < LENGTH_BYTES + length) break
      yield new Uint8Array(held.subarray(LENGTH_BYTES, LENGTH_BYTES + length))
      held = held.subarray(LENGTH_BYTES + length)
    }
  }
  if (!ended) throw damaged('its end is missing')
}

function openPiece(sealed: Buffer, key: Uint8Array, n: number, isLast: boolean): Buffer {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(n))
      .setAAD(lastOf(isLast))
      .setAuthTag(sealed.subarray(-TAG_BYTES))
    return Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()])
  } catch (error) {
    throw damaged(`piece ${n} of its content cannot be decrypted`, error)
  }
}

async function* piecesOf({ file, from, size }: ContentPlace): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; ) {
    const wanted = Math.min(PIECE_BYTES + TAG_BYTES, size - at)
    const piece = Buffer.alloc(wanted)
    for (let got = 0; got < wanted; ) {
      const { bytesRead } = await file.read(piece, got, wanted - got, from + at + got)
      if (bytesRead === 0) throw damaged('it is shorter than it says')
      got += bytesRead
    }
    yield piece
    at += wanted
  }
}

const damaged = (words: string, cause?: unknown): CourierError =>
  new CourierError('COURIER_DAMAGED', `the bundle is damaged: ${words}. Ask for it once more`, {
    cause,
  })

function nonceOf(n: number): Uint8Array {
  const nonce = Buffer.alloc(12)
  nonce.writeBigUInt64BE(BigInt(n), 4)
  return nonce
}

const lastOf = (isLast: boolean): Uint8Array => new Uint8Array([isLast ? 1 : 0])

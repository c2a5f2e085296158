import { createHash, type KeyObject } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import {
  CourierHeader,
  courierType,
  fromBase64url,
  fromUtf8,
  JwsError,
  keyBytes,
  openJws,
  peekJws,
  signJws,
  toBase64url,
  unrevokedKeys,
  utf8,
} from '@entente/schema'
import { decryptWith, encryptTo, keyIdOf } from '../backup/jwe.ts'
import type { Deps, Partner } from '../deps.ts'
import { NodeError } from '../errors.ts'
import { type ContentPlace, digestOfContent } from './content.ts'
import { CourierError } from './courier-error.ts'

/**
 * A bundle is this line; then the encrypted content; then, at the end, since it holds the digest of that, the signed header, encrypted to the
 * recipient's node and filled with spaces to a fixed length.
 */
export const MAGIC = utf8('entente-courier/1\n')
export const TRAILER_BYTES = 4_096

/** Which node's key a bundle is encrypted to: SHA-256 of the key, base64url. All that a stranger can read of it. */
const keyId = (publicKey: Uint8Array): string =>
  toBase64url(createHash('sha256').update(publicKey).digest())

/** Signs, then encrypts: who signed is not to be seen from outside, and whom it is for stands in what is signed. */
export function sealHeader(
  { signStatement }: Pick<Deps, 'signStatement'>,
  { certificate }: Pick<Partner, 'certificate'>,
  header: CourierHeader,
): Uint8Array {
  const jws = signJws(courierType, header, signStatement)
  const to = keyBytes(certificate.encryptionKey)
  const text = utf8(encryptTo(to, utf8(jws), { kid: keyId(to) }))
  if (text.length >= TRAILER_BYTES) throw new RangeError('the header of the bundle is too long')
  const trailer = new Uint8Array(TRAILER_BYTES).fill(0x20)
  trailer.set(text)
  trailer[TRAILER_BYTES - 1] = 0x0a
  return trailer
}

/** A bundle whose header and digest are checked: it is from that partner, for this node, and whole. */
export interface OpenBundle extends AsyncDisposable {
  readonly header: CourierHeader
  readonly partner: Partner
  readonly content: ContentPlace
  readonly key: Uint8Array
}

/**
 * Opens a bundle for this node, and takes nothing of it in.
 * @throws {CourierError} `COURIER_FORM`, `COURIER_RECIPIENT`, `COURIER_DAMAGED`, `COURIER_STRANGER`, `COURIER_SIGNATURE`
 * @throws {NodeError} `FILE_UNREADABLE`
 */
export async function openBundle(
  deps: Pick<Deps, 'nation' | 'origin' | 'partners' | 'self' | 'verify'>,
  decryptionKey: KeyObject,
  path: string,
): Promise<OpenBundle> {
  const file = await openFile(path)
  try {
    const { size } = await file.stat()
    const trailer = await read(file, Math.max(0, size - TRAILER_BYTES), TRAILER_BYTES)
    const isBundle =
      size >= MAGIC.length + TRAILER_BYTES &&
      Buffer.compare(await read(file, 0, MAGIC.length), MAGIC) === 0
    if (!isBundle)
      throw new CourierError('COURIER_FORM', `${path} is not a courier bundle, or not all of one`)
    const { header, partner } = openTrailer(deps, decryptionKey, trailer)
    const content = { file, from: MAGIC.length, size: header.size }
    const wanted = MAGIC.length + header.size + TRAILER_BYTES
    if (size !== wanted)
      throw damaged(`it has ${size} bytes, and ${partner.nation} made one of ${wanted}`)
    if ((await digestOfContent(content)) !== header.digest)
      throw damaged(`its content is not the one that ${partner.nation} signed for`)
    const key = fromBase64url(header.key)
    if (key?.length !== 32) throw damaged('its key is not one')
    return { header, partner, content, key, [Symbol.asyncDispose]: () => file.close() }
  } catch (error) {
    await file.close()
    throw error
  }
}

/** Opens the end of a bundle: who made it, for whom, and what its content must be. @throws {CourierError} */
export function openTrailer(
  deps: Pick<Deps, 'nation' | 'origin' | 'partners' | 'self' | 'verify'>,
  decryptionKey: KeyObject,
  trailer: Uint8Array,
): { readonly header: CourierHeader; readonly partner: Partner } {
  return openSigned(deps, openHeader(deps, decryptionKey, trailer))
}

function openHeader(
  { self, partners }: Pick<Deps, 'partners' | 'self'>,
  decryptionKey: KeyObject,
  trailer: Uint8Array,
): string {
  const text = textOf(trailer)
  const kid = text === null ? null : keyIdOf(text)
  if (text === null || kid === null)
    throw new CourierError(
      'COURIER_FORM',
      'the end of the bundle is not that of a courier bundle: the file is cut off or damaged. Ask for it once more',
    )
  const isFor = ({ certificate }: Partner) => keyId(keyBytes(certificate.encryptionKey)) === kid
  if (!isFor(self)) {
    const other = [...partners.values()].find(isFor)?.nation
    throw new CourierError(
      'COURIER_RECIPIENT',
      `the bundle is for ${other === undefined ? 'a node that the roster does not name' : `the node of ${other}`}, not for this one: only that node can open it`,
    )
  }
  const jws = decryptWith(decryptionKey, text)
  if (jws === null) throw damaged('its header cannot be decrypted')
  try {
    return fromUtf8(jws)
  } catch (error) {
    throw damaged('its header is not text', error)
  }
}

/** The JWE in a trailer: nothing but spaces up to the newline follow it. */
function textOf(trailer: Uint8Array): string | null {
  const text = Buffer.from(trailer).toString('latin1')
  return /^([\w.-]+) *\n$/.exec(text)?.[1] ?? null
}

/** Whose keys it must be signed with, the bundle says; what they are, the roster. */
function openSigned(
  { nation, origin, partners, verify }: Pick<Deps, 'nation' | 'origin' | 'partners' | 'verify'>,
  jws: string,
): { readonly header: CourierHeader; readonly partner: Partner } {
  const claimed = CourierHeader.safeParse(payloadOf(jws))
  if (!claimed.success)
    throw new CourierError(
      'COURIER_FORM',
      'the header of the bundle is not one that this version knows',
    )
  const header = claimed.data
  const partner = partners.get(header.from)
  if (partner === undefined)
    throw new CourierError(
      'COURIER_STRANGER',
      `the bundle says that it is from ${header.from}, which the roster does not name as a partner`,
    )
  const isSigned = unrevokedKeys(partner.member).some((key) => {
    try {
      openJws(jws, courierType, keyBytes(key), verify)
      return true
    } catch (error) {
      if (error instanceof JwsError) return false
      throw error
    }
  })
  if (!isSigned)
    throw new CourierError(
      'COURIER_SIGNATURE',
      `the bundle says that it is from ${header.from}, and no key of ${header.from} that is in force has signed it`,
    )
  if (header.origin !== partner.log.origin)
    throw new CourierError(
      'COURIER_STRANGER',
      `the bundle goes by the log ${header.origin}, and the roster names ${partner.log.origin} for ${header.from}`,
    )
  if (header.to !== nation || header.node !== origin)
    throw new CourierError(
      'COURIER_RECIPIENT',
      `${header.from} signed this bundle for ${header.to} at ${header.node}, not for this node`,
    )
  return { header, partner }
}

function payloadOf(jws: string): unknown {
  try {
    return peekJws(jws).payload
  } catch (error) {
    if (error instanceof JwsError) return null
    throw error
  }
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r')
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    throw new NodeError('FILE_UNREADABLE', `${path} cannot be read: ${message}`, { cause: error })
  }
}

async function read(file: FileHandle, from: number, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size)
  const { bytesRead } = await file.read(bytes, 0, size, from)
  return bytes.subarray(0, bytesRead)
}

const damaged = (words: string, cause?: unknown): CourierError =>
  new CourierError('COURIER_DAMAGED', `the bundle is damaged: ${words}. Ask for it once more`, {
    cause,
  })

import { createRequire } from 'node:module'
import { constants, inflateRawSync } from 'node:zlib'

/** The parts of Automerge that reading a foreign document takes; it is a dependency of the node alone. */
export interface AutomergeReader {
  readonly load: (bytes: Uint8Array) => unknown
  readonly getAllChanges: (doc: unknown) => readonly Uint8Array[]
  readonly decodeChange: (change: Uint8Array) => unknown
  readonly from: (value: object) => unknown
  readonly change: (doc: unknown, edit: (draft: Record<string, unknown>) => void) => unknown
  readonly save: (doc: unknown) => Uint8Array
}
const nodePackage = createRequire(new URL('../../packages/node/package.json', import.meta.url))
export const automerge = nodePackage('@automerge/automerge') as AutomergeReader

/**
 * Every reading of some bytes as lower-case Latin-1 text: as they are, as UTF-16, with
 * JSON and percent escapes undone, and whatever base64, base64url (JWS parts too), hex, gzip, zlib and Automerge documents
 * with all their history hold.
 * @param depth how many codings may lie within one another
 */
export function* readingsOf(bytes: Uint8Array, depth = 3): Generator<string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  yield text.toLowerCase()
  if (depth === 0) return
  for (const inner of decodings(text)) yield* readingsOf(inner, depth - 1)
}

// A canary has 16 characters, a number at least 11: shorter runs hold neither.
const base64Run = /[A-Za-z0-9+/_-]{15,}/g
const hexRun = /[0-9A-Fa-f]{22,}/g

function* decodings(text: string): Generator<Uint8Array> {
  if (text.includes('\0')) yield* wide(latin1(text))
  if (/\\(u00[2-7]|\/)/i.test(text)) yield latin1(unescapeJson(text))
  if (/(%[2-7][0-9A-F]){3}/i.test(text)) yield latin1(unescapePercent(text))
  const parts: Buffer[] = []
  // At four offsets, so that it does not matter how much of the alphabet stands before the run.
  for (const [run] of text.matchAll(base64Run))
    for (let skip = 0; skip < 4; skip++) parts.push(Buffer.from(run.slice(skip), 'base64'), gap)
  for (const [run] of text.matchAll(hexRun))
    for (let skip = 0; skip < 2; skip++) parts.push(Buffer.from(run.slice(skip), 'hex'), gap)
  if (parts.length > 0) yield Buffer.concat(parts)
  yield* compressed(text)
  yield* documents(text)
}
const gap = Buffer.from('\n')
const latin1 = (text: string) => Buffer.from(text, 'latin1')

/** Text of UTF-16, either end first, at even and odd places. */
function* wide(bytes: Buffer): Generator<Uint8Array> {
  const even = (from: number) => bytes.subarray(from, bytes.length - ((bytes.length - from) % 2))
  for (const units of [
    even(0),
    even(1),
    Buffer.from(even(0)).swap16(),
    Buffer.from(even(1)).swap16(),
  ]) {
    const runs = units.toString('utf16le').match(/[ -~]{11,}/g)
    if (runs !== null) yield Buffer.from(runs.join('\n'))
  }
}

const unescapeJson = (text: string) =>
  text.replaceAll(/\\(u[0-9A-Fa-f]{4}|.)/g, (_, code: string) =>
    code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16) & 0xff) : code,
  )
const unescapePercent = (text: string) =>
  text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  )

/** Streams that name themselves, by their first bytes. @see RFC 1952, section 2.3; RFC 1950, section 2.2 */
function* compressed(text: string): Generator<Uint8Array> {
  for (const at of placesOf('\x1f\x8b\x08', text)) {
    const flags = text.charCodeAt(at + 3)
    let from = at + 10
    if (flags & 4) from += 2 + text.charCodeAt(from) + 256 * text.charCodeAt(from + 1)
    for (const named of [8, 16]) if (flags & named) from = text.indexOf('\0', from) + 1
    yield* inflated(text, flags & 2 ? from + 2 : from)
  }
  for (const magic of ['\x78\x01', '\x78\x9c', '\x78\xda'])
    for (const at of placesOf(magic, text)) yield* inflated(text, at + 2)
}

function* inflated(text: string, from: number): Generator<Uint8Array> {
  // Raw, so that neither a check sum, nor what follows, nor a stream that is cut off stands in the way.
  const finishFlush = constants.Z_SYNC_FLUSH
  const inner = attempt(() => inflateRawSync(latin1(text.slice(from)), { finishFlush }))
  if (inner !== null && inner.length > 0) yield inner
}

function* placesOf(part: string, text: string): Generator<number> {
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) yield at
}

const automergeMagic = '\x85\x6f\x4a\x83'

/** Automerge chunks: magic, checksum (4), type (1), length (LEB128), content. */
function* documents(text: string): Generator<Uint8Array> {
  for (const at of placesOf(automergeMagic, text)) {
    let end = at + 9
    let length = 0
    for (let shift = 0; ; shift += 7) {
      const byte = text.charCodeAt(end++)
      length += (byte & 0x7f) * 2 ** shift
      if (!(byte & 0x80)) break
    }
    const chunk = latin1(text.slice(at, end + length))
    const changes = attempt(() => automerge.getAllChanges(automerge.load(chunk))) ?? [chunk]
    const history = changes.map((change) => attempt(() => automerge.decodeChange(change)))
    yield Buffer.from(JSON.stringify(history, (_, value) => safe(value)))
  }
}

const safe = (value: unknown): unknown =>
  typeof value === 'bigint'
    ? String(value)
    : value instanceof Uint8Array
      ? Buffer.from(value).toString('latin1')
      : value

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}

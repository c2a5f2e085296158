import { fromUtf8 } from '@entente/schema'
import type { BundleFiles } from './manifest.ts'

/**
 * Lines of a file of a bundle, without empty ones, by number from 1; one at a time, for files larger than a string can be.
 * A line that is not UTF-8 is null.
 */
export function* linesOf(
  files: BundleFiles,
  path: string,
): Iterable<readonly [number: number, text: string | null]> {
  let number = 0
  for (const line of splitLines(files.pieces?.(path) ?? piecesOf(files.get(path)))) {
    number++
    if (line.length > 0) yield [number, textOf(line)]
  }
}

const piecesOf = (bytes: Uint8Array | undefined): readonly Uint8Array[] =>
  bytes === undefined ? [] : [bytes]

const LF = 0x0a

function* splitLines(pieces: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let rest: Uint8Array[] = []
  for (const piece of pieces) {
    let from = 0
    for (let to = piece.indexOf(LF); to >= 0; to = piece.indexOf(LF, from)) {
      yield joined([...rest, piece.subarray(from, to)])
      rest = []
      from = to + 1
    }
    // Pieces may be one buffer, filled again.
    if (from < piece.length) rest.push(piece.slice(from))
  }
  if (rest.length > 0) yield joined(rest)
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only !== undefined) return only
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function textOf(line: Uint8Array): string | null {
  try {
    return fromUtf8(line)
  } catch {
    return null
  }
}

/** Groups of at most `size`. */
export function* chunksOf<T>(items: Iterable<T>, size: number): Iterable<T[]> {
  let chunk: T[] = []
  for (const item of items) {
    chunk.push(item)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

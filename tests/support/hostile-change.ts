import { createHash } from 'node:crypto'
import { readChange } from '@entente/node/testing'

// Parts of Automerge changes that no Automerge would write.

/** What bytes say of themselves, however bad they are. */
export function headerOf(bytes: Uint8Array) {
  try {
    const { hash, actor, seq, startOp, ops } = readChange(bytes)
    return { hash, actor, seq, startOp, ops: ops.length }
  } catch {
    const hash = createHash('sha256').update(bytes.subarray(8)).digest('hex')
    return { hash, actor: '0'.repeat(32), seq: 1, startOp: 9, ops: 1 }
  }
}

/** The chunk with another type and body, its length, checksum and name made right again. */
export function chunkOf(type: number, body: Uint8Array): Uint8Array {
  const length: number[] = []
  for (let left = body.length; ; left = Math.floor(left / 128)) {
    if (left < 128) {
      length.push(left)
      break
    }
    length.push((left % 128) | 0x80)
  }
  const rest = Buffer.concat([Uint8Array.of(type, ...length), body])
  const checksum = createHash('sha256').update(rest).digest().subarray(0, 4)
  return new Uint8Array(Buffer.concat([Uint8Array.of(0x85, 0x6f, 0x4a, 0x83), checksum, rest]))
}
/** The body of a small change with another column; all its numbers take one byte. */
export function withColumn(body: Uint8Array, spec: number, data: Uint8Array): Uint8Array {
  // Dependency, actor, seq, startOp, time, message; then the other actors.
  const others = 1 + 32 + 1 + 16 + 4
  const count = others + 1 + 17 * (body[others] ?? 0)
  const columns = body[count] ?? 0
  const head = Buffer.from(body.subarray(0, count + 1 + 2 * columns))
  const parts: Uint8Array[] = []
  let at = head.length
  for (let i = 0; i < columns; i++) {
    const sizeAt = count + 2 + 2 * i
    const size = body[sizeAt] ?? 0
    const isIt = body[sizeAt - 1] === spec
    parts.push(isIt ? data : body.subarray(at, at + size))
    if (isIt) head[sizeAt] = data.length
    at += size
  }
  return Buffer.concat([head, ...parts])
}
/** Body of a change chunk. */
export function bodyOf(bytes: Uint8Array): Uint8Array {
  let at = 9
  while (((bytes[at] ?? 0) & 0x80) !== 0) at++
  return bytes.subarray(at + 1)
}

import { ChangeError } from './change-error.ts'

/** Reads numbers and runs of an Automerge change from front to back. Every read is bounded by the bytes that are there. */
export interface ByteReader {
  readonly left: () => number
  readonly byte: () => number
  /** Unsigned LEB128, at most 2^53 - 1 and in its shortest form. */
  readonly unsigned: () => number
  /** Signed LEB128, within ±(2^53 - 1) and in its shortest form. */
  readonly signed: () => number
  readonly bytes: (length: number) => Uint8Array
}

const malformed = (what: string) =>
  new ChangeError('JOINT_CHUNK', `the change is malformed: ${what}`)

export function createByteReader(bytes: Uint8Array): ByteReader {
  let at = 0
  const byte = (): number => {
    const value = bytes[at]
    if (value === undefined) throw malformed('it ends too early')
    at++
    return value
  }
  /** @returns seven bits a group, lowest first */
  const groups = (): number[] => {
    const found: number[] = []
    for (;;) {
      const value = byte()
      found.push(value & 0x7f)
      if (value < 0x80) return found
      // 54 bits: no number that this format needs is longer.
      if (found.length === 8) throw malformed('a number is too large')
    }
  }
  const sum = (found: readonly number[]): number =>
    found.reduceRight((value, group) => value * 128 + group, 0)
  return {
    left: () => bytes.length - at,
    byte,
    unsigned: () => {
      const found = groups()
      if (found.length > 1 && found.at(-1) === 0)
        throw malformed('a number is not in its shortest form')
      const value = sum(found)
      if (!Number.isSafeInteger(value)) throw malformed('a number is too large')
      return value
    },
    signed: () => {
      const found = groups()
      const last = found.at(-1) as number
      const before = found.at(-2)
      const isLong =
        before !== undefined && ((last === 0 && before < 0x40) || (last === 0x7f && before >= 0x40))
      if (isLong) throw malformed('a number is not in its shortest form')
      const value = sum(found) - (last >= 0x40 ? 128 ** found.length : 0)
      if (!Number.isSafeInteger(value)) throw malformed('a number is too large')
      return value
    },
    bytes: (length) => {
      if (length > bytes.length - at) throw malformed('it ends too early')
      at += length
      return bytes.subarray(at - length, at)
    },
  }
}

/**
 * Values of one run-length encoded column; null where the column has none. A run of some bytes can stand for any number of values: it is
 * refused before they are made.
 * @throws {ChangeError} `JOINT_SIZE` for more values than `most`
 */
export function readRuns<T>(
  bytes: Uint8Array,
  most: number,
  value: (reader: ByteReader) => T,
): (T | null)[] {
  const reader = createByteReader(bytes)
  const found: (T | null)[] = []
  const room = (count: number): void => {
    if (count > most - found.length)
      throw new ChangeError('JOINT_SIZE', `the change has more than ${most} operations`)
  }
  while (reader.left() > 0) {
    const count = reader.signed()
    if (count > 0) {
      room(count)
      const one = value(reader)
      for (let i = 0; i < count; i++) found.push(one)
    } else if (count < 0) {
      room(-count)
      for (let i = 0; i < -count; i++) found.push(value(reader))
    } else {
      const nulls = reader.unsigned()
      room(nulls)
      for (let i = 0; i < nulls; i++) found.push(null)
    }
  }
  return found
}

/** Values of a boolean column: runs of false and true in turn, beginning with false. @throws {ChangeError} `JOINT_SIZE` */
export function readBooleans(bytes: Uint8Array, most: number): boolean[] {
  const reader = createByteReader(bytes)
  const found: boolean[] = []
  for (let value = false; reader.left() > 0; value = !value) {
    const count = reader.unsigned()
    if (count > most - found.length)
      throw new ChangeError('JOINT_SIZE', `the change has more than ${most} operations`)
    for (let i = 0; i < count; i++) found.push(value)
  }
  return found
}

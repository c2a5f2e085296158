import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createFrameDecoder, encodeLength } from '../src/adapters/libp2p-framing.ts'

function encode(frames: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(frames.flatMap((frame) => [encodeLength(frame.length), frame]))
}

test('returns the frames that were encoded, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 }),
      fc.boolean(),
      (frames, cuts, isRead) => {
        const bytes = encode(frames)
        const decoder = createFrameDecoder(300)
        const received: Uint8Array[] = []
        const read = () => {
          for (let frame = decoder.shift(); frame !== undefined; frame = decoder.shift()) {
            received.push(frame)
          }
        }
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1
          decoder.push(bytes.subarray(at, at + size))
          at += size
          if (isRead) read()
        }
        read()
        expect(received.map((frame) => [...frame])).toEqual(frames.map((frame) => [...frame]))
        expect(decoder.bufferedBytes()).toBe(0)
      },
    ),
  )
})

test('cuts long frames whatever the pieces in which they came', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 12 }),
      fc.array(fc.constantFrom(1, 3, 4_095, 4_096, 10_000, 70_000), { minLength: 1, maxLength: 9 }),
      fc.boolean(),
      (sizes, cuts, isRead) => {
        const frames = sizes.map((size, i) =>
          new Uint8Array(size).map((_, at) => (at * 7 + i) % 251),
        )
        const bytes = encode(frames)
        const decoder = createFrameDecoder(40_000)
        const received: Uint8Array[] = []
        const read = () => {
          for (let frame = decoder.shift(); frame !== undefined; frame = decoder.shift())
            received.push(frame)
        }
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = cuts[turn % cuts.length] ?? 1
          decoder.push(bytes.subarray(at, at + size))
          at += size
          if (isRead) read()
        }
        read()
        expect(received.length).toBe(frames.length)
        expect(
          received.every((frame, i) => Buffer.compare(frame, frames[i] as Uint8Array) === 0),
        ).toBe(true)
        expect(decoder.bufferedBytes()).toBe(0)
      },
    ),
    { numRuns: 50 },
  )
})

test('keeps a frame whole when it outgrows the buffer behind an unread one', () => {
  const frames = [60_000, 60_000, 500_000, 1].map((size) => new Uint8Array(size).fill(size % 255))
  const decoder = createFrameDecoder(500_000)
  decoder.push(encode(frames))
  expect(frames.map(() => decoder.shift())).toEqual(frames)
  expect(decoder.shift()).toBeUndefined()
})

test('refuses a frame by its announced length, before any of it has arrived', () => {
  const decoder = createFrameDecoder(1_000)
  decoder.push(encodeLength(1_001).subarray(0, 3))
  expect([decoder.ready(), decoder.shift()]).toEqual([false, undefined])
  decoder.push(encodeLength(1_001).subarray(3))
  expect(decoder.ready()).toBe(true)
  expect(() => decoder.shift()).toThrow(expect.objectContaining({ code: 'FRAME_TOO_LARGE' }))
})

test('a frame does not share memory with the bytes pushed', () => {
  const decoder = createFrameDecoder(10)
  const bytes = encode([Uint8Array.of(1, 2)])
  decoder.push(bytes)
  bytes.fill(9)
  const frame = decoder.shift()
  decoder.push(encode([Uint8Array.of(7, 7)]))
  expect(frame).toEqual(Uint8Array.of(1, 2))
})

test('keeps no buffer alive of which it has cut little', async () => {
  const decoder = createFrameDecoder(8_000_000)
  decoder.push(encodeLength(8_000_000))
  const cutFrom = Array.from({ length: 100 }, () => {
    const whole = new Uint8Array(65_519)
    decoder.push(whole.subarray(0, 4_096))
    decoder.push(whole.subarray(0, 1))
    return new WeakRef(whole.buffer)
  })
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  // What a job has made stays until it ends.
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  expect(cutFrom.filter((each) => each.deref() !== undefined)).toEqual([])
  expect(decoder.bufferedBytes()).toBe(4 + 100 * 4_097)
})

import { utf8 } from '@entente/schema'
import { expect, test } from 'vitest'
import { createMemoryChannelPair } from '../src/adapters/memory-channel.ts'
import { isEvidencePath, receiveEvidence, sendEvidence } from '../src/network/audit-stream.ts'

const limits = { maxFrameBytes: 1 << 20, highWaterBytes: 1 << 22 }
const pair = () => createMemoryChannelPair({ peerId: 'near', limits }, { peerId: 'far', limits })

type File = readonly [path: string, bytes: Uint8Array]

async function take(files: readonly File[], maxBytes?: number): Promise<readonly File[]> {
  const { near, far } = pair()
  await sendEvidence(near, files)
  await near.close()
  return Array.fromAsync(receiveEvidence(far, maxBytes))
}

const manifest: File = ['manifest.json', utf8('{}')]

test('files arrive whole and in order, large and empty ones too', async () => {
  const files: File[] = [
    ['log/tile/entries/000.p/3', new Uint8Array(200_000).fill(7)],
    ['held.jsonl', new Uint8Array()],
    manifest,
  ]
  const taken = await take(files)
  expect(taken.map(([path, { length }]) => [path, length])).toEqual(
    files.map(([path, { length }]) => [path, length]),
  )
  expect(Buffer.from(taken[0]?.[1] ?? []).equals(Buffer.alloc(200_000, 7))).toBe(true)
})

test.each([
  '../manifest.json',
  '/etc/passwd',
  'log/tile/../../x',
  'log/tile/entries/000/../../../x',
  'openings.jsonl',
  'log\\checkpoint',
  'log/checkpoint/',
  '',
])('a partner may not choose to write %j', async (path) => {
  expect(isEvidencePath(path)).toBe(false)
  await expect(take([[path, utf8('x')], manifest])).rejects.toThrow(RangeError)
})

test.each<[fault: string, files: readonly File[], maxBytes?: number]>([
  ['ends before the manifest', [['held.jsonl', utf8('x')]]],
  ['sends a file twice', [['held.jsonl', utf8('x')], ['held.jsonl', utf8('y')], manifest]],
  ['is larger than allowed', [['held.jsonl', new Uint8Array(100)], manifest], 50],
])('evidence that %s is refused', async (_, files, maxBytes) => {
  await expect(take(files, maxBytes)).rejects.toThrow(RangeError)
})

test('no more is sent than may be taken', async () => {
  const { near } = pair()
  await expect(sendEvidence(near, [['held.jsonl', new Uint8Array(100)]], 50)).rejects.toThrow(
    RangeError,
  )
})

test('a piece that is larger than its file was said to be is refused', async () => {
  const { near, far } = pair()
  await near.send(utf8(JSON.stringify({ path: 'held.jsonl', size: 2 })))
  await near.send(utf8('three'))
  await expect(Array.fromAsync(receiveEvidence(far))).rejects.toThrow(RangeError)
})

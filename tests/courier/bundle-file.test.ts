import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { type FileHandle, open, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadNodeFolder } from '@entente/node'
import {
  createContentWriter,
  MAGIC,
  openBundle,
  openDatabase,
  paddedSize,
  readContent,
  sealHeader,
  TRAILER_BYTES,
  tables,
} from '@entente/node/testing'
import { type CourierHeader, type Nation, toBase64url } from '@entente/schema'
import { afterAll, describe, expect, test } from 'vitest'
import { createFederation } from '../support/federation.ts'
import { depsOf } from '../support/receiver.ts'

const federation = createFederation(['GBR', 'USA'])
const stranger = createFederation(['USA'])
const folder = mkdtempSync(join(tmpdir(), 'entente-courier-'))
afterAll(async () => {
  await federation[Symbol.asyncDispose]()
  await stranger[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})
const nowMs = Date.UTC(2026, 9, 1)
const keysOf = (nation: Nation, of = federation) => loadNodeFolder(of.folder(nation)).keys
const gbr = depsOf(federation.folder('GBR'), openDatabase(':memory:', tables), () => nowMs)
const usa = gbr.partners.get('USA')
if (usa === undefined) throw new Error('no partner')
const KEY = new Uint8Array(32).fill(7)

let made = 0
/** A bundle of the USA for the GBR that holds these items. @returns its path */
async function bundleOf(
  items: readonly Uint8Array[],
  change: Partial<CourierHeader> = {},
  sign = keysOf('USA').statement.sign,
): Promise<string> {
  const path = join(folder, `bundle-${made++}`)
  const to = createWriteStream(path)
  const write = (bytes: Uint8Array) =>
    new Promise<void>((resolve) => void to.write(bytes, () => resolve()))
  await write(MAGIC)
  const content = createContentWriter(KEY, write)
  for (const item of items) await content.add(item)
  const end = await content.end()
  const header: CourierHeader = {
    ...{ from: 'USA', origin: usa?.log.origin ?? '', to: 'GBR', node: gbr.origin },
    ...{ number: 1, at: nowMs, expires: nowMs + 1, taken: 0, base: null },
    ...{ key: toBase64url(KEY), ...end, ...change },
  }
  await write(sealHeader({ signStatement: sign }, gbr.self, header))
  await new Promise<void>((resolve) => to.end(resolve))
  return path
}
const opened = (path: string) => openBundle(gbr, keysOf('GBR').encryption, path)
async function codeOf(path: string): Promise<string | null> {
  try {
    await using bundle = await opened(path)
    for await (const _ of readContent(bundle.content, bundle.key));
    return null
  } catch (error) {
    if ((error as Error).name !== 'CourierError') throw error
    return (error as { code: string }).code
  }
}
const flip = async (file: FileHandle, at: number, bit = 1): Promise<void> => {
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, at)
  byte[0] = (byte[0] ?? 0) ^ bit
  await file.write(byte, 0, 1, at)
}

test('items of any size come back as they were, and the file tells only a class of sizes', async () => {
  const items = [0, 1, 65_531, 65_532, 65_536, 200_000, 5].map((n) => new Uint8Array(n + 1).fill(n))
  await using bundle = await opened(await bundleOf(items))
  const read: Uint8Array[] = []
  for await (const item of readContent(bundle.content, bundle.key)) read.push(item)
  expect(read).toEqual(items)
  expect(bundle.header).toMatchObject({ from: 'USA', to: 'GBR', number: 1 })
  expect(bundle.partner.nation).toBe('USA')

  const sizeOf = async (n: number) => {
    await using one = await opened(await bundleOf([new Uint8Array(n)]))
    return one.content.size
  }
  expect(await sizeOf(1)).toBe(await sizeOf(60_000))
  expect(await sizeOf(903_000)).toBe(await sizeOf(912_000))
})

test('sizes are padded by an eighth at most, and few stay apart', () => {
  const sizes = Array.from({ length: 2_000 }, (_, i) => 65_536 + i * 7_919)
  for (const size of sizes) {
    expect(paddedSize(size)).toBeGreaterThanOrEqual(size)
    expect(paddedSize(size)).toBeLessThanOrEqual(size * 1.125)
    expect(paddedSize(paddedSize(size))).toBe(paddedSize(size))
  }
  expect(new Set(sizes.map(paddedSize)).size).toBeLessThan(250)
})

test('whatever one byte of a bundle is changed, it is refused', async () => {
  const path = await bundleOf([new Uint8Array(40_000).fill(1)])
  expect(await codeOf(path)).toBeNull()
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  const trailer = size - TRAILER_BYTES
  const spread = (from: number, to: number, n: number) =>
    Array.from({ length: n }, (_, i) => from + Math.floor(((to - from - 1) * i) / (n - 1)))
  const places = [
    ...spread(0, MAGIC.length, MAGIC.length),
    ...spread(MAGIC.length, trailer, 15),
    ...spread(trailer, trailer + 1_800, 90),
    ...spread(trailer + 1_800, size, 15),
  ]
  const codes = new Set<string>()
  for (const [i, at] of places.entries()) {
    const bit = 1 << (i % 7)
    await flip(file, at, bit)
    codes.add(`${await codeOf(path)}`)
    await flip(file, at, bit)
  }
  expect(await codeOf(path)).toBeNull()
  // Which of them depends on what the changed character is in its place; it is never taken.
  const refusals = ['COURIER_DAMAGED', 'COURIER_FORM', 'COURIER_RECIPIENT']
  expect([...codes].filter((code) => !refusals.includes(code))).toEqual([])
  expect([...codes]).toContain('COURIER_DAMAGED')
})

test('a bundle that is cut off anywhere, or goes on, is refused', async () => {
  const path = await bundleOf([new Uint8Array(40_000).fill(1)])
  await using file = await open(path, 'r+')
  const { size } = await file.stat()
  await file.write(Buffer.from('\n'), 0, 1, size)
  expect(await codeOf(path)).toBe('COURIER_FORM')
  for (const left of [size - 1, size - TRAILER_BYTES, 60_000, TRAILER_BYTES + 5, 20, 1, 0]) {
    await truncate(path, left)
    expect(await codeOf(path)).toBe('COURIER_FORM')
  }
})

describe('a bundle is refused', () => {
  const other = keysOf('GBR').statement.sign
  test.each<[what: string, change: Partial<CourierHeader>, code: string, sign?: typeof other]>([
    ['of a nation that the roster does not name', { from: 'NOR' }, 'COURIER_STRANGER'],
    ['signed by another key', {}, 'COURIER_SIGNATURE', other],
    ['of another log of its sender', { origin: 'usa.example/release-log/9' }, 'COURIER_STRANGER'],
    ['signed for another nation', { to: 'CAN' }, 'COURIER_RECIPIENT'],
    ['signed for another node of this nation', { node: 'gbr.example/2' }, 'COURIER_RECIPIENT'],
    ['whose content is another', { digest: 'A'.repeat(43) }, 'COURIER_DAMAGED'],
    ['whose size is another', { size: 65_553 }, 'COURIER_DAMAGED'],
    ['whose key is another', { key: 'A'.repeat(43) }, 'COURIER_DAMAGED'],
  ])('%s', async (_, change, code, sign) => {
    expect(await codeOf(await bundleOf([new Uint8Array(9)], change, sign))).toBe(code)
  })

  test('that is not there', async () => {
    await expect(opened(join(folder, 'nothing'))).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
  })
})

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { openLog } from './open-log.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-append-'))
afterAll(() => rmSync(base, { recursive: true }))

const leaf = (jws: string) =>
  ({ kind: 'pad', jws, salt: new Uint8Array(32), atMs: 1, feed: null, seq: null }) as const

test('case 16: two processes that write one log at once never share an index', async () => {
  const path = join(base, 'two.db')
  const { log, findings } = openLog(path)
  const program = fileURLToPath(new URL('append-process.ts', import.meta.url))
  const writers = [1, 2].map(() => {
    const child = spawn(process.execPath, [program, path, '200'])
    child.stderr.pipe(process.stderr)
    return { child, said: createInterface(child.stdout)[Symbol.asyncIterator]() }
  })
  for (const word of ['ready', 'begun']) {
    for (const { said } of writers) expect(await said.next()).toMatchObject({ value: word })
    for (const { child } of writers) child.stdin.write('\n')
  }
  const indices = await Promise.all(
    writers.map(async ({ said }) => JSON.parse((await said.next()).value ?? '[]') as number[]),
  )
  // Both were at work at once, or the test says nothing.
  const [a = [], b = []] = indices
  expect(Math.max(...a)).toBeGreaterThan(Math.min(...b))
  expect(Math.max(...b)).toBeGreaterThan(Math.min(...a))
  expect(indices.flat().sort((x, y) => x - y)).toEqual(Array.from({ length: 400 }, (_, i) => i))
  log.noteHead()
  expect(await findings()).toEqual([])
})

test('case 16: a head that another writer has moved is not moved again', () => {
  const path = join(base, 'moved.db')
  const [one, other] = [openLog(path), openLog(path)]
  one.db.transact(() => one.log.append([leaf('a')]))
  // As if the head had been read before the other wrote: its entry is in the way.
  one.db.exec('UPDATE head SET size = 0')
  expect(() => other.db.transact(() => other.log.append([leaf('b')]))).toThrow()
  expect(other.log.statement(0)?.jws).toBe('a')
})

test('case 26: a disk that is full at an append leaves the log as it was, and it goes on when there is room', async () => {
  const { db, log, findings } = openLog(join(base, 'full.db'))
  const append = () => db.transact(() => log.append([leaf('x'.repeat(20_000))]))
  append()
  log.noteHead()
  const before = log.head()
  const pages = Number(db.prepare('PRAGMA page_count').get()?.['page_count'])
  db.exec(`PRAGMA max_page_count = ${pages + 2}`)
  expect(append).toThrow(/full/)
  expect(log.head()).toEqual(before)
  expect(log.checkpointNote(2)).toBeNull()
  expect(await findings()).toEqual([])
  db.exec('PRAGMA max_page_count = 1000000')
  expect(append()).toBe(1)
  log.noteHead()
  expect(await findings()).toEqual([])
})

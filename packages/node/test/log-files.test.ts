import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { signJws, statementType } from '@entente/schema'
import { parseTilePath } from '@entente/tlog'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { exportLog } from '../src/log/export-log.ts'
import { logFile, logFiles } from '../src/log/log-files.ts'
import { serveLog } from '../src/log/serve-log.ts'
import { openLog, origin, sha256 } from './open-log.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-log-'))
afterAll(() => rmSync(base, { recursive: true }))

let count = 0
/** A log that grows by groups of leaves, each under a checkpoint of its own. */
function grow(...groups: readonly number[]) {
  const { db, log, headFile, findings } = openLog(join(base, `${++count}.db`))
  const add = (size: number) => {
    const leaves = Array.from({ length: size }, (_, i) => ({
      kind: 'pad' as const,
      jws: `statement ${log.head().size + i}`,
      salt: randomBytes(32),
      atMs: 1,
      feed: null,
      seq: null,
    }))
    db.transact(() => log.append(leaves))
    log.noteHead()
  }
  for (const size of groups) add(size)
  const published = () => ({ size: log.head().size, note: log.head().note ?? '' })
  return { db, log, add, headFile, published, findings }
}

/** MTH of RFC 9162, section 2.1.1, of leaf hashes. */
function treeHash(hashes: readonly Uint8Array[]): Uint8Array {
  const [only] = hashes
  if (hashes.length === 1 && only !== undefined) return only
  let split = 1
  while (split * 2 < hashes.length) split *= 2
  return sha256(Uint8Array.of(1), treeHash(hashes.slice(0, split)), treeHash(hashes.slice(split)))
}

/** Reads a folder of tiles as a stranger would, from the page of the format, and compares every hash. */
function checkFolder(folder: string, size: number): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  const leaves: Uint8Array[] = []
  const bundles = Array.from({ length: Math.ceil(size / 256) }, (_, i) => {
    const width = Math.min(256, size - 256 * i)
    return `tile/entries/${String(i).padStart(3, '0')}${width < 256 ? `.p/${width}` : ''}`
  })
  for (const bundle of bundles) {
    const bytes = readFileSync(join(folder, bundle))
    for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at))
      leaves.push(sha256(Uint8Array.of(0), bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at))))
  }
  expect(leaves).toHaveLength(size)
  const [name, said, root] = readFileSync(join(folder, 'checkpoint'), 'utf8').split('\n')
  expect([name, said]).toEqual([origin, String(size)])
  expect(root).toBe(Buffer.from(treeHash(leaves)).toString('base64'))
  for (const path of files.filter((each) => /^tile\/\d/.test(each))) {
    const { level, index, width } = parseTilePath(path)
    const span = 256 ** Number(level)
    const hashes = Array.from({ length: width }, (_, i) => {
      const from = (index * 256 + i) * span
      return treeHash(leaves.slice(from, from + span))
    })
    expect(readFileSync(join(folder, path)).equals(Buffer.concat(hashes)), path).toBe(true)
  }
}

describe('a log as files', () => {
  test.each([1, 2, 255, 256, 257, 512, 700])('of size %i is what its format says', (size) => {
    const { log, published } = grow(size)
    const folder = join(base, `of-${size}`)
    const { files } = exportLog(log, published(), folder)
    checkFolder(folder, size)
    expect(files).toBe([...logFiles(log, published())].length)
  })

  test('is brought up to date by what is new alone, and the same as one written at once', () => {
    const { log, add, published } = grow(300, 200)
    const folder = join(base, 'grown')
    exportLog(log, published(), folder)
    const full = join(folder, 'tile/entries/000')
    const before = readFileSync(full)
    writeFileSync(full, 'a mark')
    add(300)
    const { since, size } = exportLog(log, published(), folder)
    expect({ since, size }).toEqual({ since: 500, size: 800 })
    expect(readFileSync(full, 'utf8')).toBe('a mark')
    writeFileSync(full, before)
    checkFolder(folder, 800)
    expect(exportLog(log, published(), folder)).toEqual({ since: 800, size: 800, files: 1 })
  })

  test('goes on after an export that was cut off, and leaves other folders alone', () => {
    const { log, published } = grow(300)
    const cut = join(base, 'cut')
    mkdirSync(join(cut, 'tile'), { recursive: true })
    exportLog(log, published(), cut)
    checkFolder(cut, 300)
    const refused = (folder: string) =>
      expect(() => exportLog(log, published(), folder)).toThrow(
        expect.objectContaining({ code: 'FOLDER_NOT_EMPTY' }),
      )
    const other = join(base, 'other')
    mkdirSync(other)
    writeFileSync(join(other, 'letter.txt'), 'dear')
    refused(other)
    writeFileSync(join(other, 'checkpoint'), 'not one')
    refused(other)
    const fork = grow(300)
    const forked = join(base, 'forked')
    exportLog(fork.log, fork.published(), forked)
    refused(forked)
    expect(() => exportLog(log, { size: 0, note: '' }, join(base, 'new'))).toThrow(
      expect.objectContaining({ code: 'NOT_SETTLED' }),
    )
  })

  test('has every file that was ever one of it, and no other', () => {
    const { log, published } = grow(300, 400)
    const at = (path: string) => logFile(log, published(), path)
    for (const [path, bytes] of logFiles(log, published())) expect(at(path)).toEqual(bytes)
    expect(at('tile/0/001.p/44')).toHaveLength(32 * 44)
    expect(at('tile/1/000.p/1')).toHaveLength(32)
    for (const path of [
      '',
      'checkpoint/',
      '../entente.db',
      'tile/0/002.p/189',
      'tile/0/003.p/1',
      'tile/1/000.p/3',
      'tile/1/000',
      'tile/2/000.p/1',
      'tile/0/001.p/0',
      'tile/0/1',
      'tile/entries/002',
      'tile/64/000',
    ])
      expect(at(path), path).toBeNull()
  })
})

describe('a log that is derived again', () => {
  let grown: ReturnType<typeof grow>
  beforeEach(() => {
    grown = grow(1, 5, 250, 1, 43)
  })
  const damage = (sql: string) => {
    for (const row of grown.db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'")
      .all())
      grown.db.exec(`DROP TRIGGER ${row['name']}`)
    grown.db.exec(sql)
  }

  test('fits, at any size of its groups', async () => {
    expect(await grown.findings()).toEqual([])
    expect(await grow(5000).findings()).toEqual([])
    expect(await grow().findings()).toMatchObject([{ code: 'HEAD_FILE' }])
  })

  test('is no other for growing meanwhile', async () => {
    const { log, add, findings } = grow(3000)
    const checking = findings()
    for (let i = 0; i < 3; i++) {
      await new Promise(setImmediate)
      add(7)
    }
    expect(await checking).toEqual([])
    expect(log.head().size).toBe(3021)
    expect(await findings()).toEqual([])
  })

  test('a statement that is gone is damage, unless a leaf declares it erased', async () => {
    const { db, log, findings } = grow(20)
    db.exec('UPDATE statement SET jws = NULL, salt = NULL WHERE idx = 7')
    expect(await findings()).toMatchObject([{ code: 'STATEMENT_MISSING', index: 7 }])
    const said = { origin, at: 1, leaves: [7], ground: 'a law', authority: 'a court' }
    const jws = signJws(statementType('erase'), said, () => new Uint8Array(64))
    const salt = new Uint8Array(32)
    db.transact(() => log.append([{ kind: 'erase', jws, salt, atMs: 1, feed: null, seq: null }]))
    log.noteHead()
    expect(await findings()).toEqual([])
  })

  test.each<[string, string, readonly string[]]>([
    [
      'a bit of an entry',
      `UPDATE entry SET entry = x'01${'00'.repeat(32)}' WHERE idx = 7`,
      ['STATEMENT_MISMATCH', 'NODE_MISMATCH', 'CHECKPOINT_MISMATCH', 'HEAD_MISMATCH'],
    ],
    [
      'the form of an entry',
      "UPDATE entry SET entry = x'02' WHERE idx = 7",
      ['ENTRY_FORM', 'STATEMENT_MISMATCH', 'NODE_MISMATCH', 'CHECKPOINT_MISMATCH', 'HEAD_MISMATCH'],
    ],
    ['an entry', 'DELETE FROM entry WHERE idx = 7', ['ENTRY_MISSING']],
    ['a statement', "UPDATE statement SET jws = 'other' WHERE idx = 7", ['STATEMENT_MISMATCH']],
    ['a salt', 'UPDATE statement SET salt = zeroblob(32) WHERE idx = 7', ['STATEMENT_MISMATCH']],
    [
      'a hash of a statement',
      "UPDATE statement SET hash = 'x' WHERE idx = 7",
      ['STATEMENT_MISMATCH'],
    ],
    ['a row of a statement', 'DELETE FROM statement WHERE idx = 7', ['STATEMENT_MISSING']],
    [
      'a node',
      'UPDATE node SET hash = zeroblob(32) WHERE level = 2 AND idx = 3',
      ['NODE_MISMATCH'],
    ],
    ['a missing node', 'DELETE FROM node WHERE level = 8', ['NODE_MISSING']],
    ['a node too many', 'INSERT INTO node VALUES (9, 0, zeroblob(32))', ['NODE_EXTRA']],
    ['the root of the head', 'UPDATE head SET root = zeroblob(32)', ['HEAD_MISMATCH']],
    [
      'the size of the head',
      'UPDATE head SET size = 257',
      ['HEAD_MISMATCH', 'NODE_EXTRA', 'HEAD_FILE'],
    ],
    [
      'a checkpoint',
      "UPDATE checkpoint SET note = replace(note, 'release-log/1', 'release-log/2') WHERE size = 256",
      ['CHECKPOINT_MISMATCH'],
    ],
    [
      'a checkpoint of another size',
      'UPDATE checkpoint SET note = (SELECT note FROM checkpoint WHERE size = 6) WHERE size = 256',
      ['CHECKPOINT_MISMATCH'],
    ],
  ])('case 1: %s that was changed is found', async (_, sql, codes) => {
    damage(sql)
    expect([...new Set((await grown.findings()).map(({ code }) => code))]).toEqual(codes)
  })

  test('case 3: an inner node in the place of an entry is found by its length', async () => {
    damage(
      'UPDATE entry SET entry = (SELECT CAST(a.hash || b.hash AS BLOB) FROM node AS a, node AS b WHERE a.level = 0 AND b.level = 0 AND a.idx = 6 AND b.idx = 7) WHERE idx = 7',
    )
    expect((await grown.findings()).map(({ code }) => code)).toContain('ENTRY_FORM')
  })

  test('a database that is older than the file beside it is found', async () => {
    grown.headFile.write(301)
    expect(await grown.findings()).toMatchObject([{ code: 'HEAD_FILE' }])
  })
})

describe('a log over HTTP', () => {
  test('is read, and only read', async () => {
    const { log, published } = grow(300)
    const read = async (path: string) => {
      if (path === 'tile/9/009') throw new Error('the node is gone')
      return logFile(log, published(), path)
    }
    await using server = await serveLog(read, { host: '127.0.0.1', port: 0 })
    const get = (path: string, method = 'GET') => fetch(new URL(path, server.url), { method })
    const checkpoint = await get('checkpoint')
    expect(await checkpoint.text()).toBe(published().note)
    expect(checkpoint.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(checkpoint.headers.get('cache-control')).toBe('no-cache')
    for (const [path, bytes] of logFiles(log, published())) {
      const answer = await get(path)
      expect(new Uint8Array(await answer.arrayBuffer())).toEqual(new Uint8Array(bytes))
      if (path !== 'checkpoint')
        expect(answer.headers.get('content-type')).toBe('application/octet-stream')
    }
    const head = await get('tile/0/000', 'HEAD')
    expect([head.headers.get('content-length'), await head.text()]).toEqual(['8192', ''])
    expect((await get('tile/0/009')).status).toBe(404)
    expect((await get('%2e%2e/entente.db')).status).toBe(404)
    expect((await get('checkpoint?x=1')).status).toBe(404)
    expect((await get('tile/9/009')).status).toBe(503)
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await get('checkpoint', method)
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
    }
  })
})

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { assertDurable, openDatabase } from '../src/adapters/sqlite-database.ts'
import { createHeadFile } from '../src/log/head-file.ts'
import { logTables } from '../src/log/log-tables.ts'

const folder = mkdtempSync(join(tmpdir(), 'entente-db-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('case 25: a database that would not survive a power cut is refused', () => {
  const db = new DatabaseSync(join(folder, 'normal.db'))
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
  expect(() => assertDurable(db)).toThrow(expect.objectContaining({ code: 'DATABASE_NOT_DURABLE' }))
  db.exec('PRAGMA synchronous = FULL')
  expect(() => assertDurable(db)).not.toThrow()
  db.exec('PRAGMA journal_mode = DELETE')
  expect(() => assertDurable(db)).toThrow(expect.objectContaining({ code: 'DATABASE_NOT_DURABLE' }))
  db.close()
})

test('the database file is private, deletes overwrite, and a failed transaction leaves nothing', () => {
  using db = openDatabase(join(folder, 'node.db'), ['CREATE TABLE IF NOT EXISTS t(x TEXT) STRICT'])
  expect(statSync(db.path).mode & 0o777).toBe(0o600)
  expect(db.prepare('PRAGMA secure_delete').get()).toEqual({ secure_delete: 1 })
  expect(() =>
    db.transact(() => {
      db.prepare('INSERT INTO t(x) VALUES (?)').run('half')
      throw new Error('stop')
    }),
  ).toThrow('stop')
  expect(db.prepare('SELECT COUNT(*) AS n FROM t').get()).toEqual({ n: 0 })
})

test.each([
  ['an entry', "UPDATE entry SET entry = x'00'"],
  ['an entry', 'DELETE FROM entry'],
  ['a subtree', "UPDATE node SET hash = x'00'"],
  ['a subtree', 'DELETE FROM node'],
  ['a statement', "UPDATE statement SET jws = 'other'"],
  ['a statement’s place', 'UPDATE statement SET idx = 7'],
  ['a statement', 'DELETE FROM statement'],
  ['a signed checkpoint', "UPDATE checkpoint SET note = 'other'"],
  ['a signed checkpoint', 'DELETE FROM checkpoint'],
])('no code can change or remove %s: %s', (_, sql) => {
  using db = openDatabase(':memory:', [logTables])
  db.exec(`INSERT INTO entry VALUES (0, x'01'); INSERT INTO node VALUES (0, 0, x'02');
    INSERT INTO statement VALUES (0, 'genesis', 'jws', x'03', 'hash', 1, NULL, NULL);
    INSERT INTO checkpoint(size, note) VALUES (1, 'note')`)
  expect(() => db.exec(sql)).toThrow(/append-only|never/)
})

test('the head file says the last size written, and nothing when it is not what we wrote', () => {
  const file = createHeadFile(join(folder, 'log-head'))
  expect(file.read()).toBeNull()
  file.write(41)
  file.write(42)
  expect(file.read()).toBe(42)
})

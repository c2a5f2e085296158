import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { makeFolder } from '../src/make-folder.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-folder-'))
afterAll(() => rmSync(base, { recursive: true }))

test('a folder is made with those above it, and again', () => {
  const path = join(base, 'a', 'b', 'c')
  makeFolder(path)
  makeFolder(path)
  expect(existsSync(path)).toBe(true)
})

test('a place that takes no folders is refused, where Node.js would try for ever', {
  skip: process.platform !== 'linux',
}, () => {
  expect(() => makeFolder('/proc/entente/log')).toThrow('ENOENT')
})

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { initNode, makeRecoveryKey, readConfig } from '../src/setup/index.ts'
import { readRecoveryKey } from '../src/setup/key-file.ts'

const base = mkdtempSync(join(tmpdir(), 'entente-recovery-'))
afterAll(() => rmSync(base, { recursive: true }))
const folder = join(base, 'node')
initNode({
  folder,
  keysDir: join(base, 'keys'),
  nation: 'NOR',
  organisation: 'test',
  listen: '127.0.0.1:0',
})
const place = (keyPath: string, backupFolder: string) => ({
  folder,
  keyPath: join(base, keyPath),
  backupFolder: join(base, backupFolder),
})

test.each([
  ['node/recovery.pem', 'backup'],
  ['node/keys/../recovery.pem', 'backup'],
  ['recovery.pem', 'node/backup'],
  ['recovery.pem', 'node'],
])('neither key %s nor copies %s lie in the node’s folder', (key, backup) => {
  expect(() => makeRecoveryKey(place(key, backup))).toThrow(
    expect.objectContaining({ code: 'PLACE_INSIDE' }),
  )
  expect(readConfig(join(folder, 'config.json')).backup).toBe(undefined)
})

test('the node learns the public half alone, once', () => {
  const key = makeRecoveryKey(place('away/recovery.pem', 'backup'))
  const path = join(base, 'away/recovery.pem')
  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(readConfig(join(folder, 'config.json')).backup).toEqual({
    folder: join(base, 'backup'),
    key,
  })
  const { d, x } = readRecoveryKey(path).export({ format: 'jwk' })
  expect(x).toBe(key)
  expect(readFileSync(join(folder, 'config.json'), 'utf8')).not.toContain(d)
  expect(() => makeRecoveryKey(place('other.pem', 'other'))).toThrow(
    expect.objectContaining({ code: 'BACKUP_SET' }),
  )
})

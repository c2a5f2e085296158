import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { createVerifierKey, KEY_TYPE } from '@entente/tlog'
import { verifyEd25519 } from '../src/adapters/ed25519.ts'
import { type Database, openDatabase } from '../src/adapters/sqlite-database.ts'
import { checkLog } from '../src/log/check-log.ts'
import type { Padding } from '../src/log/checkpoint-group.ts'
import { createHeadFile } from '../src/log/head-file.ts'
import { logTables } from '../src/log/log-tables.ts'
import { createReleaseLog } from '../src/log/release-log.ts'

export const origin = 'nor.example/release-log/1'

/** A key that every process of a test has. */
const privateKey = createPrivateKey({
  key: Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex'),
  format: 'der',
  type: 'pkcs8',
})
const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
const key = createVerifierKey(origin, KEY_TYPE.ed25519, Buffer.from(x, 'base64url'))
const signer = { key, sign: (message: Uint8Array) => sign(null, message, privateKey) }

export const sha256 = (...parts: readonly Uint8Array[]) =>
  new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())

/**
 * The release log of a database by itself, and its check.
 * @param onStatement told before each SQL statement that the log runs
 */
export function openLog(path: string, padding?: Padding, onStatement: () => void = () => {}) {
  const opened = openDatabase(path, [logTables])
  const db: Database = {
    ...opened,
    prepare: (sql) => {
      onStatement()
      return opened.prepare(sql)
    },
  }
  const headFile = createHeadFile(`${path}.head`)
  const hash = (data: Uint8Array) => sha256(data)
  const clock = { nowMs: () => 1 } as never
  const log = createReleaseLog({
    db,
    clock,
    headFile,
    origin,
    signer,
    hash,
    ...(padding && { padding }),
  })
  const findings = () =>
    Array.fromAsync(checkLog({ db, origin, key, headFile, hash, verify: verifyEd25519 }))
  return { db, log, headFile, findings }
}

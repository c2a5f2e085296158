import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { loadOwn } from '@entente/node'
import {
  createHeadFile,
  createReleaseLog,
  migrations,
  openDatabase,
  type ReleaseLog,
  tables,
} from '@entente/node/testing'
import { nowMs } from '../child.ts'
import { openDurable, temporaryFolder } from '../durable.ts'
import { createFederation } from '../federation.ts'
import { type Measured, quantile, row } from '../report.ts'
import type { Size } from '../size.ts'

/** Leaves that one checkpoint covers when many are sealed at once. */
const batchSize = 256

/** As long as the statement of a small release. */
const statement = 'x'.repeat(700)

/**
 * The release log alone: one statement under a checkpoint of its own, many under one, and one inclusion proof, each
 * beside the durable writes or the reads that no such log can go without.
 */
export async function measureLog(size: Size, talk: (words: string) => void): Promise<Measured> {
  using federation = await createFederation()
  using folder = temporaryFolder('log')
  using db = openDatabase(join(folder.path, 'log.sqlite'), tables, migrations)
  const headFile = createHeadFile(join(folder.path, 'log-head'))
  const { logSigner } = loadOwn(federation.sender)
  const log = createReleaseLog({
    db,
    clock: { nowMs: () => Date.now() } as never,
    headFile,
    origin: logSigner.key.name,
    signer: logSigner,
    hash: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
  })
  const append = (count: number): number => {
    const first = log.head().size
    const leaves = Array.from({ length: count }, (_, i) => leafOf(first + i))
    const startMs = nowMs()
    db.transact(() => log.append(leaves))
    log.noteHead()
    return nowMs() - startMs
  }
  using bare = createBareStore(join(folder.path, 'bare.sqlite'))

  talk(`log-lone: ${size.logLone} statements, each under a checkpoint`)
  const lone = alternate(
    size.logLone,
    () => append(1),
    () => bare.commit(1),
  )
  talk(`log-bulk: ${size.logBatches} batches of ${batchSize}`)
  const bulk = alternate(
    size.logBatches,
    () => append(batchSize),
    () => bare.commit(batchSize),
  )
  talk(`prove: ${size.proofs} proofs in a log of ${log.head().size}`)
  const proofs = alternate(
    size.proofs,
    () => prove(log),
    () => bare.read(proofLength(log)),
  )
  return {
    figures: {
      'log lone statements/s': 1_000 / lone.oursMs,
      'log lone floor commits/s': 1_000 / lone.floorMs,
      'log bulk leaves/s': (batchSize * 1_000) / bulk.oursMs,
      'log bulk floor rows/s': (batchSize * 1_000) / bulk.floorMs,
      'log leaves': log.head().size,
      'prove p50 µs': proofs.oursMs * 1_000,
      'prove floor p50 µs': proofs.floorMs * 1_000,
    },
    rows: [
      row('log-lone', lone.oursMs / lone.floorMs),
      row('log-bulk', bulk.oursMs / bulk.floorMs),
      row('prove', proofs.oursMs / proofs.floorMs),
    ],
  }
}

const leafOf = (index: number) => ({
  kind: 'pad' as const,
  jws: `${statement}${index}`,
  salt: randomBytes(32),
  atMs: index,
  feed: null,
  seq: null,
})

/** Ours and the floor by turns, so that both meet the same disk: the median of each, ms. */
function alternate(rounds: number, ours: () => number, floor: () => number) {
  const [a, b]: [number[], number[]] = [[], []]
  for (let i = 0; i < rounds + warmUp; i++) {
    const [x, y] = [ours(), floor()]
    if (i < warmUp) continue
    a.push(x)
    b.push(y)
  }
  return { oursMs: quantile(a, 0.5), floorMs: quantile(b, 0.5) }
}
const warmUp = 5

function prove(log: ReleaseLog): number {
  const { size } = log.head()
  const index = Math.floor(Math.random() * size)
  const startMs = nowMs()
  log.inclusion(index, size)
  return nowMs() - startMs
}

const proofLength = (log: ReleaseLog): number => log.inclusion(0, log.head().size).length

/** The same bytes in a table, as durable, and reads of single rows. */
function createBareStore(path: string) {
  const db = openDurable(path)
  db.exec(
    'CREATE TABLE row(id INTEGER PRIMARY KEY, text TEXT NOT NULL, entry BLOB NOT NULL) STRICT',
  )
  const insert = db.prepare('INSERT INTO row(text, entry) VALUES (?, ?)')
  const select = db.prepare('SELECT entry FROM row WHERE id = ?')
  let count = 0
  return {
    commit: (rows: number): number => {
      const entries = Array.from({ length: rows }, () => randomBytes(33))
      const startMs = nowMs()
      db.exec('BEGIN IMMEDIATE')
      for (const entry of entries) insert.run(`${statement}${count++}`, entry)
      db.exec('COMMIT')
      return nowMs() - startMs
    },
    read: (rows: number): number => {
      const ids = Array.from({ length: rows }, () => 1 + Math.floor(Math.random() * count))
      const startMs = nowMs()
      for (const id of ids) select.get(id)
      return nowMs() - startMs
    },
    [Symbol.dispose]: () => db.close(),
  }
}

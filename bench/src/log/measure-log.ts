import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { loadOwn } from '@entente/node'
import {
  createHeadFile,
  createPadding,
  createReleaseLog,
  defaultPadTo,
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
 * beside the durable writes or the reads that no such log can go without. Padded and shuffled as a node's is; what that
 * costs a lone statement is shown beside one without.
 */
export async function measureLog(size: Size, talk: (words: string) => void): Promise<Measured> {
  using federation = await createFederation()
  using folder = temporaryFolder('log')
  const open = (name: string, padTo: number) => openLog(folder.path, name, federation.sender, padTo)
  const { db, log, append } = open('log', defaultPadTo)
  using _padded = db
  const plain = open('plain', 1)
  using _plain = plain.db
  using bare = createBareStore(join(folder.path, 'bare.sqlite'))

  talk(`log-lone: ${size.logLone} statements, each under a checkpoint padded to ${defaultPadTo}`)
  const lone = alternate(
    size.logLone,
    () => append(1),
    () => bare.commit(1),
  )
  talk('log-lone without pads')
  const unpadded = alternate(
    size.logLone,
    () => plain.append(1),
    () => bare.commit(1),
  )
  talk(`log-bulk: ${size.logBatches} batches of ${batchSize}, padded to ${defaultPadTo}`)
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
      'log padded to': defaultPadTo,
      'log lone statements/s': 1_000 / lone.oursMs,
      'log lone unpadded/s': 1_000 / unpadded.oursMs,
      'log lone floor commits/s': 1_000 / lone.floorMs,
      'log bulk leaves/s': (batchSize * 1_000) / bulk.oursMs,
      'log bulk floor rows/s': (batchSize * 1_000) / bulk.floorMs,
      'log leaves': log.head().size,
      'prove p50 µs': proofs.oursMs * 1_000,
      'prove floor p50 µs': proofs.floorMs * 1_000,
    },
    rows: [
      row('log-lone', lone.oursMs / lone.floorMs),
      row('log-lone-unpadded', unpadded.oursMs / unpadded.floorMs),
      row('log-bulk', bulk.oursMs / bulk.floorMs),
      row('prove', proofs.oursMs / proofs.floorMs),
    ],
  }
}

/** A log by itself, with a node's keys, and a stopwatch on its appends. */
function openLog(path: string, name: string, node: string, padTo: number) {
  const db = openDatabase(join(path, `${name}.sqlite`), tables, migrations)
  const { logSigner, keys } = loadOwn(node)
  const origin = logSigner.key.name
  const log = createReleaseLog({
    db,
    clock: { nowMs: () => Date.now() } as never,
    headFile: createHeadFile(join(path, `${name}-head`)),
    origin,
    signer: logSigner,
    hash: (data) => new Uint8Array(createHash('sha256').update(data).digest()),
    padding: createPadding({ origin, signStatement: keys.statement.sign, randomBytes }, padTo),
  })
  const append = (count: number): number => {
    const atMs = log.head().size
    const leaves = Array.from({ length: count }, (_, i) => leafOf(atMs + i, atMs))
    const startMs = nowMs()
    db.transact(() => log.appendGroup(leaves, atMs))
    log.noteHead()
    return nowMs() - startMs
  }
  return { db, log, append }
}

const leafOf = (index: number, atMs: number) => ({
  kind: 'release' as const,
  jws: `${statement}${index}`,
  salt: randomBytes(32),
  atMs,
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

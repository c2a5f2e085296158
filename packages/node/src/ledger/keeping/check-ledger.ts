import { hash } from 'node:crypto'
import * as A from '@automerge/automerge'
import {
  chunkKeysByDocument,
  chunkKeysOf,
  chunksOf,
  type StoredChunk,
} from '../../adapters/sqlite-automerge-storage.ts'
import type { Database } from '../../adapters/sqlite-database.ts'
import type { StoredRecord } from '../record/stored-record.ts'
import { originOf, recordIn, type ShardDocument } from '../shards/shard-document.ts'
import { faultsIn } from '../shards/shard-faults.ts'
import { placeOf } from '../shards/shard-line.ts'
import { checkRecord } from './check-record.ts'
import type { Finding } from './finding.ts'

export interface CheckDeps {
  readonly db: Database
  readonly lift: (record: StoredRecord) => StoredRecord
  /** Runs work while nothing is being changed. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>
}

/**
 * Reads every shard as it is stored and compares it with the tables, one shard at a time: the ledger goes on between two.
 * Nothing is repaired. Where a shard as such is damaged, or the tables are behind it, its records are not compared.
 */
export async function* checkLedger(
  { db, lift, inTurn }: CheckDeps,
  onShard?: (done: number, total: number) => void,
): AsyncGenerator<Finding> {
  const known = db
    .prepare('SELECT id FROM shard')
    .all()
    .map((row) => String(row['id']))
  const shards = [...new Set([...chunkKeysByDocument(db).keys(), ...known])].sort()
  for (const [i, shard] of shards.entries()) {
    yield* await inTurn(async () => [...checkOne(db, shard, lift)])
    onShard?.(i + 1, shards.length)
    await new Promise((resolve) => setImmediate(resolve))
  }
  yield* await inTurn(async () => [...checkOrphans(db)])
}

function* checkOne(db: Database, shard: string, lift: CheckDeps['lift']): Generator<Finding> {
  let doc: A.Doc<ShardDocument>
  try {
    doc = loadWhole(chunksOf(db, shard))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    yield { code: 'SHARD_UNREADABLE', shard, message: `what is stored of it does not load: ${why}` }
    return
  }
  try {
    const row = db.prepare('SELECT * FROM shard WHERE id = ?').get(shard)
    const { line, depth } = placeOf(shard, originOf(doc))
    const state = {
      heads: A.getHeads(doc).toSorted().join(' '),
      chunks: chunkKeysOf(db, shard),
      line,
      depth,
    }
    if (Object.entries(state).some(([name, value]) => row?.[name] !== value)) {
      const message = row
        ? 'the tables stand for another state of it'
        : 'the tables know nothing of it'
      yield { code: 'SHARD_CHUNKS', shard, message }
      return
    }
    const broken = new Set<string>()
    for (const { code, record, why } of faultsIn(doc)) {
      if (record !== undefined) broken.add(record)
      yield { code, shard, ...(record !== undefined && { record }), message: why }
      if (code === 'SHARD_FORM') return
    }
    yield* compareRecords(db, shard, doc, broken, lift)
    const held = db.prepare('SELECT count(*) AS n FROM record WHERE shard = ?').get(shard)?.['n']
    if (row?.['records'] !== held)
      yield {
        code: 'SHARD_COUNT',
        shard,
        message: `it counts ${row?.['records']} records and has ${held}`,
      }
  } finally {
    A.free(doc)
  }
}

/** Loads a document from all of its chunks. The Repo passes over one that is cut short; here every byte counts. */
function loadWhole(chunks: readonly StoredChunk[]): A.Doc<ShardDocument> {
  const strange = chunks.find(
    ({ type, name, data }) => type === 'incremental' && hash('sha256', data) !== name,
  )
  if (strange) throw new Error(`chunk ${strange.name} holds something else`)
  const [first, ...more] = chunks.map(({ data }) => data)
  if (first === undefined) throw new Error('nothing is stored of it')
  for (const { data } of chunks.slice(1).filter(({ type }) => type === 'snapshot'))
    A.free(A.load(data))
  const doc = more.reduce(
    (whole, data) => A.loadIncremental(whole, data),
    A.load<ShardDocument>(first),
  )
  const missing = A.getMissingDeps(doc, []).length
  if (missing > 0) throw new Error(`${missing} changes are missing`)
  return doc
}

function* compareRecords(
  db: Database,
  shard: string,
  doc: A.Doc<ShardDocument>,
  broken: ReadonlySet<string>,
  lift: CheckDeps['lift'],
): Generator<Finding> {
  const there = new Set<string>(broken)
  for (const id of Object.keys(doc.records)) {
    if (broken.has(id)) continue
    const record = recordIn(doc, id, lift)
    if (record === undefined) continue
    there.add(id)
    yield* checkRecord(db, shard, record)
  }
  for (const { id } of db.prepare('SELECT id FROM record WHERE shard = ?').iterate(shard))
    if (!there.has(String(id)))
      yield {
        code: 'RECORD_LOST',
        shard,
        record: String(id),
        message: 'its shard does not hold it',
      }
}

/** Rows that stand for nothing at all. */
function* checkOrphans(db: Database): Generator<Finding> {
  const records = db
    .prepare('SELECT id FROM record WHERE shard NOT IN (SELECT id FROM shard)')
    .iterate()
  for (const { id } of records)
    yield { code: 'RECORD_LOST', record: String(id), message: 'its shard is not there' }
  const keys = db
    .prepare('SELECT record FROM natural_key WHERE record NOT IN (SELECT id FROM record)')
    .iterate()
  for (const { record } of keys)
    yield {
      code: 'KEY_WRONG',
      record: String(record),
      message: 'a natural key names it, and it is not there',
    }
}

import { join } from 'node:path'
import { canonicalJson } from '@entente/schema'
import { nowMs } from '../child.ts'
import { openDurable, temporaryFolder } from '../durable.ts'
import { batchSize, openPlainStore, type PlainRecord } from '../plain-store.ts'
import { makeRows, plainRecord } from '../records.ts'

/**
 * The work that no sharing of records can go without, in one process and without a network: canonical JSON, SHA-256 of
 * every field and of the whole, and a durable, searchable copy at both ends, with the node's own pragmas and batches.
 * @returns ms from plain objects to the last commit
 */
export function measureFloor(count: number, seed: number): number {
  using folder = temporaryFolder('floor')
  using sender = openPlainStore(join(folder.path, 'sender.sqlite'))
  using recipient = openPlainStore(join(folder.path, 'recipient.sqlite'))
  const records = makeRows(count, seed).map((row) => ({
    id: `record-${row['row']}`,
    fields: plainRecord(row),
  }))
  const startMs = nowMs()
  for (let i = 0; i < records.length; i += batchSize) {
    const sent = records
      .slice(i, i + batchSize)
      .map((record) => ({ record, text: canonicalJson(record) }))
    sender.put(sent)
    recipient.put(sent.map(({ text }) => ({ record: JSON.parse(text) as PlainRecord, text })))
  }
  return nowMs() - startMs
}

/** Times small durable commits on this disk, with the node's pragmas. */
export interface CommitProbe extends Disposable {
  /** Makes one commit. @returns how long it took, ms */
  readonly commit: () => number
}

export function createCommitProbe(): CommitProbe {
  const folder = temporaryFolder('commit')
  const db = openDurable(join(folder.path, 'commit.sqlite'))
  db.exec('CREATE TABLE row(json TEXT NOT NULL) STRICT')
  const insert = db.prepare('INSERT INTO row VALUES (?)')
  const json = 'x'.repeat(1_000)
  return {
    commit: () => {
      const startMs = nowMs()
      insert.run(json)
      return nowMs() - startMs
    },
    [Symbol.dispose]: () => {
      db.close()
      folder[Symbol.dispose]()
    },
  }
}

import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import * as A from '@automerge/automerge'
import { canonicalJson } from '@entente/schema'
import { parse } from 'csv-parse'
import { nowMs, serveVerbs } from '../child.ts'
import { openDurable } from '../durable.ts'
import { batchSize, openPlainStore, type PlainRecord } from '../plain-store.ts'
import { makeRows, plainRecord } from '../records.ts'

/** The bare work, in a process of its own, so that its memory compares with a node's. */

interface Shard {
  readonly records: Record<string, A.ImmutableString>
}

const textOf = (record: unknown) => new A.ImmutableString(canonicalJson(record))

const verbs = {
  /** Parses a file and stores its rows, durable and searchable. */
  importFile: async ({ path, folder }: { path: string; folder: string }) => {
    const startMs = nowMs()
    using store = openPlainStore(join(folder, `${startMs}.sqlite`))
    let batch: { record: PlainRecord; text: string }[] = []
    let read = 0
    for await (const fields of rowsOf(path)) {
      const record = { id: `record-${++read}`, fields }
      batch.push({ record, text: canonicalJson(record) })
      if (batch.length < batchSize) continue
      store.put(batch)
      batch = []
    }
    store.put(batch)
    return { ms: nowMs() - startMs, read }
  },
  /** Opens a database file and counts what a node counts. */
  count: ({ path }: { path: string }) => {
    const db = new DatabaseSync(path, { readOnly: true })
    const row = db.prepare('SELECT count(*) AS records FROM record').get()
    db.close()
    return Number(row?.['records'])
  },
  /**
   * Reads a saved document of as many records as a shard holds, changes one record and puts the change on disk.
   * @returns ms of each time
   */
  edits: ({ folder, count, seed }: { folder: string; count: number; seed: number }) => {
    const [first, ...rest] = makeRows(batchSize, seed).map(plainRecord)
    const shard = Object.fromEntries([first, ...rest].map((record, i) => [`r${i}`, textOf(record)]))
    const saved = A.save(A.from({ records: shard }))
    const db = openDurable(join(folder, 'shard.sqlite'))
    db.exec('CREATE TABLE chunk(n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT')
    const insert = db.prepare('INSERT INTO chunk(bytes) VALUES (?)')
    const read = db.prepare('SELECT bytes FROM chunk WHERE n = 1')
    insert.run(saved)
    const times = Array.from({ length: count }, (_, i) => {
      const startMs = nowMs()
      const doc = A.load<Shard>(read.get()?.['bytes'] as Uint8Array)
      const changed = A.change(doc, (draft) => {
        draft.records['r0'] = textOf({ ...first, description: `revision${i}x` })
      })
      insert.run(A.saveIncremental(changed))
      A.free(changed)
      return nowMs() - startMs
    })
    db.close()
    return times
  },
  peakRss: (_: null) => process.resourceUsage().maxRSS / 1024,
}
export type FloorVerbs = typeof verbs

/** Rows of a CSV file with a line of headers, or of a file with one JSON object a line. */
async function* rowsOf(path: string): AsyncGenerator<Record<string, unknown>> {
  const file = createReadStream(path)
  if (path.endsWith('.csv')) yield* file.pipe(parse({ columns: true, bom: true }))
  else for await (const line of createInterface({ input: file })) yield JSON.parse(line)
}

serveVerbs(verbs, async () => {})

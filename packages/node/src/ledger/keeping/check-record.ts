import type { Database } from '../../adapters/sqlite-database.ts'
import { conflictsIn, renderRecord } from '../record/render-record.ts'
import type { StoredRecord } from '../record/stored-record.ts'
import type { Finding } from './finding.ts'

/** Compares one record as its shard holds it with its row and its natural key. */
export function* checkRecord(
  db: Database,
  shard: string,
  stored: StoredRecord,
): Generator<Finding> {
  const { id: record } = stored
  const finding = (code: Finding['code'], message: string): Finding => ({
    code,
    shard,
    record,
    message,
  })
  const row = db
    .prepare(
      'SELECT kind, dataset, status, shard, digest, json, conflicts FROM record WHERE id = ?',
    )
    .get(record)
  if (row === undefined) return yield finding('RECORD_MISSING', 'the tables do not have it')
  if (row['shard'] !== shard)
    return yield finding('RECORD_TWICE', `it stands in shard ${row['shard']} as well`)
  const rendered = renderRecord(stored)
  const { kind, dataset, envelope } = rendered.record
  const wanted = {
    kind,
    dataset,
    status: envelope.status,
    digest: rendered.digest,
    json: rendered.json,
    conflicts: conflictsIn(rendered.record),
  }
  const differing = Object.entries(wanted).filter(([name, value]) => row[name] !== value)
  if (differing.length > 0)
    yield finding(
      'RECORD_DIFFERS',
      `its row has another ${differing.map(([name]) => name).join(', ')}`,
    )
  yield* checkKey(db, stored, finding)
}

/** A record is found by its key, unless another record with the key comes first; and by no other. */
function* checkKey(
  db: Database,
  { id, dataset, originator, key }: StoredRecord,
  finding: (code: Finding['code'], message: string) => Finding,
): Generator<Finding> {
  const named = db
    .prepare('SELECT dataset, originator, key FROM natural_key WHERE record = ?')
    .all(id)
  for (const row of named)
    if (row['dataset'] !== dataset || row['originator'] !== originator || row['key'] !== key)
      yield finding('KEY_WRONG', 'a natural key names it that is not its own')
  if (key === undefined) return
  const found = db
    .prepare('SELECT record FROM natural_key WHERE dataset = ? AND originator = ? AND key = ?')
    .get(dataset, originator, key)
  if (found === undefined || String(found['record']) > id)
    yield finding('KEY_MISSING', 'its natural key does not lead to it')
}

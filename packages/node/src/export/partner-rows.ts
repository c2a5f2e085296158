import { type Acknowledgement, type Nation, peekJws, toHex } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'

type Row = Readonly<Record<string, unknown>>

/** Statements held from partners, or from one: lines of `received.jsonl`. */
export function* receivedRows(db: Database, sender: Nation | null): Iterable<Row> {
  const rows = db
    .prepare(
      'SELECT sender, idx, jws, salt, proof FROM statement_in WHERE ?1 IS NULL OR sender = ?1 ORDER BY sender, feed, seq',
    )
    .iterate(sender)
  for (const row of rows)
    yield {
      from: row['sender'],
      index: row['idx'],
      jws: row['jws'],
      salt: toHex(row['salt'] as Uint8Array),
      proof: row['proof'],
    }
}

/** Statements of other members in joint documents: further lines of `received.jsonl`. @param writer null: all */
export function* jointReceivedRows(
  db: Database,
  own: Nation,
  writer: Nation | null,
): Iterable<Row> {
  const rows = db
    .prepare(
      'SELECT writer, idx, jws, salt, proof FROM joint_statement WHERE writer <> ?1 AND (?2 IS NULL OR writer = ?2) ORDER BY writer, document, seq',
    )
    .iterate(own, writer)
  for (const row of rows)
    yield {
      from: row['writer'],
      index: row['idx'],
      jws: row['jws'],
      salt: toHex(row['salt'] as Uint8Array),
      proof: row['proof'],
    }
}

/** Own changes of joint documents with what they were decided on: lines of `joint.jsonl`. */
export function* jointRows(db: Database, own: Nation, withContent: boolean): Iterable<Row> {
  const rows = db
    .prepare(
      "SELECT joint_statement.idx, json, body FROM joint_statement JOIN joint_inputs USING (idx) WHERE writer = ? AND kind = 'joint' ORDER BY joint_statement.idx",
    )
    .iterate(own)
  for (const row of rows)
    yield {
      index: row['idx'],
      inputs: JSON.parse(row['json'] as string),
      ...(withContent && { change: Buffer.from(row['body'] as Uint8Array).toString('base64') }),
    }
}

/** Recalls that the root of one nation has signed: lines of `root-recalls.jsonl`. */
export function* nationRecallRows(db: Database, nation: Nation): Iterable<Row> {
  const rows = db.prepare('SELECT seal FROM root_recall WHERE nation = ? ORDER BY digest')
  for (const { seal } of rows.iterate(nation)) yield { seal }
}

/** Fragments held from partners, or from one, by digest and names of fields: lines of `held.jsonl`. */
export function* heldRows(db: Database, sender: Nation | null): Iterable<Row> {
  const rows = db
    .prepare(
      'SELECT sender, held_in.feed, record, digest, json FROM held_in JOIN feed_in USING (feed) WHERE ?1 IS NULL OR sender = ?1 ORDER BY held_in.feed, record',
    )
    .iterate(sender)
  for (const row of rows) {
    const { disclosures } = JSON.parse(row['json'] as string) as {
      readonly disclosures: readonly (readonly [string, string, unknown])[]
    }
    yield {
      from: row['sender'],
      feed: row['feed'],
      record: row['record'],
      digest: row['digest'],
      fields: disclosures.map(([, field]) => field).sort(),
    }
  }
}

/**
 * Acknowledgements that a period has committed to, each once: lines of `acks-given.jsonl` and `acks-received.jsonl`.
 * @param partner to whom they were given, or from whom they came; null: all
 */
export function* ackRows(
  db: Database,
  side: 'given' | 'received',
  partner: Nation | null,
): Iterable<Row> {
  const seen = new Set<string>()
  for (const row of db.prepare(`SELECT ${side} AS list FROM ack_period ORDER BY idx`).iterate())
    for (const jws of JSON.parse(row['list'] as string) as readonly string[]) {
      if (seen.has(jws)) continue
      seen.add(jws)
      // Our own word, or one that was checked when it came.
      const { by, to } = peekJws(jws).payload as Acknowledgement
      if (partner === null || (side === 'given' ? to : by) === partner) yield { jws }
    }
}

/** The largest checkpoint held of each partner's log, or of one: lines of `partner-checkpoints.jsonl`. */
export function* checkpointRows(db: Database, origin: string | null): Iterable<Row> {
  const rows = db
    .prepare(
      'SELECT origin, MAX(size) AS size, note FROM partner_checkpoint WHERE ?1 IS NULL OR origin = ?1 GROUP BY origin ORDER BY origin',
    )
    .iterate(origin)
  for (const row of rows) yield { origin: row['origin'], note: row['note'] }
}

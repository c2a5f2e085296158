import { type Inputs, type Opening, recordKeyOf, toHex, versionOf } from '@entente/schema'
import { keptWordAt } from '../approvals/kept-words.ts'
import type { Deps } from '../deps.ts'
import type { EditionKind } from '../release/edition-leaf.ts'
import { sourceRow } from '../retransfer/source-record.ts'
import type { BackedLeaf } from './backed-leaf.ts'

/** Everything that this node keeps of a leaf of its log. */
export function readLeaf({ db, fragmentKey }: Deps, index: number): BackedLeaf {
  const row = db
    .prepare('SELECT statement.*, entry FROM statement JOIN entry USING (idx) WHERE idx = ?')
    .get(index)
  if (row === undefined) throw new RangeError(`the log has no leaf ${index}`)
  const kind = row['kind'] as string
  const jws = row['jws'] as string | null
  const leaf = {
    index,
    kind,
    atMs: row['at_ms'] as number,
    feed: row['feed'] as string | null,
    seq: row['seq'] as number | null,
    hash: row['hash'] as string,
    entry: toHex(row['entry'] as Uint8Array),
    statement: jws === null ? null : { jws, salt: toHex(row['salt'] as Uint8Array) },
  }
  if (jws === null) return leaf
  if (kind === 'release') return { ...leaf, ...releaseAt(index) }
  if (kind === 'policy' || kind === 'register') return { ...leaf, ...editionAt(kind, index) }
  if (kind === 'approve' || kind === 'deny') return { ...leaf, ...wordAt(index) }
  if (kind === 'ack') return { ...leaf, ...acksAt(index) }
  return leaf

  function releaseAt(at: number): Pick<BackedLeaf, 'inputs' | 'openings' | 'held' | 'sources'> {
    const kept = db.prepare('SELECT json FROM decision_inputs WHERE idx = ?').get(at)
    if (kept === undefined) return {}
    const inputs = JSON.parse(kept['json'] as string) as Inputs
    const openings = db
      .prepare('SELECT opening FROM entry_out WHERE idx = ? ORDER BY digest')
      .all(at)
      .map((each) => JSON.parse(each['opening'] as string) as Opening)
    const heldRow = db.prepare('SELECT * FROM held WHERE recipient = ? AND record = ?')
    const held = openings.flatMap(([, entry]) => {
      const now = entry.op === 'put' ? heldRow.get(inputs.recipient, entry.record) : undefined
      // A later put of the record has its own line, in its own leaf.
      if (entry.op !== 'put' || now?.['digest'] !== entry.digest) return []
      return [
        {
          record: entry.record,
          digest: entry.digest,
          fields: JSON.parse(now['fields'] as string) as Record<string, string>,
          withheld: now['withheld'] as number,
          policy: now['policy'] as string,
          validUntil: now['valid_until'] as number | null,
        },
      ]
    })
    const sources = inputs.records.flatMap(([id, version]) => {
      const now = sourceRow(db, id)
      const same =
        now !== undefined && versionOf(recordKeyOf(fragmentKey, id), now.digest) === version
      return same ? [now.json] : []
    })
    return { inputs, openings, held, sources: [...new Set([...sources, ...stood(inputs)])] }
  }

  /** Versions that bands of it are still made from. */
  function stood({ bands = [] }: Inputs): readonly string[] {
    const row = db.prepare(
      'SELECT json FROM band_standing JOIN source_version ON digest = version WHERE record = ? AND field = ? AND at_ms = ?',
    )
    return bands.flatMap(([record, field, , atMs]) => {
      const json = row.get(record, field, atMs)?.['json'] as string | undefined
      return json === undefined ? [] : [json]
    })
  }

  function editionAt(kind: EditionKind, at: number): Pick<BackedLeaf, EditionKind> {
    const row = db.prepare(`SELECT signed FROM ${kind}_edition WHERE idx = ?`).get(at)
    return row === undefined ? {} : { [kind]: JSON.parse(row['signed'] as string) as unknown }
  }

  function wordAt(at: number): Pick<BackedLeaf, 'word'> {
    const word = keptWordAt(db, at)
    return word === null ? {} : { word: { opening: word.opening, value: word.value } }
  }

  function acksAt(at: number): Pick<BackedLeaf, 'acks'> {
    const period = db
      .prepare('SELECT until_ms, given, received FROM ack_period WHERE idx = ?')
      .get(at)
    if (period === undefined) return {}
    const list = (side: 'given' | 'received') => JSON.parse(period[side] as string) as string[]
    return {
      acks: {
        until: period['until_ms'] as number,
        given: list('given'),
        received: list('received'),
      },
    }
  }
}

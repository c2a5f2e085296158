import {
  type ApprovalOpening,
  canonicalJson,
  type Json,
  signJws,
  statementType,
} from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Deps } from '../deps.ts'
import type { Leaf } from '../log/leaf.ts'

/** An officer's word as this node keeps it beside its leaf. */
export interface KeptWord {
  readonly about: string
  readonly decision: 'approve' | 'deny'
  readonly opening: ApprovalOpening
  /** The value that the opening names. */
  readonly value: Json
  readonly seal: string
}

/** Words that have not run out, in the order of the log. */
export const keptWords = (db: Database, atMs: number): readonly KeptWord[] =>
  db
    .prepare('SELECT * FROM approval ORDER BY idx')
    .all()
    .map(wordOf)
    .filter(({ opening: [, { until }] }) => until === null || until > atMs)

/** The word of one leaf; null: there is none, or it has been erased. */
export function keptWordAt(db: Database, index: number): KeptWord | null {
  const row = db.prepare('SELECT * FROM approval WHERE idx = ?').get(index)
  return row === undefined ? null : wordOf(row)
}

const wordOf = (row: Record<string, unknown>): KeptWord => ({
  about: row['about'] as string,
  decision: row['decision'] as KeptWord['decision'],
  opening: JSON.parse(row['opening'] as string) as ApprovalOpening,
  value: JSON.parse(row['value'] as string) as Json,
  seal: row['seal'] as string,
})

/** Keeps words beside their leaves. Inside the transaction that appends these. */
export function storeWords(
  db: Database,
  words: readonly (KeptWord & { readonly index: number })[],
): void {
  const add = db.prepare(
    'INSERT OR IGNORE INTO approval(idx, about, decision, record, recipient, opening, value, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  for (const { index, about, decision, opening, value, seal } of words) {
    const [, { record, recipient }] = opening
    const [text, of] = [canonicalJson(opening), canonicalJson(value)]
    add.run(index, about, decision, record, recipient, text, of, seal)
  }
}

/** The statement of an officer's word. It goes to nobody, and says no more than a digest and a seal over it. */
export function wordLeaf(
  { origin, signStatement, randomBytes }: Pick<Deps, 'origin' | 'signStatement' | 'randomBytes'>,
  kind: 'approve' | 'deny',
  about: string,
  seal: string,
  atMs: number,
): Leaf {
  const refusal = { recipient: null, code: 'REFUSED_BY_OFFICER' }
  const payload = { origin, at: atMs, about, seal, ...(kind === 'deny' && refusal) }
  const jws = signJws(statementType(kind), payload, signStatement)
  return { kind, jws, salt: randomBytes(32), atMs, feed: null, seq: null }
}

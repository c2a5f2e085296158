import { type Selector, type Sign, signJws, statementType } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { type KeptWord, keptWords, storeWords, wordLeaf } from '../approvals/kept-words.ts'
import { type Leaf, statementHash } from '../log/leaf.ts'
import { askedByUs } from '../release/asked-by-us.ts'
import {
  type EditionKind,
  editionKinds,
  editionLeaf,
  readEdition,
} from '../release/edition-leaf.ts'

/** How a new log is signed. */
export interface FirstLeaves {
  readonly nation: string
  readonly origin: string
  readonly seal: string
  readonly atMs: number
  readonly signStatement: Sign
  readonly randomBytes: (size: number) => Uint8Array
}

/** What is carried over from the log before: read before its tables are laid aside. */
export interface CarriedOver {
  /** Signed policies and registers that are in force, or will be, by kind and edition. */
  readonly editions: readonly { readonly kind: EditionKind; readonly signed: unknown }[]
  /** Officers' words that have not run out, in the order of the log. */
  readonly words: readonly KeptWord[]
  /** Datasets that this nation still asks for, and of whom. */
  readonly subscriptions: readonly (Selector & {
    readonly dataset: string
    readonly recipient: string
    readonly only?: true
  })[]
}

/** @param atMs editions that end before are not carried over */
export function carriedOver(db: Database, atMs: number): CarriedOver {
  const editions = editionKinds.flatMap((kind) =>
    db
      .prepare(`SELECT signed FROM ${kind}_edition ORDER BY edition`)
      .all()
      .map((row) => ({ kind, signed: JSON.parse(row['signed'] as string) as unknown }))
      .filter(({ signed }) => readEdition(kind, signed).seal.until > atMs),
  )
  const subscriptions = askedByUs(db).flatMap(({ from, dataset, selection }) =>
    // The first takes the place of what the nation still has in mind, and the others join it.
    selection.map((selector, i) => ({
      recipient: from,
      dataset,
      ...selector,
      ...(i === 0 &&
        selection.length + Object.keys(selector).length > 1 && { only: true as const }),
    })),
  )
  return { editions, words: keptWords(db, atMs), subscriptions }
}

/** The leaves with which a log begins that follows another, in the order of the log, with what the node notes of each. */
export function firstLeaves(
  db: Database,
  head: FirstLeaves,
  { editions, words, subscriptions }: CarriedOver,
): { readonly leaves: readonly Leaf[]; readonly store: () => void } {
  const { nation, origin, seal, atMs, signStatement, randomBytes } = head
  const genesis = { origin, at: atMs, nation, seal }
  const leaves: Leaf[] = [
    {
      kind: 'genesis',
      jws: signJws(statementType('genesis'), genesis, signStatement),
      salt: randomBytes(32),
      atMs,
      feed: null,
      seq: null,
    },
    ...editions.map(({ kind, signed }) => editionLeaf(head, kind, signed, atMs)),
    ...words.map(({ decision, about, seal }) => wordLeaf(head, decision, about, seal, atMs)),
  ]
  const places = new Map<string, { feed: string; seq: number; last: string }>()
  for (const { recipient, ...asked } of subscriptions) {
    const before = places.get(recipient)
    const seq = (before?.seq ?? -1) + 1
    const said = {
      origin,
      at: atMs,
      feed: before?.feed ?? null,
      seq,
      prev: before?.last ?? null,
      recipient,
      ...asked,
      action: 'subscribe',
    }
    const jws = signJws(statementType('subscribe'), said, signStatement)
    const last = statementHash(jws)
    const feed = before?.feed ?? last
    places.set(recipient, { feed, seq, last })
    leaves.push({ kind: 'subscribe', jws, salt: randomBytes(32), atMs, feed, seq })
  }
  const store = (): void => {
    for (const [i, { kind, signed }] of editions.entries()) {
      const { edition, digest } = readEdition(kind, signed).seal
      db.prepare(
        `INSERT INTO ${kind}_edition(edition, digest, idx, signed) VALUES (?, ?, ?, ?)`,
      ).run(edition, digest, i + 1, JSON.stringify(signed))
    }
    storeWords(
      db,
      words.map((word, i) => ({ ...word, index: 1 + editions.length + i })),
    )
    for (const [recipient, { feed, seq, last }] of places)
      db.prepare(
        "INSERT INTO feed_out(feed, recipient, dataset, seq, last) VALUES (?, ?, '', ?, ?)",
      ).run(feed, recipient, seq, last)
  }
  return { leaves, store }
}

import { hash } from 'node:crypto'
import { type Nation, RecordId } from '@entente/schema'
import { absorb, goneFrom } from '../record/absorb.ts'
import { toStored } from '../record/amend-record.ts'
import { changesOf, type FieldChange } from '../record/field-changes.ts'
import { nextStamp, type Stamp, type StoredRecord } from '../record/stored-record.ts'
import { same, type Writer } from '../record/write-versions.ts'
import type { Shards } from '../shards/shards.ts'
import type { Projection } from '../tables/projection.ts'
import { type Alongside, breathe, type Committer } from './committer.ts'
import type { SourceRow } from './source-rows.ts'

/** Who has signed for what a source gives, and of which fields it names the label itself. */
export interface Signed {
  readonly by: string
  readonly names: (field: string, originator: Nation) => boolean
}

/** What taking in a row would do. */
export interface Compared {
  readonly outcome: 'create' | 'update' | 'same'
  readonly record: RecordId | null
  readonly changes: readonly FieldChange[]
  /** Fields of the record that the source gives no longer; they stay. */
  readonly gone: readonly string[]
}

/**
 * What a person was shown of what taking in a row changes; null: that it makes a record. A row that would now do something
 * else is left alone.
 */
export type Shown = (row: SourceRow) => readonly FieldChange[] | null

/** What taking in a row did. `kept`: the ledger is no longer as it was shown, so nothing. */
export interface Taken {
  readonly row: SourceRow
  /** Null when there is none. */
  readonly record: RecordId | null
  readonly outcome: Compared['outcome'] | 'kept'
  /** The record as it was, for a change. */
  readonly before: StoredRecord | null
  /** The stamp under which it was written; null when nothing was. */
  readonly stamp: Stamp | null
}

/** Told of rows in the transaction that takes them in. */
export type OnTaken = (taken: readonly Taken[]) => void

export interface UpsertDeps {
  readonly shards: Shards
  readonly projection: Projection
  readonly committer: Committer
  readonly newId: () => RecordId
  /** Runs work in a transaction of its own. */
  readonly transact: (work: () => void) => void
}

/** Takes rows of a source in by natural key, or says what that would do. One batch a call; keys occur once in it. */
export interface Upserter {
  readonly compare: (
    rows: readonly SourceRow[],
    by: Writer,
    signed: Signed | null,
  ) => Promise<readonly Compared[]>
  readonly take: (
    rows: readonly SourceRow[],
    by: Writer,
    signed: Signed | null,
    onTaken: OnTaken,
    shown?: Shown,
  ) => Promise<void>
}

export function createUpserter(deps: UpsertDeps): Upserter {
  const { shards, projection, committer, newId, transact } = deps

  /** Rows by what is known of their keys: plainly the same, in a shard, or new. */
  const sort = (rows: readonly SourceRow[], signed: Signed | null) => {
    const known = new Map<string, Map<string, SourceRow>>()
    const fresh: SourceRow[] = []
    const equal: { readonly row: SourceRow; readonly record: RecordId }[] = []
    for (const row of rows) {
      const found = projection.find({ ...row.draft, key: row.naturalKey })
      if (!found) fresh.push(row)
      else {
        const record = RecordId.parse(found.record)
        if (found.draft === draftDigest(row, signed)) equal.push({ row, record })
        else {
          const shard = projection.shardOf(record) ?? ''
          known.set(shard, (known.get(shard) ?? new Map<string, SourceRow>()).set(record, row))
        }
      }
    }
    return { known, fresh, equal }
  }

  return {
    compare: async (rows, by, signed) => {
      const { known, fresh, equal } = sort(rows, signed)
      const found = new Map<SourceRow, Compared>()
      for (const row of fresh) found.set(row, created)
      for (const { row, record } of equal)
        found.set(row, { outcome: 'same', record, changes: [], gone: [] })
      for (const [shard, byId] of known) {
        for (const record of await shards.read(shard, [...byId.keys()])) {
          const row = byId.get(record.id) as SourceRow
          const changes = changesOf(record, absorb(record, row.draft, by, ...forRow(row, signed)))
          found.set(row, {
            outcome: changes.length > 0 ? 'update' : 'same',
            record: record.id,
            changes,
            gone: goneFrom(record, row.draft),
          })
        }
        await breathe()
      }
      return rows.map((row) => found.get(row) ?? created)
    },
    take: async (rows, by, signed, onTaken, shown) => {
      const { known, fresh, equal } = sort(rows, signed)
      if (equal.length > 0)
        transact(() =>
          onTaken(equal.map((each) => ({ ...each, outcome: 'same', before: null, stamp: null }))),
        )
      for (const [shard, byId] of known) {
        const taken: Taken[] = []
        const next: StoredRecord[] = []
        const drafts = new Map<string, string>()
        for (const before of await shards.read(shard, [...byId.keys()])) {
          const row = byId.get(before.id) as SourceRow
          const after = absorb(before, row.draft, by, ...forRow(row, signed))
          drafts.set(before.id, draftDigest(row, signed))
          const kept =
            shown !== undefined && after !== before && !same(shown(row), changesOf(before, after))
          const changed = after !== before && !kept
          if (changed) next.push(after)
          taken.push({
            row,
            record: before.id,
            outcome: kept ? 'kept' : changed ? 'update' : 'same',
            before: changed ? before : null,
            stamp: changed ? nextStamp(before, by.actor) : null,
          })
        }
        const also = () => {
          for (const { row, record, outcome } of taken)
            if (outcome === 'same' && record !== null)
              projection.noteDraft({ ...row.draft, key: row.naturalKey }, drafts.get(record) ?? '')
          onTaken(taken)
        }
        if (next.length > 0) await committer.commit(shard, next, by.note, { drafts, also })
        else transact(also)
        await breathe()
      }
      const isNew = (row: SourceRow) => shown === undefined || shown(row) === null
      const gone = fresh.filter((row) => !isNew(row))
      if (gone.length > 0)
        transact(() =>
          onTaken(
            gone.map((row) => ({ row, record: null, outcome: 'kept', before: null, stamp: null })),
          ),
        )
      const rowOf = new Map<string, SourceRow>()
      const made = fresh.filter(isNew).map((row) => {
        const record = toStored(newId(), row.draft, by, row.naturalKey)
        rowOf.set(record.id, row)
        return record
      })
      await committer.insert(made, by.note, (part): Alongside => {
        const taken = part.map(({ id }): Taken => {
          const row = rowOf.get(id) as SourceRow
          return { row, record: id, outcome: 'create', before: null, stamp: [1, by.actor] }
        })
        return {
          drafts: new Map(
            part.map(({ id }, i) => [id, draftDigest((taken[i] as Taken).row, signed)]),
          ),
          also: () => onTaken(taken),
        }
      })
    },
  }
}

const created: Compared = { outcome: 'create', record: null, changes: [], gone: [] }

const forRow = ({ draft }: SourceRow, signed: Signed | null) =>
  [signed?.by ?? null, (field: string) => signed?.names(field, draft.originator) === true] as const

/**
 * Only to skip what is plainly the same: another order of keys is found out to be so by comparing. The same row says more
 * once its labels are signed for, each of those that are named.
 */
function draftDigest({ draft }: SourceRow, signed: Signed | null): string {
  const { fields, originator } = draft
  const unnamed = signed && Object.keys(fields).filter((name) => !signed.names(name, originator))
  const said = unnamed !== null && unnamed.length > 0 ? JSON.stringify(unnamed) : signed !== null
  return hash('sha256', `${said}${JSON.stringify(draft)}`, 'base64url')
}

import type { DataRecord, Envelope, Field, Kind, Label, Nation, RecordId } from '@entente/schema'

/** What policy authorities signed for wider labels (`LabelOrder`), so that the nation's other nodes can check it. */
export interface OrderNote {
  readonly base: string
  readonly labels: Readonly<Record<string, Label>>
  readonly values: string
  readonly signatures: readonly string[]
}

/**
 * Who changed something, when and why. `widenedBy`: the policy authority who answers for a wider label; `order`: by what, where it
 * was an order for one record. `suggestedBy`: who of which other nation suggested the value that `author` took in; `suggestion`: digest of
 * the statement that did.
 */
export interface ChangeNote {
  readonly atMs: number
  readonly author: string
  readonly reason: string
  readonly widenedBy?: string
  readonly order?: OrderNote
  readonly suggestedBy?: string
  readonly suggestion?: string
}

/** When and where a version was written: a counter above all that the writer had seen in the record, and the writer. */
export type Stamp = readonly [counter: number, actor: string]

/**
 * One version of a field or envelope. `now` is null when the field was taken out. `was` holds the latest stamp of every
 * other actor that this version replaced; earlier versions of the same actor are replaced anyway. `imported` is what
 * the source last said, kept from the first edit by hand on, so that a re-import knows what the source has changed.
 * `note` says who wrote it, so that this outlives the history; versions written before notes were kept have none.
 */
export interface Version<C> {
  readonly now: C | null
  readonly at: Stamp
  readonly was?: readonly Stamp[]
  readonly imported?: C | null
  readonly note?: ChangeNote
  /** Of a version by which an undo says again what stood before: the stamp of that one. */
  readonly again?: Stamp
  /** Of a field that was taken out: what it was bound by, and is again if it comes back. */
  readonly out?: Pick<Field, 'label' | 'terms'>
}

/** Versions of which none replaces another, latest first. More than one: concurrent edits. Never empty. */
export type Register<C> = readonly Version<C>[]

export type FieldContent = Pick<Field, 'value' | 'label' | 'terms' | 'asGiven'>

/**
 * What one `ImmutableString` of a shard holds, in the form of `formatStored`. `key` is the natural key in its source.
 * `schema`: version of the kind that the record is written in; absent: 1. `oldest`: a lower one that parts of it are still
 * in, because a node that did not know how to lift them has merged or edited it; a node that knows lifts from there.
 */
export interface StoredRecord {
  readonly id: RecordId
  readonly kind: Kind
  readonly schema?: number
  readonly oldest?: number
  readonly originator: Nation
  readonly dataset: DataRecord['dataset']
  readonly key?: string
  readonly envelope: Register<Envelope>
  readonly fields: Readonly<Record<string, Register<FieldContent>>>
}

/** All registers of a record: the envelope, then the fields. */
export const registersOf = (record: StoredRecord): readonly Register<unknown>[] => [
  record.envelope,
  ...Object.values(record.fields),
]

/** The next stamp of an actor in a record: above every stamp in it. */
export function nextStamp(record: StoredRecord, actor: string): Stamp {
  let counter = 0
  for (const register of registersOf(record))
    for (const { at } of register) counter = Math.max(counter, at[0])
  return [counter + 1, actor]
}

/** Whether one write left this version. */
const isAt = ({ at }: Version<unknown>, [counter, actor]: Stamp): boolean =>
  at[0] === counter && at[1] === actor

/** Whether what one write left stands: its own version, or one that says it again. */
export const stands = (version: Version<unknown>, stamp: Stamp): boolean =>
  isAt(version, stamp) || (version.again !== undefined && compareStamps(version.again, stamp) === 0)

/** Orders stamps by counter, then actor. */
export const compareStamps = (a: Stamp, b: Stamp): number =>
  a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0)

import { canonicalJson, type Envelope, type Label } from '@entente/schema'
import type {
  ChangeNote,
  FieldContent,
  Register,
  Stamp,
  StoredRecord,
  Version,
} from './stored-record.ts'

/**
 * Text of a stored record, as it stands in its shard. Labels, actors and notes, which repeat in every field, are written
 * once and named by position: a third fewer bytes to hash, compress and keep for ever in the history.
 */
export function formatStored(record: StoredRecord): string {
  const actors: string[] = []
  const labels: Label[] = []
  const labelTexts: string[] = []
  const notes: ChangeNote[] = []
  const noteTexts: string[] = []
  const actor = (name: string) => indexIn(actors, name, name)
  const label = (it: Label) => {
    const same = labels.indexOf(it)
    return same >= 0 ? same : indexIn(labelTexts, canonicalJson(it), it, labels)
  }
  const noted = (it: ChangeNote) => {
    const same = notes.indexOf(it)
    return same >= 0 ? same : indexIn(noteTexts, canonicalJson(it), it, notes)
  }
  const stamp = ([counter, name]: Stamp): Short<Stamp> => [counter, actor(name)]
  const content = ({ label: full, ...rest }: FieldContent) => ({ ...rest, label: label(full) })
  const version = <C, S>(
    { at, was, now, imported, note, again, out }: Version<C>,
    shorten: (content: C) => S,
  ) => ({
    at: stamp(at),
    now: now === null ? null : shorten(now),
    ...(was && { was: was.map(stamp) }),
    ...(imported !== undefined && { imported: imported === null ? null : shorten(imported) }),
    ...(note && { note: noted(note) }),
    ...(again && { again: stamp(again) }),
    ...(out && { out: { ...out, label: label(out.label) } }),
  })
  const envelope = record.envelope.map((it) => version(it, (same) => same))
  const fields: Record<string, unknown> = {}
  for (const name of Object.keys(record.fields).sort())
    fields[name] = record.fields[name]?.map((it) => version(it, content))
  return JSON.stringify({ ...record, envelope, fields, actors, labels, notes })
}

/** The record of a text that `formatStored` wrote. Positions that name nothing come out undefined. */
export function parseStored(text: string): StoredRecord {
  const { actors, labels, notes = [], envelope, fields, ...rest } = JSON.parse(text) as StoredText
  const stamp = ([counter, position]: Short<Stamp>): Stamp => [counter, actors[position] as string]
  const content = ({ label, ...more }: Short<FieldContent>): FieldContent => ({
    ...more,
    label: labels[label] as Label,
  })
  const version = <S, C>(
    { at, was, now, imported, note, again, out }: ShortVersion<S>,
    widen: (short: S) => C,
  ): Version<C> => ({
    now: now === null ? null : widen(now),
    at: stamp(at),
    ...(was && { was: was.map(stamp) }),
    ...(imported !== undefined && { imported: imported === null ? null : widen(imported) }),
    ...(note !== undefined && { note: notes[note] as ChangeNote }),
    ...(again && { again: stamp(again) }),
    ...(out && { out: { ...out, label: labels[out.label] as Label } }),
  })
  const wide: Record<string, Register<FieldContent>> = {}
  for (const [name, register] of Object.entries(fields))
    wide[name] = register.map((it) => version(it, content))
  return { ...rest, envelope: envelope.map((it) => version(it, (same) => same)), fields: wide }
}

type Short<T> = T extends Stamp
  ? readonly [number, number]
  : Omit<T, 'label'> & { readonly label: number }

interface ShortVersion<S> {
  readonly at: Short<Stamp>
  readonly was?: readonly Short<Stamp>[]
  readonly now: S | null
  readonly imported?: S | null
  readonly note?: number
  readonly again?: Short<Stamp>
  readonly out?: Pick<FieldContent, 'terms'> & { readonly label: number }
}

interface StoredText extends Omit<StoredRecord, 'envelope' | 'fields'> {
  readonly actors: readonly string[]
  readonly labels: readonly Label[]
  readonly notes?: readonly ChangeNote[]
  readonly envelope: readonly ShortVersion<Envelope>[]
  readonly fields: Readonly<Record<string, readonly ShortVersion<Short<FieldContent>>[]>>
}

/** Position of a key, added with its item when it is new. */
function indexIn<T>(keys: string[], key: string, item: T, items?: T[]): number {
  const position = keys.indexOf(key)
  if (position >= 0) return position
  items?.push(item)
  return keys.push(key) - 1
}

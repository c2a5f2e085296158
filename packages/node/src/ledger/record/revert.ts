import type { Envelope } from '@entente/schema'
import { boundOf, joinBounds } from './bound.ts'
import { bindEnvelope } from './join-envelopes.ts'
import { currentEnvelope, currentField } from './merge-record.ts'
import {
  type FieldContent,
  nextStamp,
  type Register,
  type Stamp,
  type StoredRecord,
  stands,
  type Version,
} from './stored-record.ts'
import { same, stampsSeen, type Writer } from './write-versions.ts'

/** What becomes of a record whose change is taken back. */
export interface Reverted {
  /** Null: the change had made it, so it goes. The same object when nothing of the change is left. */
  readonly record: StoredRecord | null
  /** Fields (`envelope` among them) that somebody has changed since: they stay. */
  readonly kept: readonly string[]
  /** Fields that are back under a stricter label than they had. */
  readonly stricter: readonly string[]
}

/**
 * Takes back one change of a record, field by field, as long as nobody has changed the field since, or what they changed
 * is taken back itself. A label that the
 * change had made stricter stays so, and what it had tagged stays tagged: taking back is no way to widen.
 * @param before the record as it was; null if the change made it
 * @param change the stamp under which the change was written
 */
export function revert(
  record: StoredRecord,
  before: StoredRecord | null,
  change: Stamp,
  by: Writer,
): Reverted {
  const touched = (register: Register<unknown>) =>
    register.length === 1 && register[0] !== undefined && stands(register[0], change)
  const registers = Object.entries({ envelope: record.envelope, ...record.fields })
  if (before === null) {
    const kept = registers.filter(([, register]) => !touched(register)).map(([name]) => name)
    return { record: kept.length === 0 ? null : record, kept, stricter: [] }
  }
  const at = nextStamp(record, by.actor)
  const kept: string[] = []
  let changed = false
  const back = <C>(
    name: string,
    now: Register<C>,
    was: Register<C>,
    restore: (was: Register<C>, now: Register<C>) => Pick<Version<C>, 'now' | 'out'>,
  ): Register<C> => {
    if (same(now, was)) return now
    if (!touched(now)) {
      kept.push(name)
      return now
    }
    changed = true
    const seen = stampsSeen(now, by.actor)
    const [stood] = was
    const imported = stood?.imported
    const again = was.length === 1 ? (stood?.again ?? stood?.at) : undefined
    const version: Version<C> = {
      ...restore(was, now),
      at,
      ...(seen.length > 0 && { was: seen }),
      ...(imported !== undefined && { imported }),
      note: by.note,
      ...(again && { again }),
    }
    return [version]
  }
  const envelope = back('envelope', record.envelope, before.envelope, restoreEnvelope)
  const fields: Record<string, Register<FieldContent>> = {}
  for (const [name, register] of Object.entries(record.fields))
    fields[name] = back(name, register, before.fields[name] ?? [], restoreField)
  const stricter = Object.keys(fields).filter((name) => {
    const [was, is] = [before.fields[name], fields[name]].map((it) => currentField(it ?? [])?.label)
    return (
      was !== undefined &&
      is !== undefined &&
      fields[name] !== record.fields[name] &&
      !same(was, is)
    )
  })
  return { record: changed ? { ...record, envelope, fields } : record, kept, stricter }
}

/** What a record says about itself comes back, no looser than it has become: no jurisdiction goes, the stricter handling holds. */
const restoreEnvelope = (was: Register<Envelope>, now: Register<Envelope>) => ({
  now: bindEnvelope(currentEnvelope(was), currentEnvelope(now)),
})

function restoreField(
  was: Register<FieldContent>,
  now: Register<FieldContent>,
): Pick<Version<FieldContent>, 'now' | 'out'> {
  const bound = joinBounds([boundOf(was), boundOf(now)])
  const content = currentField(was)
  if (content === null) return { now: null, ...(bound && { out: bound }) }
  const { conflict: _settled, ...field } = content
  return { now: { ...field, ...bound } }
}

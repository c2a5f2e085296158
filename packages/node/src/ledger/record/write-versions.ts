import { canonicalJson, type Envelope } from '@entente/schema'
import { boundOf } from './bound.ts'
import {
  type ChangeNote,
  type FieldContent,
  nextStamp,
  type Register,
  type Stamp,
  type StoredRecord,
  type Version,
} from './stored-record.ts'

/** Who writes: the node, and the person with the reason. */
export interface Writer {
  readonly actor: string
  readonly note: ChangeNote
}

/** Collects new versions, all under one stamp; what would change nothing is left out. */
export function versionsOf(record: StoredRecord, { actor, note }: Writer) {
  const at = nextStamp(record, actor)
  let { envelope } = record
  const fields: Record<string, Register<FieldContent>> = { ...record.fields }
  let changed = false
  const version = <C>(
    register: Register<C>,
    now: C | null,
    byHand: boolean,
    said?: C,
  ): Register<C> => {
    const before = register[0]
    if (register.length === 1 && same(before?.now, now)) {
      if (byHand || before?.imported === undefined || same(before.imported, said)) return register
    }
    changed = true
    const was = stampsSeen(register, actor)
    const imported = byHand ? importedBefore(record, before) : isByHand(register) ? said : undefined
    return [
      {
        now,
        at,
        ...(was.length > 0 && { was }),
        ...(imported !== undefined && { imported }),
        note,
      },
    ]
  }
  return {
    field: (name: string, now: FieldContent | null, byHand: boolean, said?: FieldContent) => {
      const register = fields[name] ?? []
      const next = version(register, now, byHand, said)
      const out = now === null ? boundOf(register) : undefined
      fields[name] = out && next !== register ? next.map((only) => ({ ...only, out })) : next
    },
    envelope: (now: Envelope, byHand: boolean, said?: Envelope) => {
      envelope = version(envelope, now, byHand, said)
    },
    result: (): StoredRecord => (changed ? { ...record, envelope, fields } : record),
  }
}

/** Whether any version was written by a person over what a source had said. */
export const isByHand = (register: Register<unknown>): boolean =>
  register.some(({ imported }) => imported !== undefined)

/** What the source last said of a field that a person has edited since; null where it was silent. */
export function sourceWord<C>(register: Register<C>): C | null {
  const [latest] = register
  return latest?.imported === undefined ? (latest?.now ?? null) : latest.imported
}

/** What the source last said of a field that is now edited by hand; undefined when the record has no source. */
function importedBefore<C>(
  record: StoredRecord,
  before: Version<C> | undefined,
): C | null | undefined {
  if (record.key === undefined) return undefined
  return before?.imported === undefined ? (before?.now ?? null) : before.imported
}

/** The latest stamp of every other actor in a register. */
export function stampsSeen(register: Register<unknown>, actor: string): Stamp[] {
  const latest = new Map<string, number>()
  for (const { at, was = [] } of register)
    for (const [counter, writer] of [at, ...was])
      if (writer !== actor) latest.set(writer, Math.max(counter, latest.get(writer) ?? 0))
  return [...latest]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([writer, counter]) => [counter, writer])
}

export const same = (a: unknown, b: unknown): boolean =>
  JSON.stringify(a) === JSON.stringify(b) ||
  (a !== undefined && b !== undefined && canonicalJson(a) === canonicalJson(b))

import { canonicalJson, type FormChange, type FormStep, formStepsOf, Kind } from '@entente/schema'
import { mergeRegisters } from './merge-record.ts'
import type { FieldContent, Register, StoredRecord, Version } from './stored-record.ts'

/** Brings records into the form that this node knows, and says which form that is. */
export interface Forms {
  /**
   * A record in the present version of its kind: values, what sources said, and every version of a conflict. A record of
   * a newer version is given back as it is. Same object when there is nothing to lift.
   */
  readonly lift: (record: StoredRecord) => StoredRecord
  /** A record that was made here just now. */
  readonly fresh: (record: StoredRecord) => StoredRecord
  /** A record as it must be written after a change here: where its form is newer than is known here, the change is not. */
  readonly mark: (record: StoredRecord) => StoredRecord
  /** Canonical text of the version of every kind that has had more than one. */
  readonly text: string
}

/** @param stepsOf how records of each kind came to the present version */
export function createForms(stepsOf: (kind: Kind) => readonly FormStep[] = formStepsOf): Forms {
  const versionOf = (kind: Kind): number => stepsOf(kind).length + 1
  const later = Kind.options.filter((kind) => versionOf(kind) > 1).sort()
  return {
    text: canonicalJson(Object.fromEntries(later.map((kind) => [kind, versionOf(kind)]))),
    lift: (record) => {
      const { schema = 1, oldest = schema, ...rest } = record
      const present = versionOf(record.kind)
      if (oldest >= present || schema > present) return record
      const steps = stepsOf(record.kind).slice(oldest - 1)
      return { ...rest, schema: present, fields: steps.flat().reduce(change, record.fields) }
    },
    fresh: (record) => {
      const schema = versionOf(record.kind)
      return schema > 1 ? { ...record, schema } : record
    },
    mark: (record) => {
      const { schema = 1, oldest = schema } = record
      const present = versionOf(record.kind)
      return schema > present && present < oldest ? { ...record, oldest: present } : record
    },
  }
}

type Fields = StoredRecord['fields']

function change(fields: Fields, step: FormChange): Fields {
  if ('rename' in step) {
    const { [step.rename]: old, ...rest } = fields
    if (old === undefined) return fields
    return { ...rest, [step.to]: mergeRegisters([old, rest[step.to] ?? []]) }
  }
  const register = fields[step.change]
  if (register === undefined) return fields
  const content = (it: FieldContent): FieldContent => ({ ...it, value: step.by(it.value) })
  const version = ({ now, imported, ...rest }: Version<FieldContent>): Version<FieldContent> => ({
    ...rest,
    now: now === null ? null : content(now),
    ...(imported !== undefined && { imported: imported === null ? null : content(imported) }),
  })
  const next: Register<FieldContent> = register.map(version)
  // A version that was there in both forms is one again.
  return { ...fields, [step.change]: next.length > 1 ? mergeRegisters([next]) : next }
}

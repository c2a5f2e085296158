import type { Json, Label } from '@entente/schema'
import { boundOf } from './bound.ts'
import type { StoredRecord } from './stored-record.ts'
import { same } from './write-versions.ts'

/** One of the values that people left apart; null: one of them took the field out. */
export interface Candidate {
  readonly value: Json | null
  readonly label: Label | null
  /** Node that wrote it. */
  readonly node: string
  readonly author: string
  readonly reason: string
  readonly atMs: number | null
}

/** A field of which nodes of the nation hold different values: a person must choose. */
export interface FieldConflict {
  readonly field: string
  /** Latest first; the first is shown until somebody chooses. */
  readonly candidates: readonly Candidate[]
  /** Join of all labels: it holds until somebody chooses, and for what is chosen. */
  readonly label: Label | null
}

/** Fields of a record that were edited apart to different ends. The envelope is none: there the stricter word holds. */
export function conflictsOf(record: StoredRecord): FieldConflict[] {
  return Object.entries(record.fields)
    .filter(
      ([, register]) =>
        register.length > 1 && register.some(({ now }) => !same(now, register[0]?.now)),
    )
    .map(([field, register]) => ({
      field,
      candidates: register.map(({ now, at, note }) => ({
        value: now?.value ?? null,
        label: now?.label ?? null,
        node: at[1],
        author: note?.author ?? '',
        reason: note?.reason ?? '',
        atMs: note?.atMs ?? null,
      })),
      label: boundOf(register)?.label ?? null,
    }))
}

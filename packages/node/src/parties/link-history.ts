import { type Json, type Nation, RecordId } from '@entente/schema'
import type { Ledger } from '../ledger/ledger.ts'
import type { View } from '../view/view.ts'
import { nameOf } from './party-decisions.ts'

/** One change of what is decided about a supplier's names. */
export interface LinkRecord {
  readonly supplier: string
  readonly field: string
  /** What the field held after the change; empty where the decision was taken back. */
  readonly values: readonly string[]
  readonly author: string
  readonly reason: string
  readonly atMs: number
}

const deciding = ['aliases', 'same_as', 'part_of', 'members', 'distinct_from']

/** Every change of decisions on names, latest first. */
export async function linkHistory(
  ledger: Ledger,
  view: View,
  nation: Nation,
): Promise<readonly LinkRecord[]> {
  const suppliers = [...view.each({ kind: 'supplier', originator: nation })].filter(
    (row) => row.provenAtMs === null,
  )
  const names = new Map(suppliers.map((row) => [row.id, nameOf(row)]))
  const found: LinkRecord[] = []
  const histories = await ledger.histories(suppliers.map(({ id }) => RecordId.parse(id)))
  for (const [id, history] of histories)
    for (const { values, author, reason, atMs } of history)
      for (const field of Object.keys(values).filter((name) => deciding.includes(name))) {
        const named = textsIn(values[field] ?? null).map((value) => names.get(value) ?? value)
        found.push({ supplier: names.get(id) ?? id, field, values: named, author, reason, atMs })
      }
  return found.toSorted((a, b) => b.atMs - a.atMs)
}

const textsIn = (value: Json): readonly string[] =>
  typeof value === 'string'
    ? [value]
    : Array.isArray(value)
      ? value.filter((each): each is string => typeof each === 'string')
      : []

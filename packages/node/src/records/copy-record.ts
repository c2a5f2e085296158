import {
  type DataRecord,
  digestFragment,
  digestOf,
  type Envelope,
  type Field,
  type Fragment,
  type Json,
  type Nation,
  type Role,
  type Terms,
} from '@entente/schema'
import type { Draft } from '../ledger/record/amend-record.ts'
import { valueError } from '../ledger/record/check-edit.ts'

/** What a copy is made for. */
export interface CopyRequest {
  readonly dataset: string
  readonly nation: Nation
  /** Day of the copy. */
  readonly asOf: string
}

/** A field that a copy does not have, and why. */
export interface LeftField {
  readonly field: string
  readonly reason: string
}

/** A copy before it is written. */
export interface Copy {
  readonly draft: Draft
  /** What a record of ours cannot say: a value that came coarser than it is, that only some roles may read, or a field of a newer version. */
  readonly left: readonly LeftField[]
}

/** A copy of an own record: labels, terms and spellings go with it, and it says what it was derived from. */
export function copyOwn(record: DataRecord, request: CopyRequest): Copy {
  const { source: _source, status: _status, ...said } = record.envelope
  return draftOf(record, request, said, record.fields)
}

/**
 * A copy of what another nation released to us. Every field keeps the originator's terms, with what it was when it came, and is for
 * our nation alone: that it is here does not say who else may have it. Fields of ours are for every role, so one that only some may read
 * stays where it is.
 * @param limits roles that the originator lets read a field, by field; others it lets all read
 */
export function copyForeign(
  { head, disclosures }: Fragment,
  request: CopyRequest,
  limits: Readonly<Record<string, readonly Role[]>>,
): Copy {
  const { originator, handling, banner, kind, asOf } = head
  const from = { record: head.id, head: digestFragment(head) }
  const label = { ...banner, releasableTo: [] }
  const termsOf = (value: Json): Terms => ({
    originator,
    onward_release: handling.onward_release,
    received: { ...from, value: digestOf(value) },
  })
  const limited: LeftField[] = []
  const fields: Record<string, Field> = {}
  for (const [, field, value] of disclosures) {
    const roles = Object.hasOwn(limits, field) ? limits[field] : undefined
    if (roles === undefined) fields[field] = { value, label, terms: termsOf(value) }
    else limited.push({ field, reason: `${originator} lets only ${roles.join(', ')} read it` })
  }
  const { draft, left } = draftOf(
    { id: head.id, kind, originator },
    request,
    { asOf, handling },
    fields,
  )
  return { draft, left: [...limited, ...left] }
}

function draftOf(
  { id, kind, originator }: Pick<DataRecord, 'id' | 'kind' | 'originator'>,
  { dataset, nation }: CopyRequest,
  said: Omit<Envelope, 'source' | 'status'>,
  fields: Readonly<Record<string, Field>>,
): Copy {
  const from = [...(said.derivedFrom ?? []), { record: id, originator }]
  const left: LeftField[] = []
  const kept = Object.entries(fields).filter(([field, { value }]) => {
    const error = valueError(kind, field, value)
    if (error !== null) left.push({ field, reason: error.message })
    return error === null
  })
  const draft: Draft = {
    kind,
    dataset,
    originator: nation,
    envelope: {
      ...said,
      status: 'draft',
      source: { document: `copy of ${id} of ${originator}` },
      derivedFrom: unique(from),
    },
    fields: Object.fromEntries(kept.map(([name, { conflict: _open, ...field }]) => [name, field])),
  }
  return { draft, left }
}

function unique<T extends Json>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

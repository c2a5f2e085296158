import {
  type DataRecord,
  defaultLabelOf,
  fieldsOf,
  joinLabels,
  type Label,
  type Nation,
  RecordId,
} from '@entente/schema'
import { conflictsWith } from '../alias/link-decisions.ts'
import { NodeError } from '../errors.ts'
import type { Change, Ledger } from '../ledger/ledger.ts'
import type { View } from '../view/view.ts'
import { decisionsIn, nameOf, textsOf } from './party-decisions.ts'
import { sourceNames } from './source-names.ts'

/** What one name is to another, as a person decides it. */
export const relations = ['same-party', 'part-of', 'takes-part', 'distinct'] as const
export type DecidedRelation = (typeof relations)[number]

export interface LinkDecision {
  readonly name: string
  readonly relation: DecidedRelation
  readonly other: string
}

export interface DecideContext {
  readonly ledger: Ledger
  readonly view: View
  readonly nation: Nation
  /** Day of the decision. */
  readonly asOf: string
}

/**
 * Writes a decision on supplier records, as edits by hand: it has an author, a time and a reason, stands in the history and
 * can be taken back. No record is merged into another. A name without a supplier record gets one.
 * @returns records that were changed
 * @throws {NodeError} `NAME_UNKNOWN`, `LINK_CONTRADICTS`
 */
export async function decideLink(
  context: DecideContext,
  { name, relation, other }: LinkDecision,
  change: Change,
): Promise<readonly DataRecord[]> {
  const { view, nation } = context
  const decided = decisionsIn(view, nation)
  if (name === other)
    throw new NodeError('LINK_CONTRADICTS', `${name} is one name: a link needs two`)
  if (relation === 'same-party' && conflictsWith(decided, [name, other]))
    throw new NodeError(
      'LINK_CONTRADICTS',
      `${name} and ${other}, or names linked to them, were decided to be different parties: take that back first with entente alias unlink`,
    )
  if (
    relation === 'distinct' &&
    conflictsWith({ ...decided, distinct: [...decided.distinct, [name, other]] }, [name, name])
  )
    throw new NodeError(
      'LINK_CONTRADICTS',
      `${name} and ${other} were decided to be one party: take that back first with entente alias unlink`,
    )
  const names = new Map(sourceNames(view, nation).map((each) => [each.name, each]))
  for (const each of [name, other])
    if (!names.has(each) && supplierNamed(context, each) === undefined)
      throw new NodeError(
        'NAME_UNKNOWN',
        `no own record names ${each}; names are taken as they are spelt`,
      )
  const record = (of: string) => supplierFor(context, of, names.get(of)?.records ?? [], change)
  switch (relation) {
    case 'same-party': {
      const head = await record(other)
      const same = suppliersNamed(context, name).filter((id) => id !== head.id)
      const changed = [await addText(context, head, 'aliases', name, change)]
      for (const id of same) changed.push(await setRef(context, id, 'same_as', head.id, change))
      return changed
    }
    case 'part-of':
      return [
        await setRef(context, (await record(name)).id, 'part_of', (await record(other)).id, change),
      ]
    case 'takes-part':
      return [await addText(context, await record(other), 'members', name, change)]
    case 'distinct':
      return [await addText(context, await record(name), 'distinct_from', other, change)]
  }
}

/**
 * Takes back whatever was decided between two names, in either direction.
 * @throws {NodeError} `LINK_UNKNOWN`
 */
export async function undoLink(
  context: DecideContext,
  name: string,
  other: string,
  change: Change,
): Promise<readonly DataRecord[]> {
  const changed: DataRecord[] = []
  for (const [a, b] of [
    [name, other],
    [other, name],
  ] as const)
    for (const id of suppliersNamed(context, a)) {
      const record = context.ledger.get(id)
      if (record === null) continue
      const refs = ['same_as', 'part_of'].filter((field) => {
        const target = record.fields[field]?.value
        return (
          typeof target === 'string' && suppliersNamed(context, b).includes(RecordId.parse(target))
        )
      })
      const lists = ['aliases', 'members', 'distinct_from'].filter((field) =>
        textsOf(record, field).includes(b),
      )
      if (refs.length + lists.length === 0) continue
      const left = lists.map(
        (field) => [field, textsOf(record, field).filter((text) => text !== b)] as const,
      )
      const set = left
        .filter(([, texts]) => texts.length > 0)
        .map(([field, value]) => [field, { value }])
      const unset = [
        ...refs,
        ...left.filter(([, texts]) => texts.length === 0).map(([field]) => field),
      ]
      changed.push(await context.ledger.edit(id, { set: Object.fromEntries(set), unset }, change))
    }
  if (changed.length === 0)
    throw new NodeError('LINK_UNKNOWN', `nothing was decided between ${name} and ${other}`)
  return changed
}

/** Own supplier records of a name, those without a place first: they speak of the party, not of one of its works. */
function suppliersNamed({ view, nation }: DecideContext, name: string): readonly RecordId[] {
  return [...view.each({ kind: 'supplier', originator: nation })]
    .filter((row) => row.provenAtMs === null && nameOf(row) === name)
    .toSorted(
      (a, b) => Number('place' in a.fields) - Number('place' in b.fields) || (a.id < b.id ? -1 : 1),
    )
    .map(({ id }) => RecordId.parse(id))
}

const supplierNamed = (context: DecideContext, name: string): RecordId | undefined =>
  suppliersNamed(context, name)[0]

/** The supplier record of a name; a new one under the strictest label of the records that name it. */
async function supplierFor(
  context: DecideContext,
  name: string,
  records: readonly string[],
  change: Change,
): Promise<DataRecord> {
  const { ledger, nation, asOf } = context
  const known = supplierNamed(context, name)
  const found = known === undefined ? null : ledger.get(known)
  if (found !== null) return found
  const sources = records.flatMap((id) => ledger.get(RecordId.parse(id)) ?? [])
  const [first] = sources
  if (first === undefined)
    throw new NodeError(
      'NAME_UNKNOWN',
      `no own record names ${name}; names are taken as they are spelt`,
    )
  return ledger.add(
    {
      kind: 'supplier',
      dataset: first.dataset,
      originator: nation,
      envelope: {
        asOf,
        status: 'active',
        source: {
          document: `named in ${records.length === 1 ? first.id : `${records.length} records`}`,
        },
        handling: first.envelope.handling,
      },
      fields: { legal_name: { value: name, label: nameLabel(sources, name) } },
    },
    change,
  )
}

/** Join of the labels under which a name stands. */
function nameLabel(records: readonly DataRecord[], name: string): Label {
  const labels = records.flatMap((record) =>
    Object.values(record.fields)
      .filter(({ value }) => value === name || (Array.isArray(value) && value.includes(name)))
      .map(({ label }) => label),
  )
  return labels.length === 0 ? defaultLabelOf('N') : labels.reduce(joinLabels)
}

/** Adds a name to a list of a supplier, under the join of the list's label and that of the names themselves. */
async function addText(
  { ledger, view, nation }: DecideContext,
  record: DataRecord,
  field: string,
  text: string,
  change: Change,
): Promise<DataRecord> {
  const before = textsOf(record, field)
  if (before.includes(text)) return record
  const names = sourceNames(view, nation).find(({ name }) => name === text)?.records ?? []
  const sources = names.flatMap((id) => ledger.get(RecordId.parse(id)) ?? [])
  const current =
    record.fields[field]?.label ?? record.fields['legal_name']?.label ?? defaultLabelOf('N')
  const label = sources.length === 0 ? current : joinLabels(current, nameLabel(sources, text))
  const set = { [field]: { value: [...before, text], label } }
  return ledger.edit(record.id, { set, narrow: true }, change)
}

async function setRef(
  { ledger }: DecideContext,
  id: RecordId,
  field: 'same_as' | 'part_of',
  target: RecordId,
  change: Change,
): Promise<DataRecord> {
  const label =
    ledger.get(id)?.fields['legal_name']?.label ??
    defaultLabelOf(fieldsOf('supplier')[field]?.sensitivity ?? 'N')
  return ledger.edit(id, { set: { [field]: { value: target, label } }, narrow: true }, change)
}

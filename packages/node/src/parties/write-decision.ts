import { type DataRecord, type Field, type Json, joinLabels, type RecordId } from '@entente/schema'
import type { Change } from '../ledger/ledger.ts'
import type { Edit } from '../ledger/record/amend-record.ts'
import { type Binding, bindMore, bindsAsMuch, hasTerms, joinBindings } from './name-binding.ts'
import { textsOf } from './party-decisions.ts'
import {
  besideSource,
  type DecideContext,
  type KnownName,
  suppliersNamed,
} from './supplier-records.ts'

/** The field of a supplier record that says what its name is to another: the other name in a list, or the record of it. */
export type Word =
  | { readonly field: 'aliases' | 'members' | 'distinct_from' }
  | { readonly field: 'same_as' | 'part_of'; readonly target: RecordId }

/**
 * Writes what a name is to another into a supplier record of the name, under what binds either. A record that is not under
 * all that already stays as it is, else what it says of its own would no more be released: then one is made beside it.
 * @returns the record that says it now
 */
export async function writeWord(
  context: DecideContext,
  name: KnownName,
  other: KnownName,
  word: Word,
  change: Change,
): Promise<DataRecord> {
  const { plain, beside } = suppliersNamed(context, name.name)
  const said = [...plain, ...beside].find((record) => says(record, word, other))
  if (said !== undefined) return said
  const place = await placeFor(context, name, other, word)
  if (typeof place !== 'string')
    return context.ledger.edit(place.id, editFor(place, other, word), change)
  const { label, terms, envelope } = joinBindings(name.binding, other.binding)
  const value = valueFor(undefined, word, other.name)
  return addSupplier(
    context,
    name,
    {
      envelope,
      source: place === 'new' ? namedIn(name) : besideSource(name.name, other.name),
      fields: { [word.field]: { value, label, ...(terms && { terms }) } },
    },
    change,
  )
}

/** Whether a record of the name can say something of the other without one being made beside it. */
export const canSay = async (
  context: DecideContext,
  name: KnownName,
  other: KnownName,
  word: Word,
): Promise<boolean> => (await placeFor(context, name, other, word)) !== 'beside'

/** Writes it into every plain record of a name that can hold it. */
export async function repeatWord(
  context: DecideContext,
  name: KnownName,
  other: KnownName,
  word: Word,
  change: Change,
): Promise<readonly DataRecord[]> {
  const changed: DataRecord[] = []
  for (const record of suppliersNamed(context, name.name).plain)
    if (await canHold(context, record, other, word))
      changed.push(await context.ledger.edit(record.id, editFor(record, other, word), change))
  return changed
}

/** A supplier record of a name: one that is there, or a new one that says no more than the name. */
export async function supplierOf(
  context: DecideContext,
  name: KnownName,
  change: Change,
): Promise<DataRecord> {
  const { plain, beside } = suppliersNamed(context, name.name)
  const [known] = [...plain, ...beside]
  if (known !== undefined) return known
  const { envelope } = name.binding
  return addSupplier(context, name, { envelope, source: namedIn(name), fields: {} }, change)
}

/** A record that can hold it; `new` where the first record of the name could. */
async function placeFor(
  context: DecideContext,
  { name, binding }: KnownName,
  other: KnownName,
  word: Word,
): Promise<DataRecord | 'new' | 'beside'> {
  const { plain, beside } = suppliersNamed(context, name)
  for (const record of plain) if (await canHold(context, record, other, word)) return record
  if (plain.length === 0 && bindsAsMuch(binding, other.binding, context.nation)) return 'new'
  for (const record of beside) if (await canHold(context, record, other, word)) return record
  return 'beside'
}

/** Whether a record can hold it: it binds as much, and the field would be under the same terms. */
async function canHold(
  { ledger, nation }: DecideContext,
  record: DataRecord,
  other: KnownName,
  word: Word,
): Promise<boolean> {
  if (!bindsAsMuch(record, other.binding, nation)) return false
  const { terms } = other.binding
  if (terms === undefined) return true
  const after = await ledger.preview(record.id, editFor(record, other, word), noChange)
  return hasTerms(after.fields[word.field]?.terms, terms)
}

const noChange: Change = { author: '', reason: '' }

/** The edit that writes it into a record; labels get no wider. */
function editFor({ envelope, fields }: DataRecord, { name, binding }: KnownName, word: Word): Edit {
  const before = fields[word.field]
  const labels = [fields['legal_name']?.label ?? [], before?.label ?? []].flat()
  const label = labels.reduce(joinLabels, binding.label)
  const set = { [word.field]: { value: valueFor(before, word, name), label } }
  return { set, narrow: true, ...bindMore(envelope, binding.envelope) }
}

function addSupplier(
  { ledger, nation, asOf }: DecideContext,
  { name, binding: { label, terms }, sources }: KnownName,
  {
    envelope,
    source,
    fields,
  }: {
    readonly envelope: Binding['envelope']
    readonly source: Binding['envelope']['source']
    readonly fields: Readonly<Record<string, Field>>
  },
  change: Change,
): Promise<DataRecord> {
  // How good and how fresh the facts of the sources are says nothing of a decision.
  const { confidence: _confidence, reviewBy: _reviewBy, ...bound } = envelope
  return ledger.add(
    {
      kind: 'supplier',
      dataset: sources[0].dataset,
      originator: nation,
      envelope: { ...bound, asOf, source },
      fields: { legal_name: { value: name, label, ...(terms && { terms }) }, ...fields },
    },
    change,
  )
}

const namedIn = ({ sources: [first, ...others] }: KnownName) => ({
  document: `named in ${others.length === 0 ? first.id : `${others.length + 1} records`}`,
})

const says = (record: DataRecord, word: Word, { name }: KnownName): boolean =>
  'target' in word
    ? record.fields[word.field]?.value === word.target
    : textsOf(record, word.field).includes(name)

const valueFor = (before: Field | undefined, word: Word, name: string): Json =>
  'target' in word
    ? word.target
    : [...(before ? textsOf({ fields: { [word.field]: before } }, word.field) : []), name]

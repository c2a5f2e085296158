import type { Json } from './canonical-json.ts'
import type { Label } from './label.ts'
import type { Nation } from './nation.ts'

/**
 * What a policy authority signs to widen labels of one record by hand. `base` names the state of the record that the
 * authority saw: after any change, also one that leads back to the same content, the order is stale and can never be used
 * again. `values`: digest of what the labelled fields say under their new labels, by name, so that no other value goes under them.
 */
export interface LabelOrder {
  readonly nation: Nation
  readonly record: string
  readonly base: string
  readonly labels: Readonly<Record<string, Label>>
  readonly values: string
  readonly reason: string
}
export const labelOrderType = 'entente-label-order'

/** Fields that an edit sets: value, label or both. */
type SetFields = Readonly<
  Record<string, { readonly value?: Json | undefined; readonly label?: Label | undefined }>
>

/** Labels that an edit gives, by field: what an order is about. */
export const labelsOrdered = (set: SetFields): LabelOrder['labels'] =>
  Object.fromEntries(
    Object.entries(set).flatMap(([name, { label }]) => (label ? [[name, label]] : [])),
  )

/** What the fields that an edit labels will say, by name; null where they say nothing. An order has the digest of it. */
export const valuesOrdered = (
  fields: Readonly<Record<string, { readonly value: Json }>>,
  set: SetFields,
): Readonly<Record<string, Json>> =>
  Object.fromEntries(
    Object.entries(set).flatMap(([name, { value, label }]) =>
      label ? [[name, value ?? fields[name]?.value ?? null]] : [],
    ),
  )

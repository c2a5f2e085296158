import {
  type Caveat,
  type Classification,
  fieldsOf,
  type Json,
  type Kind,
  type Label,
  type Role,
  rankOf,
  type Sensitivity,
  supplierFieldsOf,
} from '@entente/schema'
import { supplyOf } from './supplier/supply.ts'

/** Somebody at a nation who would read. */
export interface Reader {
  readonly role: Role
  /** Of a contractor: every naming of its own firm, as `namingOf` writes it. */
  readonly supplier?: readonly string[] | undefined
}

/** A field as a node holds it, its own or a partner's. */
export interface ReadField {
  readonly kind: Kind
  readonly name: string
  /** Level and caveats of the field itself; of a partner's, whose labels stay home, those of the banner it came under. */
  readonly label: { readonly classification: Classification; readonly caveats: readonly Caveat[] }
  /** Who may read it, where the sender says so; absent: it does not. */
  readonly roles?: readonly Role[] | undefined
  /** Whose confidence it is in (`Supply.named`). */
  readonly named: readonly string[] | null
}

/**
 * Whether somebody may read a field. A limit that came with it binds everybody. A contractor reads besides only what is public or for all
 * partners (P, G), and of what is in commercial confidence (C, or marked COMMERCIAL) only its own: every supplier that the record names is
 * its own firm. Where a banner is stricter than a field may be itself, nobody can tell: a contractor reads it only if the sender named
 * that role. Pure; it is no gate: what it keeps from a reader has reached the nation.
 */
export function mayRead(reader: Reader, field: ReadField): boolean {
  const { roles, label } = field
  if (roles !== undefined && !roles.includes(reader.role)) return false
  if (reader.role !== 'contractor') return true
  const sensitivity = sensitivityOf(field)
  const isCommercial = sensitivity === 'C' || label.caveats.includes('COMMERCIAL')
  if (isCommercial && !isOwn(reader, field)) return false
  if (!isCommercial && sensitivity !== 'P' && sensitivity !== 'G') return false
  const within = isCommercial ? ('RESTRICTED' as const) : ('UNCLASSIFIED' as const)
  const isOpen =
    rankOf(label.classification) <= rankOf(within) &&
    label.caveats.every((caveat) => isCommercial && caveat === 'COMMERCIAL')
  return isOpen || roles !== undefined
}

function isOwn({ supplier = [] }: Reader, { named }: ReadField): boolean {
  return named !== null && named.length > 0 && named.every((naming) => supplier.includes(naming))
}

/** A field that the kind does not know is as sensitive as any. */
function sensitivityOf({ kind, name }: ReadField): Sensitivity {
  const definitions = fieldsOf(kind)
  return (Object.hasOwn(definitions, name) ? definitions[name]?.sensitivity : undefined) ?? 'N'
}

/** A record as it is shown: own fields have labels, those of a partner the banner and the limits that came with them. */
export interface Shown<F> {
  readonly id: string
  readonly kind: Kind
  readonly banner: Pick<Label, 'classification' | 'caveats'> | null
  readonly fields: Readonly<Record<string, F>>
}
interface ShownField {
  readonly value: Json
  readonly label?: Label | undefined
  readonly roles?: readonly Role[] | undefined
  readonly conflict?: true | undefined
}

/**
 * The fields of a record that somebody may read. Of a partner's record a field that names a supplier may have been withheld: where the kind
 * has several and not all have come, nobody can tell that every supplier is the reader's own firm. A code stands beside a name, for the same firm.
 */
export function readable<F extends ShownField>(
  reader: Reader,
  { id, kind, banner, fields }: Shown<F>,
): Readonly<Record<string, F>> {
  const isWhole =
    Object.values(fields).every(({ label }) => label !== undefined) ||
    Object.entries(supplierFieldsOf(kind)).every(
      ([name, as]) => isCode(as) || Object.hasOwn(fields, name),
    )
  const named = isWhole ? supplyOf({ id, kind, fields }).named : null
  return Object.fromEntries(
    Object.entries(fields).filter(([name, { label, roles }]) =>
      mayRead(reader, { kind, name, label: label ?? banner ?? unknown, roles, named }),
    ),
  )
}

const isCode = (as: string): boolean => as !== 'name' && as !== 'ref'

const unknown = { classification: 'TOP SECRET', caveats: [] } as const

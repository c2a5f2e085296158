import { z } from 'zod'
import { isLikePseudonym } from '../pseudonym.ts'
import { agreement } from './agreement.ts'
import { alert } from './alert.ts'
import { capability } from './capability.ts'
import type { FieldDefinition, FormStep, SupplierNaming } from './define-kind.ts'
import { engagement } from './engagement.ts'
import { facility } from './facility.ts'
import { gap } from './gap.ts'
import { investment } from './investment.ts'
import { item } from './item.ts'
import { programme } from './programme.ts'
import { supplier } from './supplier.ts'
import { Plain } from './value.ts'

/** The ten kinds of record. */
export const kinds = {
  capability,
  gap,
  investment,
  supplier,
  facility,
  item,
  programme,
  agreement,
  engagement,
  alert,
} as const

/** Name of a kind of record. */
export const Kind = z.enum([
  'capability',
  'gap',
  'investment',
  'supplier',
  'facility',
  'item',
  'programme',
  'agreement',
  'engagement',
  'alert',
])
export type Kind = z.infer<typeof Kind>

/** The fields of a kind by name: value schema, default class, meaning, band type. */
export function fieldsOf(kind: Kind): Readonly<Record<string, FieldDefinition>> {
  return kinds[kind].fields
}

/** Fields without which a record of this kind cannot be recognised. */
export function identityOf(kind: Kind): readonly string[] {
  return kinds[kind].identity
}

/** Fields of a kind that name the supplier in whose confidence a record holds something, and how each names it. */
export function supplierFieldsOf(kind: Kind): Readonly<Record<string, SupplierNaming>> {
  return kinds[kind].suppliers ?? {}
}

/** How records of older versions of a kind come to the present one, oldest first. */
export function formStepsOf(kind: Kind): readonly FormStep[] {
  return kinds[kind].steps
}

/** What became of a field value: parsed, or refused with a code. */
export type FieldOutcome =
  | { readonly ok: true; readonly value: Plain }
  | {
      readonly ok: false
      readonly code: 'UNKNOWN_FIELD' | 'INVALID_VALUE'
      readonly reason: string
    }

/**
 * Checks one field value. `UNKNOWN_FIELD` may be a field of a newer version: the caller decides whether to keep it.
 * `INVALID_VALUE` says which part of the value is wrong and why; a name that would be taken for a pseudonym is one.
 */
export function parseFieldValue(kind: Kind, name: string, value: unknown): FieldOutcome {
  const fields = fieldsOf(kind)
  const definition = Object.hasOwn(fields, name) ? fields[name] : undefined
  if (!definition)
    return { ok: false, code: 'UNKNOWN_FIELD', reason: `${kind} has no field ${name}` }
  const known = definition.schema.safeParse(value)
  // A second parse, not a pipe: zod drops "unrecognized key" when an object is piped into a union.
  const parsed = known.success ? Plain.safeParse(known.data) : known
  if (parsed.success) {
    if (
      identityOf(kind).includes(name) &&
      typeof parsed.data === 'string' &&
      isLikePseudonym(parsed.data)
    )
      return {
        ok: false,
        code: 'INVALID_VALUE',
        reason: `${name}: ${parsed.data} has the form of a pseudonym, which stands where a nation withholds a name: give the name itself`,
      }
    return { ok: true, value: parsed.data }
  }
  const issue = parsed.error.issues[0]
  const where = [name, ...(issue?.path ?? [])].map(String).join('.')
  return {
    ok: false,
    code: 'INVALID_VALUE',
    reason: `${where}: ${issue?.message ?? 'is not valid'}`,
  }
}

/** JSON Schema 2020-12 of the plain field values of a kind. */
export function jsonSchemaOf(kind: Kind): z.core.JSONSchema.JSONSchema {
  return z.toJSONSchema(kinds[kind].schema, { target: 'draft-2020-12', io: 'input' })
}

import { type JointKind, Nation } from '@entente/schema'
import { z } from 'zod'

/** A value of a joint document but its text. */
export type JointValue = string | number

const line = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    // Foreign text goes to screens: no control characters, nothing that turns the direction of writing.
    .regex(/^[^\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'must be one line without control characters')
const day = z.iso.date()
const name = '[a-z0-9][a-z0-9-]{0,31}'

/** Longest text of a document, characters. */
export const MOST_TEXT = 20_000
/** Most paths in a document: what stands beyond them is not shown. */
export const MOST_PATHS = 1_000

/** One sort of value: the path it stands at, what the policy calls it, what it may be. */
interface FieldForm {
  readonly path: RegExp
  /** As in the help of the verb. */
  readonly shown: string
  /** Name under which the policy decides on it. */
  readonly field: string
  readonly value: z.ZodType<JointValue>
}

const form = (shown: string, field: string, value: z.ZodType<JointValue>): FieldForm => ({
  path: new RegExp(
    `^${shown.replaceAll('.', '\\.').replace('NAME', name).replace('NATION', '[A-Z]{3}')}$`,
  ),
  shown,
  field,
  value,
})

const title = form('title', 'title', line(200))
const quantity = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d{1,15}$/, 'not a whole number')
    .transform(Number),
])

/** What stands in a document of each kind, beside its text. */
const jointForms: Record<JointKind, readonly FieldForm[]> = {
  requirement: [
    title,
    form('needed-by', 'needed_by', day),
    form('value.NAME.threshold', 'values', line(100)),
    form('value.NAME.objective', 'values', line(100)),
    form('value.NAME.unit', 'values', line(40)),
  ],
  buy: [
    title,
    form('item', 'item', line(200)),
    form('nsn', 'item', line(20)),
    form('date', 'needed_by', day),
    form('unit', 'quantity', line(40)),
    form('quantity.NATION', 'quantity', quantity),
  ],
  actions: [
    title,
    form('action.NAME.what', 'actions', line(400)),
    form('action.NAME.owner', 'actions', Nation),
    form('action.NAME.due', 'actions', day),
    form('action.NAME.state', 'actions', z.enum(['open', 'under-way', 'done', 'dropped'])),
  ],
}

/** Path of the one text that members write together. */
export const TEXT = 'text'
const Text = z
  .string()
  .max(MOST_TEXT)
  .regex(/^[^\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'must have no hidden characters')
  .regex(/^(?:[^\p{Cc}]|[\n\t])*$/u, 'must have no control characters but line ends and tabs')

/** Name under which the policy decides on what stands at a path; null: the kind has no such path. */
export const policyField = (kind: JointKind, path: string): string | null =>
  path === TEXT ? 'text' : (formOf(kind, path)?.field ?? null)

/** What stands at a path, if it is what may stand there. */
export type ReadValue =
  | { readonly ok: true; readonly value: JointValue }
  | { readonly ok: false; readonly reason: string }

/** Reads a value that somebody wrote, here or elsewhere. Pure; what is foreign is believed no more than what is typed. */
export function readValue(kind: JointKind, path: string, value: unknown): ReadValue {
  const found = path === TEXT ? Text : formOf(kind, path)?.value
  if (found === undefined)
    return {
      ok: false,
      reason: `a ${kind} has no ${path}; it has ${[TEXT, ...jointForms[kind].map(({ shown }) => shown)].join(', ')}`,
    }
  const parsed = found.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, reason: `${path}: ${parsed.error.issues[0]?.message ?? 'not a value'}` }
}

const formOf = (kind: JointKind, path: string): FieldForm | undefined =>
  jointForms[kind].find((each) => each.path.test(path))

import { JOINT_TEXT, type JointKind, jointPath, jointPaths, Nation } from '@entente/schema'
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
/** Longest text of a document, characters. */
export const MOST_TEXT = 20_000
/** Most paths in a document: what stands beyond them is not shown. */
export const MOST_PATHS = 1_000

const quantity = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d{1,15}$/, 'not a whole number')
    .transform(Number),
])

const title = line(200)

/** What may stand at each path of a kind, beside its text. */
const jointForms: {
  readonly [K in JointKind]: Readonly<
    Record<keyof (typeof jointPaths)[K] & string, z.ZodType<JointValue>>
  >
} = {
  requirement: {
    title,
    'needed-by': day,
    'value.NAME.threshold': line(100),
    'value.NAME.objective': line(100),
    'value.NAME.unit': line(40),
  },
  buy: {
    title,
    item: line(200),
    nsn: line(20),
    date: day,
    unit: line(40),
    'quantity.NATION': quantity,
  },
  actions: {
    title,
    'action.NAME.what': line(400),
    'action.NAME.owner': Nation,
    'action.NAME.due': day,
    'action.NAME.state': z.enum(['open', 'under-way', 'done', 'dropped']),
  },
}

/** Path of the one text that members write together. */
export const TEXT = JOINT_TEXT
const Text = z
  .string()
  .max(MOST_TEXT)
  .regex(/^[^\p{Cf}\p{Cs}\p{Zl}\p{Zp}]*$/u, 'must have no hidden characters')
  .regex(/^(?:[^\p{Cc}]|[\n\t])*$/u, 'must have no control characters but line ends and tabs')

/** Name under which the policy decides on what stands at a path; null: the kind has no such path. */
export const policyField = (kind: JointKind, path: string): string | null =>
  jointPath(kind, path)?.field ?? null

/** What stands at a path, if it is what may stand there. */
export type ReadValue =
  | { readonly ok: true; readonly value: JointValue }
  | { readonly ok: false; readonly reason: string }

/** Reads a value that somebody wrote, here or elsewhere. Pure; what is foreign is believed no more than what is typed. */
export function readValue(kind: JointKind, path: string, value: unknown): ReadValue {
  const found = path === TEXT ? Text : formOf(kind, path)
  if (found === undefined)
    return {
      ok: false,
      reason: `a ${kind} has no ${path}; it has ${[TEXT, ...Object.keys(jointPaths[kind])].join(', ')}`,
    }
  const parsed = found.safeParse(value)
  if (parsed.success) return { ok: true, value: parsed.data }
  return { ok: false, reason: `${path}: ${parsed.error.issues[0]?.message ?? 'not a value'}` }
}

function formOf(kind: JointKind, path: string): z.ZodType<JointValue> | undefined {
  const forms: Readonly<Record<string, z.ZodType<JointValue>>> = jointForms[kind]
  return forms[jointPath(kind, path)?.shown ?? '']
}

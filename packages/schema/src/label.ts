import { z } from 'zod'

/** Levels, lowest first. National schemes map onto them by dated agreement data. */
export const classifications = [
  'UNCLASSIFIED',
  'RESTRICTED',
  'CONFIDENTIAL',
  'SECRET',
  'TOP SECRET',
] as const
export const Classification = z.enum(classifications)
export type Classification = z.infer<typeof Classification>

/** Position of a level, 0 the lowest. */
export const rankOf = (level: Classification): number => classifications.indexOf(level)

/**
 * Restrictive markings: a recipient must satisfy all of them.
 * NOFORN: no foreign release. ORCON: only the originator may pass it on.
 * ONLY (eyes only): the release list is closed; nothing opens it to a nation that it did not mean, nor to passing on.
 * COMMERCIAL: in confidence, needs the supplier's consent as well.
 */
export const caveats = ['COMMERCIAL', 'NOFORN', 'ONLY', 'ORCON'] as const
export const Caveat = z.enum(caveats)
export type Caveat = z.infer<typeof Caveat>

const sortedSet = <T extends z.ZodType<string>>(item: T) =>
  z
    .array(item)
    .readonly()
    .refine((list) => list.every((x, i) => i === 0 || (list[i - 1] as string) < x), {
      error: 'must be sorted and without repeats',
    })

/**
 * A marking of a national or alliance scheme as it was given, after the scheme: `ESP:RESERVADO`. `classification` is its equivalent
 * under an agreement, and no lower.
 */
export const OriginalMarking = z
  .string()
  .max(80)
  .regex(
    /^[A-Z]{2,16}:[\p{L}\d](?:(?!\/\/)[\p{L}\d !./-])*$/u,
    'not a marking such as ESP:RESERVADO',
  )
  .refine((text) => text === text.normalize('NFC') && text === text.trimEnd(), {
    error: 'not in Unicode normal form C, or with a blank at the end',
  })

/**
 * Confidentiality label of one record or one field. `releasableTo` names nations (alpha-3) and groups;
 * empty means the originator alone. @see STANAG 4774 (ADatP-4774), in meaning
 */
export const Label = z.strictObject({
  classification: Classification,
  releasableTo: sortedSet(z.string().regex(/^([A-Z]{3}|[A-Z][A-Z0-9_]{3,15})$/)),
  caveats: sortedSet(Caveat),
  original: sortedSet(OriginalMarking)
    .refine((list) => list.length > 0)
    .optional(),
})
export type Label = z.infer<typeof Label>

/**
 * The least label that protects both: the higher level, all caveats and original markings, only the common release list.
 * Idempotent, commutative, associative.
 */
export function joinLabels(a: Label, b: Label): Label {
  const higher = rankOf(a.classification) >= rankOf(b.classification) ? a : b
  const original = [...new Set([...(a.original ?? []), ...(b.original ?? [])])].sort()
  return {
    classification: higher.classification,
    releasableTo: a.releasableTo.filter((x) => b.releasableTo.includes(x)),
    caveats: [...new Set([...a.caveats, ...b.caveats])].sort(),
    ...(original.length > 0 && { original }),
  }
}

/** The label that a text marks, or why it marks none. */
export type LabelOutcome =
  | { readonly ok: true; readonly label: Label }
  | { readonly ok: false; readonly reason: string }

/**
 * Reads a label as it is marked on paper: `RESTRICTED//ORCON//REL TO AUKUS,NOR`, with an original marking
 * `SECRET//ESP:RESERVADO//REL TO ESP`. Without `REL TO` it is for the originator alone.
 */
export function parseLabel(text: string): LabelOutcome {
  const [classification = '', ...rest] = text.split('//').map((part) => part.trim())
  const releasable = rest.filter((part) => part.startsWith('REL TO '))
  const original = rest.filter((part) => part.includes(':'))
  const caveats = rest.filter((part) => !part.startsWith('REL TO ') && !part.includes(':'))
  const list = (parts: readonly string[]) =>
    [...new Set(parts.flatMap((part) => part.split(/[,\s]+/)))].sort()
  const releasableTo = list(releasable.map((part) => part.slice('REL TO '.length)))
  const parsed = Label.safeParse({
    classification,
    caveats: list(caveats),
    releasableTo,
    ...(original.length > 0 && { original: [...new Set(original)].sort() }),
  })
  if (parsed.success) return { ok: true, label: parsed.data }
  const issue = parsed.error.issues[0]
  return {
    ok: false,
    reason: `${text} is no label (${issue?.path.join('.')}: ${issue?.message}); write it as RESTRICTED//ORCON//REL TO AUKUS,NOR`,
  }
}

/** The label as it is marked on paper. */
export function formatLabel({ classification, caveats, releasableTo, original }: Label): string {
  const release = releasableTo.length === 0 ? [] : [`REL TO ${releasableTo.join(',')}`]
  return [classification, ...(original ?? []), ...caveats, ...release].join('//')
}

/** Whether a label lets somebody see what the other did not: it is not at least as strict. */
export function widens(before: Label, after: Label): boolean {
  const joined = joinLabels(before, after)
  return (
    joined.classification !== after.classification ||
    joined.caveats.length !== after.caveats.length ||
    joined.releasableTo.length !== after.releasableTo.length ||
    (joined.original ?? []).length !== (after.original ?? []).length
  )
}

/** Whether what stands under a label is more protected than a document of another says that it is: by level, caveat or national marking. Pure. */
export const isAboveLabel = (label: Label, document: Label): boolean =>
  rankOf(label.classification) > rankOf(document.classification) ||
  label.caveats.some((caveat) => !document.caveats.includes(caveat)) ||
  (label.original ?? []).some((marking) => !document.original?.includes(marking))

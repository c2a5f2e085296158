import {
  type DataRecord,
  type Envelope,
  type Field,
  identityOf,
  type Json,
  Nation,
} from '@entente/schema'
import { labelOf, type Mapping } from '../mapping/mapping.ts'
import type { Draft } from '../row-result.ts'

interface DraftText {
  readonly originator: string
  readonly envelope: Envelope
  /** Value, and the text it was given as. */
  readonly fields: Readonly<Record<string, readonly [Json, string?]>>
}

/** A draft as it is kept until it is applied, its identity first: without its labels, which its mapping gives. */
export function formatDraft({ kind, originator, envelope, fields }: Draft): string {
  const names = new Set([...identityOf(kind), ...Object.keys(fields)])
  const short = [...names].flatMap((name) => {
    const field = fields[name]
    if (field === undefined) return []
    const { value, asGiven } = field
    return [[name, asGiven === undefined ? [value] : [value, asGiven]]]
  })
  return JSON.stringify({ originator, envelope, fields: Object.fromEntries(short) })
}

/** The draft of a text that `formatDraft` wrote under the same mapping. */
export function parseDraft(text: string, mapping: Mapping): Draft {
  const { originator, envelope, fields } = JSON.parse(text) as DraftText
  const nation = Nation.parse(originator)
  const wide: Record<string, Field> = {}
  for (const [name, [value, asGiven]] of Object.entries(fields))
    wide[name] = {
      value,
      label: labelOf(mapping, name, nation),
      ...(asGiven !== undefined && { asGiven }),
    }
  const { kind, dataset }: Pick<DataRecord, 'kind' | 'dataset'> = mapping
  return { kind, originator: nation, dataset, envelope, fields: wide }
}

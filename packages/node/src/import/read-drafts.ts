import { createHash } from 'node:crypto'
import {
  canonicalJson,
  type DataRecord,
  Envelope,
  type Field,
  fieldsOf,
  identityOf,
  Nation,
  parseFieldValue,
} from '@entente/schema'
import { ImportError } from './import-error.ts'
import type { Mapping } from './mapping.ts'
import { type RawRow, readRows, type TableFile } from './read-rows.ts'
import { type RowContext, textIn, valueIn } from './value-in.ts'

/** A record before the ledger gives it its id. */
export type Draft = Omit<DataRecord, 'id'>

/** A row that became a draft, or why it did not. */
export type RowResult =
  | { readonly ok: true; readonly row: number; readonly naturalKey: string; readonly draft: Draft }
  | {
      readonly ok: false
      readonly file: string
      readonly row: number
      readonly column: string | undefined
      readonly code: ImportError['code']
      readonly reason: string
    }

/**
 * Reads a table through a mapping, row by row: a bad row is reported, good rows go on. A row whose natural key came
 * before in the file with other content is refused (`DUPLICATE_KEY`); with the same content it is yielded again.
 */
export async function* readDrafts(file: TableFile, mapping: Mapping): AsyncGenerator<RowResult> {
  const seen = new Map<string, { readonly row: number; readonly digest: string }>()
  for await (const raw of readRows(file)) {
    try {
      const result = draftOf(raw, mapping)
      const digest = digestOf(result.draft)
      const earlier = seen.get(result.naturalKey)
      if (earlier && earlier.digest !== digest)
        throw new ImportError(
          'DUPLICATE_KEY',
          `${result.naturalKey} stands in row ${earlier.row} with other content`,
          mapping.key[0],
        )
      if (!earlier) seen.set(result.naturalKey, { row: raw.row, digest })
      yield { ok: true, row: raw.row, ...result }
    } catch (error) {
      if (!(error instanceof ImportError)) throw error
      const { code, column, message: reason } = error
      yield { ok: false, file: file.name, row: raw.row, column, code, reason }
    }
  }
}

function draftOf(raw: RawRow, mapping: Mapping): { naturalKey: string; draft: Draft } {
  if ('error' in raw) throw raw.error
  const row: RowContext = { cells: raw.cells, missing: mapping.missing }
  const originator = originatorOf(mapping, row)
  const fields: Record<string, Field> = {}
  for (const name of Object.keys(mapping.fields)) {
    const field = fieldOf(name, mapping, originator, row)
    if (field) fields[name] = field
  }
  const lacking = identityOf(mapping.kind).find((name) => !fields[name])
  if (lacking)
    throw new ImportError(
      'MISSING_VALUE',
      `a ${mapping.kind} needs its ${lacking}`,
      columnOf(lacking, mapping),
    )
  const { kind, dataset } = mapping
  return {
    // The mapping is part of it: two tables of one kind may both count from 1.
    naturalKey: canonicalJson([
      mapping.mapping,
      kind,
      originator,
      ...mapping.key.map((column) => textIn(column, row) ?? ''),
    ]),
    draft: { kind, originator, dataset, envelope: envelopeOf(mapping, row), fields },
  }
}

function originatorOf({ originator }: Mapping, row: RowContext): Nation {
  if (typeof originator === 'string') return originator
  const parsed = Nation.safeParse(textIn(originator.column, row))
  if (!parsed.success)
    throw new ImportError('BAD_VALUE', 'the originator is not a nation', originator.column)
  return parsed.data
}

function envelopeOf(mapping: Mapping, row: RowContext): Envelope {
  const sourceRow = mapping.source.row && valueIn(mapping.source.row, row)
  const envelope = Envelope.safeParse({
    asOf: valueIn(mapping.asOf, row),
    status: mapping.status,
    source: {
      document: valueIn(mapping.source.document, row),
      ...(sourceRow !== undefined && { row: sourceRow }),
    },
    ...(mapping.confidence !== undefined && { confidence: mapping.confidence }),
    handling: mapping.handling,
  })
  if (envelope.success) return envelope.data
  const issue = envelope.error.issues[0]
  throw new ImportError('BAD_VALUE', `${issue?.path.join('.')}: ${issue?.message}`)
}

function fieldOf(
  name: string,
  mapping: Mapping,
  originator: Nation,
  row: RowContext,
): Field | undefined {
  const spec = mapping.fields[name]
  const value = spec && valueIn(spec.value, row)
  if (spec === undefined || value === undefined) return undefined
  const parsed = parseFieldValue(mapping.kind, name, value)
  if (!parsed.ok) throw new ImportError('BAD_VALUE', parsed.reason, columnOf(name, mapping))
  const sensitivity = spec.class ?? fieldsOf(mapping.kind)[name]?.sensitivity ?? 'N'
  const label =
    spec.label ?? mapping.labelsOf[originator]?.[sensitivity] ?? mapping.labels[sensitivity]
  if (!label)
    throw new ImportError('MAPPING_INVALID', `fields.${name}: class ${sensitivity} has no label`)
  return { value: parsed.value, label }
}

/** The column a field comes from, for the report; undefined where several make it up. */
function columnOf(name: string, mapping: Mapping): string | undefined {
  const value = mapping.fields[name]?.value
  return value && 'column' in value ? value.column : undefined
}

const digestOf = (draft: Draft): string =>
  createHash('sha256').update(canonicalJson(draft)).digest('base64')

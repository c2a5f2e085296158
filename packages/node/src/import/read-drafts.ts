import {
  canonicalJson,
  Envelope,
  type Field,
  identityOf,
  Nation,
  nationName,
  type Plain,
  parseFieldValue,
} from '@entente/schema'
import type { RecordColumn } from '../export-table/columns.ts'
import { readGuarded } from '../export-table/guard-text.ts'
import { foreignIn } from '../export-table/marking.ts'
import { contradictionsIn } from './check-row.ts'
import { identifierFlags } from './identifier-flags.ts'
import { ImportError } from './import-error.ts'
import { columnsRead, labelOf, type Mapping } from './mapping/mapping.ts'
import type { Draft, Flag, RowResult } from './row-result.ts'
import type { RawRow, Table } from './table/table.ts'
import { isoDate, monthsLater } from './values/date.ts'
import { matched, matches, type RowContext, textIn, wellFormed } from './values/text-in.ts'
import { quote } from './values/transform.ts'
import { valueIn } from './values/value-in.ts'

/**
 * Reads a table through a mapping, row by row: a bad row is reported, good rows go on.
 * @param onAbsent told at the end which columns that the mapping reads were in no row, of a file whose rows name their own
 * @throws {ImportError} `MISSING_COLUMN` when the file lacks columns that the mapping reads, and what makes the file unreadable
 */
export async function* readDrafts(
  table: Table,
  mapping: Mapping,
  onAbsent?: (columns: readonly string[]) => void,
): AsyncGenerator<RowResult> {
  const { columns } = table.info
  if (columns !== null) {
    const lacking = columnsRead(mapping).filter((column) => !columns.includes(column))
    if (lacking.length > 0)
      throw new ImportError(
        'MISSING_COLUMN',
        `the file has no column ${lacking.join(', ')}; it has ${columns.join(', ')}`,
        lacking[0],
      )
  }
  const absent = new Set(columns === null ? columnsRead(mapping) : [])
  for await (const raw of table.rows()) {
    if ('cells' in raw)
      for (const column of absent) if (raw.cells.has(column)) absent.delete(column)
    yield resultOf(raw, mapping, columns === null)
  }
  onAbsent?.([...absent])
}

function resultOf(raw: RawRow, mapping: Mapping, sparse: boolean): RowResult {
  let naturalKey: string | undefined
  try {
    return { ok: true, row: raw.row, ...draftOf(raw, mapping, sparse, (key) => (naturalKey = key)) }
  } catch (error) {
    if (!(error instanceof ImportError)) throw error
    const { code, column = null, message: reason } = error
    return { ok: false, row: raw.row, column, code, reason, ...(naturalKey && { naturalKey }) }
  }
}

function draftOf(raw: RawRow, mapping: Mapping, sparse: boolean, onKey: (key: string) => void) {
  if ('error' in raw) throw raw.error
  const flags: Flag[] = []
  let given: string[] = []
  const row: RowContext = {
    cells: raw.cells,
    sparse,
    style: mapping,
    // A cell is read for each field that it is part of: once is enough to say.
    flag: (flag) => {
      if (!flags.some(({ code, column }) => code === flag.code && column === flag.column))
        flags.push(flag)
    },
    given: (text) => void given.push(text),
  }
  const skip = mapping.skip.find((match) => matches(match, row))
  if (skip)
    throw new ImportError(
      'NOT_A_RECORD',
      `${matched(skip, row)}: the mapping says that such a row is no record`,
      Object.keys(skip)[0],
    )
  const originator = originatorOf(mapping, row)
  checkOwn(row, originator)
  const naturalKey = keyOf(mapping, originator, row)
  onKey(naturalKey)
  const fields: Record<string, Field> = {}
  for (const [name, { value: spec }] of Object.entries(mapping.fields)) {
    given = []
    const value = valueIn(spec, row)
    if (value === undefined) continue
    fields[name] = {
      value: checked(name, value, mapping),
      label: labelOf(mapping, name, originator),
      ...(given.length > 0 && { asGiven: given.join('; ') }),
    }
  }
  const lacking = identityOf(mapping.kind).find((name) => !fields[name])
  if (lacking) throw lackOf(lacking, mapping, flags)
  const { kind, dataset, sameKey } = mapping
  const draft: Draft = { kind, originator, dataset, envelope: envelopeOf(mapping, row), fields }
  return {
    naturalKey,
    rank: typeof sameKey === 'object' ? rankOf(sameKey.latest, row) : '',
    draft,
    flags: [...flags, ...contradictionsIn(mapping.checks, row), ...identifierFlags(draft)],
  }
}

/**
 * What is compared to find the latest: a date in the file's form with its time, a whole number by its size, else the text.
 * @throws {ImportError} `DATE_AMBIGUOUS`, `BAD_VALUE` for a date in another form: what is later cannot be told
 */
function rankOf(column: string, row: RowContext): string {
  const text = textIn(column, row) ?? ''
  const { dates } = row.style
  if (/^\d{1,15}$/.test(text) && dates !== 'YYYYMMDD') return text.padStart(15, '0')
  const date = isoDate(text, dates)
  if (date === 'ambiguous')
    throw new ImportError(
      'DATE_AMBIGUOUS',
      `${column} is ${quote(text)}: say with dates: in which order the file writes them`,
      column,
    )
  if (date !== undefined) return `${date}${/[T ]\d\d:\d\d.*/.exec(text)?.[0] ?? ''}`
  if (!/^\d{1,4}([/.-])\d{1,2}\1\d{1,4}$/.test(text)) return text
  throw new ImportError('BAD_VALUE', `${column} is ${quote(text)}: no date as ${dates}`, column)
}

/**
 * By what a row is known when it comes again. The mapping is part of it: two tables of one kind may both count from 1.
 * @throws {ImportError} `MISSING_VALUE` for a row that has none of the columns
 */
function keyOf({ mapping, kind, key }: Mapping, originator: Nation, row: RowContext): string {
  if (row.sparse && !key.some((column) => row.cells.has(column)))
    throw new ImportError(
      'MISSING_VALUE',
      `the row has nothing called ${key.join(', ')}, by which it is known`,
      key[0],
    )
  return canonicalJson([mapping, kind, originator, ...key.map((column) => keyPart(column, row))])
}

/** A key cell, where "not given" is a key like any other and a list is its parts. */
function keyPart(column: string, row: RowContext): string {
  const cell = row.cells.get(column)
  if (!Array.isArray(cell)) return textIn(column, row) ?? ''
  return cell.map((part: string) => wellFormed(part, column)).join('; ')
}

function originatorOf({ originator }: Mapping, row: RowContext): Nation {
  if (typeof originator === 'string') return originator
  const parsed = Nation.safeParse(valueIn(originator, row))
  if (parsed.success) return parsed.data
  throw new ImportError(
    'BAD_VALUE',
    'the originator is not a nation',
    'column' in originator ? originator.column : undefined,
  )
}

/**
 * A row of an exported table says whose its record is, and whose information is in it: read as if it were our own, it would
 * lose what they ask of us.
 */
function checkOwn({ cells }: RowContext, own: Nation): void {
  const read = (column: RecordColumn) => readGuarded(String(cells.get(column) ?? ''))
  const [originator, marking] = [read('entente.originator'), read('entente.marking')]
  const refuse = (column: RecordColumn, reason: string) => {
    throw new ImportError(
      'NOT_OURS',
      `${column} says ${quote(String(cells.get(column)))}: ${reason}; make a draft of it with entente record copy ID`,
      column,
    )
  }
  if (originator !== '' && originator !== own)
    refuse('entente.originator', `the record is not of ${nationName(own)}`)
  if (foreignIn(marking).some((nation) => nation !== own))
    refuse('entente.marking', `it holds what is not of ${nationName(own)}`)
}

function envelopeOf(mapping: Mapping, row: RowContext): Envelope {
  const part = (name: string, value: Plain | undefined) => value !== undefined && { [name]: value }
  const { source, reviewMonths, status, confidence, handling } = mapping
  const asOf = valueIn(mapping.asOf, row)
  const jurisdiction = (mapping.jurisdiction ?? []).flatMap((entry) => {
    const values = Object.entries(entry).map(([name, spec]) => [name, spec && valueIn(spec, row)])
    const present = Object.fromEntries(values.filter(([, value]) => value !== undefined))
    return present.regime === undefined ? [] : [present]
  })
  const envelope = Envelope.safeParse({
    asOf,
    ...(reviewMonths !== undefined &&
      typeof asOf === 'string' && { reviewBy: monthsLater(asOf, reviewMonths) }),
    status,
    source: {
      document: valueIn(source.document, row),
      ...part('row', source.row && valueIn(source.row, row)),
    },
    ...part('confidence', confidence),
    ...(jurisdiction.length > 0 && { jurisdiction }),
    handling,
  })
  if (envelope.success) return envelope.data
  const issue = envelope.error.issues[0]
  throw new ImportError('BAD_VALUE', `${issue?.path.join('.')}: ${issue?.message}`)
}

function checked(name: string, value: Plain, mapping: Mapping): Plain {
  const parsed = parseFieldValue(mapping.kind, name, value)
  if (parsed.ok) return parsed.value
  throw new ImportError('BAD_VALUE', parsed.reason, columnOf(name, mapping))
}

/** Why a record without a field it is recognised by is none: somebody wrote that there is nobody, or nothing is given. */
function lackOf(name: string, mapping: Mapping, flags: readonly Flag[]): ImportError {
  const column = columnOf(name, mapping)
  const lacks = `a ${mapping.kind} needs its ${name}`
  const placeholder = flags.find((flag) => flag.code === 'PLACEHOLDER' && flag.column === column)
  return placeholder === undefined
    ? new ImportError('MISSING_VALUE', lacks, column)
    : new ImportError('PLACEHOLDER', `${placeholder.message}: ${lacks}`, column)
}

/** The column a field comes from, for the report; undefined where several make it up. */
function columnOf(name: string, mapping: Mapping): string | undefined {
  const value = mapping.fields[name]?.value
  return value && 'column' in value ? value.column : undefined
}

import { fieldsOf, identityOf, Kind, type Nation } from '@entente/schema'
import { ImportError } from '../import-error.ts'
import type { Mapping } from '../mapping/mapping.ts'
import { columnsOf } from '../mapping/value-spec.ts'
import { openTable } from '../table/open-table.ts'
import type { Table, TableOptions, TableSource } from '../table/table.ts'
import { type ColumnFacts, sampleOf } from './column-facts.ts'
import { type Form, formFor } from './field-forms.ts'
import { asOfNames, fieldNames, kindWords } from './field-names.ts'
import { formatSuggestion } from './format-suggestion.ts'
import { keyColumns } from './key-columns.ts'
import { likeness, wordsOf } from './words.ts'

/** One column and the field it seems to be. `confidence`: integer percent, of the names and the values together. */
export interface Match {
  readonly column: string
  readonly field: string
  readonly form: Form
  readonly confidence: number
}

/** A mapping that somebody should read before it is used. */
export interface Suggestion {
  readonly kind: Kind
  /** Kinds in the order in which they fit, with how well, for who disagrees. */
  readonly kinds: readonly { readonly kind: Kind; readonly fit: number }[]
  readonly matches: readonly Match[]
  readonly unused: readonly ColumnFacts[]
  readonly key: readonly string[]
  /** Whether the key names each sampled row. */
  readonly keyIsUnique: boolean
  readonly dates: Mapping['dates']
  readonly decimal: Mapping['numbers']['decimal']
  readonly missing: readonly string[]
  /** Column that gives the day of which a row's facts are. */
  readonly asOf: string | null
  readonly rows: TableOptions
  /** The mapping as YAML, with remarks. */
  readonly text: string
}

export interface SuggestRequest {
  readonly name: string
  readonly nation: Nation
  /** Day to give as `asOf` where the file has none. */
  readonly today: string
  readonly kind?: Kind | undefined
  readonly dataset?: string | undefined
  readonly table?: TableOptions | undefined
}

/** Rows that are looked at. */
const sampleSize = 1_000

/**
 * Proposes a mapping from the names and sample values of a file's columns. It is a proposal: labels are left at their
 * strictest, and what was guessed is remarked on.
 * @throws {ImportError} what makes the file unreadable
 */
export async function suggestMapping(
  source: TableSource,
  request: SuggestRequest,
): Promise<Suggestion> {
  const { table, options } = await openFromHeader(source, request.table ?? {})
  const sample = await sampleOf(table, sampleSize)
  const facts = sample.columns
  const missing = [...new Set(facts.flatMap((column) => column.missing))]
  const dates = commonest(facts.flatMap(({ dates }) => dates ?? [])) ?? 'ISO'
  const decimal = facts.some((column) => column.decimal === ',') ? ',' : '.'
  const style = { dates, numbers: { decimal }, missing } as const
  const candidates = Kind.options.map((kind) => {
    const matches = matchesFor(kind, facts, style, request.nation)
    return { kind, matches, fit: fitOf(kind, matches, facts, source.name) }
  })
  const ranked = candidates.toSorted((a, b) => b.fit - a.fit)
  const chosen = candidates.find(({ kind }) => kind === request.kind) ?? ranked[0]
  if (chosen === undefined) throw new Error('there are no kinds')
  const { key, isUnique: keyIsUnique } = keyColumns(sample)
  const matches = withIdentity(chosen.kind, chosen.matches, facts, key)
  const used = new Set(matches.flatMap(({ form }) => columnsOf(form.spec)))
  const asOf = asOfColumn(facts.filter(({ name }) => !used.has(name)))
  if (asOf !== null) used.add(asOf)
  const suggestion = {
    kind: chosen.kind,
    kinds: ranked.map(({ kind, fit }) => ({ kind, fit: Math.round(fit * 100) / 100 })),
    matches,
    unused: facts.filter(({ name }) => !used.has(name)),
    key,
    keyIsUnique,
    dates,
    decimal,
    missing,
    asOf,
    rows: options,
  } as const
  return { ...suggestion, text: formatSuggestion(suggestion, table.info, source.name, request) }
}

/** Rows in which a header is looked for below a title. */
const headerWithin = 20

/** Opens a table from the row that names its columns: a title above them is one cell or two. */
async function openFromHeader(source: TableSource, options: TableOptions) {
  const given = await openTable(source, options)
  const columns = (table: Table) => table.info.columns?.length ?? 0
  if (options.headerRow !== undefined || given.info.columns === null || columns(given) > 2)
    return { table: given, options }
  let found: { readonly table: Table; readonly options: TableOptions } | null = null
  for (let headerRow = 2; headerRow <= headerWithin; headerRow++) {
    const further = { ...options, headerRow }
    const table = await openTable(source, further).catch((error: unknown) => {
      if (error instanceof ImportError) return null
      throw error
    })
    // Blank rows above the header lead to it as well: the last row number that does is its own.
    if (found !== null && String(table?.info.columns) !== String(found.table.info.columns))
      return found
    if (table === null) break
    if (columns(table) > 2) found = { table, options: further }
  }
  return found ?? { table: await openTable(source, options), options }
}

/** A column of dates whose name says that they are days on which something was checked. */
function asOfColumn(columns: readonly ColumnFacts[]): string | null {
  const names = asOfNames.map((name) => wordsOf(name).join(' '))
  const found = columns.find(
    ({ name, filled, shapes }) =>
      filled > 0.999 && shapes.date > 0.5 && names.includes(wordsOf(name).join(' ')),
  )
  return found?.name ?? null
}

/** The best field for each column, each field once, the surest first. */
function matchesFor(
  kind: Kind,
  facts: readonly ColumnFacts[],
  style: Pick<Mapping, 'numbers' | 'dates' | 'missing'>,
  home: string,
): readonly Match[] {
  const all = facts.flatMap((column) =>
    Object.keys(fieldsOf(kind)).flatMap((field): Match[] => {
      const name = nameLikeness(kind, field, column.name)
      if (name < 0.5) return []
      const form = formFor(column, kind, field, style, home, facts)
      if (form === null) return []
      const weight = 0.6 + 0.4 * column.filled
      return [
        {
          column: column.name,
          field,
          form,
          confidence: Math.round(100 * name * form.share * weight),
        },
      ]
    }),
  )
  const columns = new Set<string>()
  const fields = new Set<string>()
  return all
    .toSorted((a, b) => b.confidence - a.confidence)
    .filter(({ column, field }) => {
      if (columns.has(column) || fields.has(field)) return false
      columns.add(column)
      fields.add(field)
      return true
    })
}

/** Makes sure that every row has an identity: by a further column where one leaves gaps, or of the columns of the key. */
function withIdentity(
  kind: Kind,
  matches: readonly Match[],
  facts: readonly ColumnFacts[],
  key: readonly string[],
): readonly Match[] {
  const [identity = ''] = identityOf(kind)
  const found = matches.find(({ field }) => field === identity)
  const full = facts.filter(({ filled, shapes }) => filled > 0.999 && shapes.prose < 0.1)
  const title = full.toSorted(
    (a, b) => nameLikeness(kind, identity, b.name) - nameLikeness(kind, identity, a.name),
  )[0]
  if (found === undefined) {
    const parts = key.filter((name) => full.some((column) => column.name === name))
    if (parts.length === 0) return matches
    const spec = { template: parts.map((name) => `{${name}}`).join(', ') }
    const form = {
      spec,
      share: 1,
      remark: 'no column seems to name a record: are these the words for it?',
    }
    return [{ column: parts[0] ?? '', field: identity, form, confidence: 20 }, ...matches]
  }
  const { column, form } = found
  const gaps = (facts.find(({ name }) => name === column)?.filled ?? 1) < 1
  if (!gaps || title === undefined || title.name === column) return matches
  const spec = { firstOf: [form.spec, { column: title.name }] }
  const remark = `${column} is not always given`
  return matches.map((each) =>
    each === found ? { ...each, form: { ...form, spec, remark } } : each,
  )
}

function nameLikeness(kind: Kind, field: string, column: string): number {
  const words = wordsOf(column)
  const names = [
    field.replaceAll('_', ' '),
    ...(fieldNames['*']?.[field] ?? []),
    ...(fieldNames[kind]?.[field] ?? []),
  ]
  return Math.max(...names.map((name) => likeness(words, wordsOf(name))))
}

/** How well a kind fits: its matches, whether its identity is among them, and words that speak for it. */
function fitOf(
  kind: Kind,
  matches: readonly Match[],
  facts: readonly ColumnFacts[],
  file: string,
): number {
  const sure = matches.reduce((sum, { confidence }) => sum + confidence / 100, 0)
  const identified = identityOf(kind).every((name) => matches.some(({ field }) => field === name))
  const words = new Set([file, ...facts.map(({ name }) => name)].flatMap(wordsOf))
  const spoken = kindWords[kind].filter((word) => words.has(word)).length
  return (identified ? sure : sure / 3) + spoken
}

function commonest<T>(items: readonly T[]): T | undefined {
  const counts = Map.groupBy(items, (item) => item)
  return [...counts].toSorted(([, a], [, b]) => b.length - a.length)[0]?.[0]
}

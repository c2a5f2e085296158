import { type FieldDefinition, fieldsOf, identityOf } from '@entente/schema'
import type { ValueSpec } from '../mapping/value-spec.ts'
import type { TableInfo } from '../table/table.ts'
import type { Suggestion, SuggestRequest } from './suggest-mapping.ts'

/** A suggestion as the YAML of a mapping, with remarks for the person who reads it. */
export function formatSuggestion(
  {
    kind,
    kinds,
    matches,
    unused,
    key,
    keyIsUnique,
    dates,
    decimal,
    missing,
    asOf,
    rows,
  }: Omit<Suggestion, 'text'>,
  info: TableInfo,
  file: string,
  { name, nation, today, dataset }: SuggestRequest,
): string {
  const definitions = fieldsOf(kind)
  const others = kinds.filter((each) => each.kind !== kind).slice(0, 2)
  const lacking = identityOf(kind).filter((field) => !matches.some((each) => each.field === field))
  const table = Object.entries({ ...rows, ...(info.sheet !== null && { sheet: info.sheet }) })
  return [
    `# A proposal from the columns and values of ${line(file)}: read it, mend it, then`,
    `#   entente import map check FILE, entente import FILE --mapping THIS`,
    `# Kinds that fit less well: ${others.map((each) => `${each.kind} (${each.fit})`).join(', ')}; this one: ${kinds.find((each) => each.kind === kind)?.fit}.`,
    `mapping: ${name}`,
    'edition: 1',
    `kind: ${kind}`,
    `dataset: ${dataset ?? 'production'}${dataset === undefined ? '  # which dataset of yours?' : ''}`,
    `originator: ${nation}`,
    `source: { document: { const: ${scalar(file)} } }  # how should it be cited?`,
    ...(table.length > 0 ? [`table: ${flow(Object.fromEntries(table))}`] : []),
    `key: ${flow(key)}  # ${keyIsUnique ? 'names every row of the sample' : 'does NOT name every row of the sample: add columns, or say which of several stands with sameKey'}`,
    asOf === null
      ? `asOf: { const: ${scalar(today)} }  # day the facts are of: the file does not say`
      : `asOf: ${flow({ column: asOf, as: 'date' })}`,
    '# reviewMonths: 12',
    'handling: { originator_control: true, onward_release: ask }',
    ...(missing.length > 0 ? [`missing: ${flow(missing)}  # do they mean "not given"?`] : []),
    ...(dates === 'ISO' ? [] : [`dates: ${dates}`]),
    ...(decimal === '.' ? [] : ['numbers: { decimal: ",", group: "." }']),
    '# Who may have what, by sensitivity class (P G R B N C). Without it nobody but you. Behind REL TO stand nations',
    '# (ISO 3166-1 alpha-3) or groups that your policy defines, each after a comma:',
    '# labels:',
    `#   P: UNCLASSIFIED//REL TO ${nation === 'NOR' ? 'GBR' : 'NOR'}`,
    matches.length === 0 ? 'fields: {} # no column could be told' : 'fields:',
    ...lacking.map((field) => `  # ${field}: WHICH COLUMN? a ${kind} needs its ${field}`),
    ...matches.map(
      ({ column: _column, field, form, confidence }) =>
        `  ${field}: ${short(form.spec)}  # ${confidence} %, ${about(definitions[field])}${form.remark === undefined ? '' : `; ${form.remark}`}`,
    ),
    ...(unused.length > 0 ? ['# Columns that nothing is made of:'] : []),
    ...unused.map(
      ({ name: column, samples }) => `#   ${line(column)}: ${line(samples[0] ?? '(empty)')}`,
    ),
    '',
  ].join('\n')
}

const about = (definition: FieldDefinition | undefined): string =>
  definition === undefined ? '' : `class ${definition.sensitivity}`

const short = (spec: ValueSpec): string =>
  'column' in spec && Object.keys(spec).length === 1 ? scalar(spec.column) : flow(spec)

/** A value as YAML in one line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`
  if (typeof value !== 'object' || value === null) return scalar(value)
  const parts = Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => `${name}: ${isColumn(part) ? scalar(part.column) : flow(part)}`)
  return `{ ${parts.join(', ')} }`
}

const isColumn = (part: unknown): part is { readonly column: string } =>
  typeof part === 'object' && part !== null && 'column' in part && Object.keys(part).length === 1

/** Plain where YAML reads it back as the same text, else in quotes. */
function scalar(value: unknown): string {
  if (typeof value !== 'string') return String(value)
  const plain =
    /^[A-Za-z_][\w ./-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|~)$/i.test(value)
  return plain && value.trim() === value ? value : JSON.stringify(value)
}

/** Somebody's text within a comment: one line, not too long. */
const line = (text: string): string => {
  const one = text.replace(/\s+/g, ' ')
  return one.length > 60 ? `${one.slice(0, 60)}…` : one
}

import type { ImportedRow, ImportSummary } from '@entente/node'
import { formatLabel } from '@entente/schema'
import type { Io } from './io.ts'
import { clean, count, formatTable, formatTime } from './text.ts'
import { formatValue } from './value.ts'

/** What an import is in one line: `#3 makers.csv: 4,320 rows: …`. */
export function figuresOf(summary: ImportSummary): string {
  const { file, read, created, updated, unchanged, refused } = summary
  return `${clean(file)}: ${count(read, 'row')}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${refused} refused`
}

const flagWords: Readonly<Record<string, string>> = {
  PLACEHOLDER: 'name no party or place (TBD, unknown, various …)',
  MOJIBAKE: 'had text in a wrong encoding, mended',
  CONTRADICTION: 'contradict themselves; taken in as they are',
  IDENTIFIER_NATION: 'carry an identifier of another nation',
  FIELD_GONE: 'no longer give a field that the ledger has; it stays',
  REWRITTEN: 'have a cell that a spreadsheet program seems to have rewritten',
  NEWER: 'have a field that has changed since the export; what the ledger has stays',
  NOT_READ: 'say something in a column that is not read back',
}

/** An import as people read it: figures, why rows were refused, what else was noticed, what to do next. */
export function importText(summary: ImportSummary): string {
  const { id, state, refusals, flags, contradictory, missing, info, signed, results } = summary
  const lines = [
    `Import ${id}, ${stateWords[state]}.`,
    figuresOf(summary),
    ...(refusals.length > 0
      ? [`  refused: ${refusals.map(({ code, count: n }) => `${n} ${code}`).join(', ')}`]
      : []),
    ...flags.map(({ code, count: n }) => `  noticed: ${n} ${flagWords[code] ?? code}`),
    ...(contradictory > 0
      ? [`  contradictory: ${count(contradictory, 'row')} (also counted above)`]
      : []),
    ...(missing > 0
      ? [
          `  missing: ${count(missing, 'record')} of this mapping not in the file; nothing is deleted`,
        ]
      : []),
    ...(info?.encodingGuessed
      ? [`  read as ${info.encoding}: a guess; name it with --encoding if it is wrong`]
      : []),
    ...(info?.absent?.length
      ? [`  no row has ${info.absent.map(clean).join(', ')}, which the mapping reads`]
      : []),
    ...(info?.otherSheets.length
      ? [
          `  sheet ${clean(info.sheet ?? '')} was read; not ${info.otherSheets.map(clean).join(', ')}`,
        ]
      : []),
    ...(signed || summary.mapping === null
      ? []
      : [
          '  labels: no policy authority has signed this mapping: what is known gets no wider label by it',
        ]),
    ...Object.entries(results).map(([what, n]) => `  ${resultWords[what] ?? what}: ${n}`),
  ]
  return [...lines, ...nextOf(summary)].join('\n')
}

const stateWords = {
  reading: 'not read to the end: import the file again to go on',
  ready: 'a draft: nothing is in the ledger yet',
  refused: 'refused: it is strict and has bad rows',
  failed: 'failed: the file cannot be read',
  applying: 'applied in part: apply it again to go on',
  applied: 'applied',
  closed: 'applied; it can no longer be undone',
  undoing: 'undone in part: undo it again to go on',
  undone: 'undone',
} as const satisfies Record<ImportSummary['state'], string>

const resultWords: Readonly<Record<string, string>> = {
  create: 'created in the ledger',
  update: 'updated in the ledger',
  same: 'already so in the ledger',
  removed: 'taken out of the ledger again',
  reverted: 'put back as they were',
  stricter: 'put back; labels that had become stricter stay so',
  kept: 'kept as the ledger has them, which has changed since; --only kept names them',
}

function nextOf({ id, state, created, updated, refused }: ImportSummary): readonly string[] {
  const look = `entente import diff ${id}${refused > 0 ? ' --only refused' : ''}`
  if (state === 'ready' && created + updated === 0)
    return refused === 0
      ? ['Nothing to apply: the ledger says the same.']
      : [`Nothing to apply. Next: ${look}, mend the rows, import the file again`]
  if (state === 'ready') return [`Next: ${look}, then entente import apply ${id}`]
  if (state === 'applied')
    return [`Next: entente release preview; entente import undo ${id} takes it back`]
  if (state === 'refused') return [`Next: ${look}, mend the rows, import the file again`]
  return []
}

/**
 * Rows of an import as a table: where in the file, which record, what changes or why not. What a new record says is left
 * out unless `values` are wanted.
 */
export function rowsText(
  rows: readonly ImportedRow[],
  io: Pick<Io, 'colour' | 'columns'>,
  { values }: { readonly values: boolean },
): string {
  return formatTable(
    ['row', 'record', 'what'],
    rows.flatMap((row) => {
      const says = [
        ...(row.outcome !== 'create' || values ? row.changes.map(changeText) : []),
        ...(row.refusal === null
          ? []
          : [
              `${row.refusal.code}${row.refusal.column === null ? '' : ` (${row.refusal.column})`}: ${row.refusal.reason}`,
            ]),
        ...row.flags.map(({ code, message }) => `${code}: ${message}`),
      ]
      return (says.length === 0 ? [''] : says).map((say, i) =>
        i === 0 ? [row.row ?? '', row.title, say] : ['', '', say],
      )
    }),
    io,
  )
}

function changeText({ field, before, after }: ImportedRow['changes'][number]): string {
  if (before === null && after?.label)
    return `${field}: nothing → ${formatValue(after.value)} (${formatLabel(after.label)})`
  const side = (it: typeof before) => (it === null ? 'nothing' : formatValue(it.value))
  const [was, is] = [before?.label ?? null, after?.label ?? null]
  const label =
    was !== null && is !== null && formatLabel(was) !== formatLabel(is)
      ? ` (label ${formatLabel(was)} → ${formatLabel(is)})`
      : ''
  return side(before) === side(after)
    ? `${field}${label}`
    : `${field}: ${side(before)} → ${side(after)}${label}`
}

/** All imports, a line each. */
export function importsText(
  imports: readonly ImportSummary[],
  io: Pick<Io, 'colour' | 'columns'>,
): string {
  return formatTable(
    [
      'id',
      'state',
      'file',
      'mapping',
      'read',
      'created',
      'updated',
      'unchanged',
      'refused',
      'by',
      'at',
    ],
    imports.map((each) => [
      each.id,
      each.state === 'ready' ? 'draft' : each.state,
      each.file,
      each.mapping === null ? 'none: edits' : `${each.mapping}@${each.edition}`,
      each.read,
      each.created,
      each.updated,
      each.unchanged,
      each.refused,
      each.author,
      formatTime(each.stagedAtMs),
    ]),
    io,
  )
}

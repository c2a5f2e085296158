import { posix } from 'node:path'
import type { Parts } from './open-parts.ts'
import { readXml } from './walk-xml.ts'
import { damaged, WorkbookError } from './workbook-error.ts'

/** One sheet of a workbook and what is needed to read it, as paths of parts. */
export interface SheetParts {
  readonly sheet: string
  readonly otherSheets: readonly string[]
  readonly rows: string
  readonly sharedStrings: string | undefined
  readonly styles: string | undefined
  /** Days are counted from 1904, not from 1900. */
  readonly from1904: boolean
  /** The program that wrote the file left it to others to calculate: the results in it are not results. */
  readonly uncalculated: boolean
}

/**
 * Finds the sheet of that name, or the first that is not hidden.
 * @throws {WorkbookError} `FORMAT_UNKNOWN` for an archive that is no workbook, `SHEET_UNKNOWN`, `NOT_A_WORKBOOK`
 * @see ECMA-376 part 1, section 18.2
 */
export async function findSheet(parts: Parts, wanted: string | undefined): Promise<SheetParts> {
  const path = await workbookPath(parts)
  const relations = await relationsOf(parts, path)
  const { sheets, from1904, uncalculated } = await readBook(parts, path)
  const tables = sheets.flatMap(({ name, hidden, id }) => {
    const relation = relations.find((each) => each.id === id)
    return relation?.type === 'worksheet' ? [{ name, hidden, rows: relation.target }] : []
  })
  const chosen =
    wanted === undefined
      ? tables.find(({ hidden }) => !hidden)
      : tables.find(({ name }) => name === wanted)
  const others = tables.filter((table) => table !== chosen).map(({ name }) => name)
  if (!chosen)
    throw new WorkbookError(
      'SHEET_UNKNOWN',
      `there is no ${wanted === undefined ? 'sheet that is not hidden' : `sheet ${JSON.stringify(wanted)}`}; name one of these with \`sheet\`: ${others.map((name) => JSON.stringify(name)).join(', ') || '(there are none)'}`,
    )
  const targetOf = (type: string) => relations.find((each) => each.type === type)?.target
  return {
    sheet: chosen.name,
    otherSheets: others,
    rows: chosen.rows,
    sharedStrings: targetOf('sharedStrings'),
    styles: targetOf('styles'),
    from1904,
    uncalculated,
  }
}

async function workbookPath(parts: Parts): Promise<string> {
  const root = parts.has('_rels/.rels') ? await relationsOf(parts, '') : []
  const path = root.find(({ type }) => type === 'officeDocument')?.target
  if (path?.endsWith('.xml') && parts.has(path)) return path
  throw new WorkbookError(
    'FORMAT_UNKNOWN',
    'it is a ZIP archive, but not an .xlsx workbook; unpack it, or open it in a spreadsheet program and save it as .xlsx',
  )
}

interface Relation {
  readonly id: string
  /** Last part of its type, which is the same in both editions of the standard. */
  readonly type: string
  /** Path of the part, in lower case. */
  readonly target: string
}

/** What a part, or with '' the archive itself, points to. @see ECMA-376 part 2, section 9.3 */
async function relationsOf(parts: Parts, path: string): Promise<readonly Relation[]> {
  const { dir, base } = posix.parse(path)
  const relations: Relation[] = []
  await readXml(parts.read(posix.join(dir, '_rels', `${base}.rels`)), {
    open: (name, { Id: id = '', Type: type = '', Target: target = '', TargetMode: mode }) => {
      if (name !== 'Relationship' || mode === 'External') return
      relations.push({
        id,
        type: type.slice(type.lastIndexOf('/') + 1),
        target: posix.resolve('/', dir, target).slice(1).toLowerCase(),
      })
    },
  })
  return relations
}

async function readBook(parts: Parts, path: string) {
  const sheets: { readonly name: string; readonly hidden: boolean; readonly id: string }[] = []
  let root = ''
  let from1904 = false
  let uncalculated = false
  await readXml(parts.read(path), {
    open: (element, attributes) => {
      root ||= element
      const { name, state, date1904, fullCalcOnLoad } = attributes
      if (element === 'workbookPr') from1904 = isTrue(date1904)
      if (element === 'calcPr') uncalculated = isTrue(fullCalcOnLoad)
      const id = Object.entries(attributes).find(([key]) => key.endsWith(':id'))?.[1]
      if (element === 'sheet' && name !== undefined && id !== undefined)
        sheets.push({ name, hidden: state !== undefined && state !== 'visible', id })
    },
  })
  if (root !== 'workbook') throw damaged('it has no list of sheets')
  return { sheets, from1904, uncalculated }
}

const isTrue = (flag: string | undefined): boolean => flag === '1' || flag === 'true'

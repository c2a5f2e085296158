import type { NodeApi, Row } from '@entente/node'
import { RecordId } from '@entente/schema'
import { CliError } from './cli-error.ts'

const SHOWN = 10

/**
 * Finds the one record that somebody means by an id, a title, part of one, or a word that search finds, such as an NSN.
 * @param options `own`: only records of this nation
 * @throws {CliError} `AMBIGUOUS`, with the candidates; `RECORD_UNKNOWN`
 */
export async function findRecord(
  api: NodeApi,
  name: string,
  { own = false }: { readonly own?: boolean } = {},
): Promise<string> {
  if (RecordId.safeParse(name).success) return name
  const found = await api.search({ text: name, limit: 100 })
  const rows = own ? found.filter(({ originator }) => originator === api.nation) : found
  const best =
    [
      rows.filter(({ title }) => fold(title) === fold(name)),
      rows.filter(({ title }) => fold(title).includes(fold(name))),
      rows,
    ].find(({ length }) => length > 0) ?? []
  const [only, another] = best
  if (only === undefined)
    throw new CliError('RECORD_UNKNOWN', `no record is found by ${name}; try entente search`)
  if (another === undefined) return only.id
  const candidates = best.slice(0, SHOWN)
  throw new CliError(
    'AMBIGUOUS',
    [`${name} names ${best.length} records; name one by its id:`, ...candidates.map(sayRow)].join(
      '\n  ',
    ),
    {
      candidates: candidates.map(({ id, originator, kind, title }) => ({
        id,
        originator,
        kind,
        title,
      })),
    },
  )
}

const fold = (text: string): string => text.toLowerCase().trim()
const sayRow = ({ id, originator, kind, title }: Row) => `${id}  ${originator}  ${kind}  ${title}`

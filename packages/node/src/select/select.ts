import { isNation, Kind } from '@entente/schema'
import { NodeError } from '../errors.ts'
import type { View, ViewRow } from '../view/view.ts'
import { parseSelection } from './parse-selection.ts'
import { matches, type Selection } from './selection.ts'
import { SelectionError } from './selection-error.ts'

/** Which records somebody means. */
export interface Select {
  readonly kind?: string | undefined
  readonly dataset?: string | undefined
  readonly originator?: string | undefined
  /** Conditions that must all hold, as `parseSelection` reads them. */
  readonly where?: readonly string[] | undefined
  readonly limit?: number | undefined
}

/**
 * The records that are meant, own and released to us, by originator, title and id. They are read as they are asked for,
 * so that many do not lie in memory.
 * @throws {NodeError} `KIND_UNKNOWN` @throws {SelectionError} `SELECTION_FORM`, `SELECTION_FIELD`
 */
export function selectRows(view: View, select: Select): Iterable<ViewRow> {
  const { where = [], limit, ...filter } = select
  if (filter.originator !== undefined && !isNation(filter.originator))
    throw new SelectionError(
      'SELECTION_FORM',
      `originator ${filter.originator} is no nation's three-letter code (ISO 3166-1 alpha-3), such as GBR`,
    )
  const kind = select.kind === undefined ? undefined : kindOf(select.kind)
  const selection = parseSelection(where, { kind, newer: view.hasField })
  return taken(view.each(filter), selection, limit ?? Number.POSITIVE_INFINITY)
}

/** @throws {NodeError} `KIND_UNKNOWN` */
export function kindOf(text: string): Kind {
  const kind = Kind.safeParse(text)
  if (kind.success) return kind.data
  throw new NodeError('KIND_UNKNOWN', `${text} is not a kind; kinds are ${Kind.options.join(', ')}`)
}

function* taken(rows: Iterable<ViewRow>, selection: Selection, limit: number): Generator<ViewRow> {
  let left = limit
  for (const row of rows) {
    if (left === 0) return
    if (!matches(selection, row)) continue
    yield row
    left -= 1
  }
}

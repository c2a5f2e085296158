import { isOrdered } from './compare-value.ts'
import { findPlace, type SelectionScope } from './find-place.ts'
import type { Condition, Selection } from './selection.ts'
import { SelectionError } from './selection-error.ts'

const form =
  'write FIELD or !FIELD (given, not given), or FIELD with =, !=, <, <=, >, >= or ~ (contains) and a value, such as lead_time.total>18'

/**
 * Reads conditions, one a text: `trl>=6`, `materials~cobalt`, `!rate_max`, `sourcing.last_contract_method=SS`. A name is a
 * path into a field, or a fact of the record (`recordFacts`); `field:title` is the field where both exist.
 * @throws {SelectionError} `SELECTION_FORM`, `SELECTION_FIELD`
 */
export function parseSelection(texts: readonly string[], scope: SelectionScope = {}): Selection {
  return texts.map((text) => parseCondition(text, scope))
}

function parseCondition(text: string, scope: SelectionScope): Condition {
  const fail = (at: number, why: string) =>
    new SelectionError(
      'SELECTION_FORM',
      `${JSON.stringify(text)}, at character ${at + 1}: ${why}; ${form}`,
    )
  const [start = '', not = '', prefix = '', path = ''] =
    /^\s*(!?)\s*(field:)?([A-Za-z][\w-]*(?:\.[A-Za-z0-9][\w-]*)*)?/.exec(text) ?? []
  if (path === '') throw fail(start.length, 'here the name of a field must stand')
  const { place, holds, ordered, within } = findPlace(path, prefix !== '', scope)
  const rest = text.slice(start.length)
  if (rest.trim() === '') return { place, asks: not === '' ? 'given' : 'not given' }
  if (not !== '')
    throw fail(start.length, '! in front asks that the field is not given, and takes no value')
  const [whole = '', asks] = /^\s*(!=|<=|>=|=|<|>|~)\s*/.exec(rest) ?? []
  if (!isAsk(asks))
    throw fail(start.length, `${path} cannot be followed by ${JSON.stringify(rest.trim()[0])}`)
  const at = start.length + whole.length
  const value = text.slice(at).trim().normalize('NFC')
  if (value === '') throw fail(at, `a value must follow ${asks}`)
  if (asks === '=' && /^[<>=]/.test(value))
    throw fail(at, `write ${value.startsWith('=') ? '=' : `${value[0]}=`} in place of =${value[0]}`)
  if (/^[<>]/.test(asks) && !ordered)
    throw fail(start.length, `${path} is text, which is neither more nor less: ask with =, != or ~`)
  if (/^[<>]/.test(asks) && !isOrdered(value))
    throw fail(at, `${asks} compares numbers, and dates as YYYY, YYYY-MM or YYYY-MM-DD`)
  if (asks !== '~' && holds === 'several')
    throw fail(start.length, `${path} has several values: name one of ${within.join(', ')}`)
  return { place, asks, value }
}

type Ask = Extract<Condition, { readonly value: string }>['asks']

const isAsk = (text: string | undefined): text is Ask =>
  text !== undefined && ['!=', '<=', '>=', '=', '<', '>', '~'].includes(text)

import {
  applyAsked,
  contains,
  formatSelector,
  type Nation,
  peekJws,
  type Selection,
  type Subscribe,
} from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { NodeError } from '../errors.ts'
import type { SubscribeRequest } from './subscribe.ts'

/** What this nation asks another for, of one dataset. */
export interface AskedOf {
  readonly from: Nation
  readonly dataset: string
  readonly selection: Selection
}

/** What our own log says that we ask for, and of whom; a dataset that we ask for no longer is left out. */
export function askedByUs(db: Database): readonly AskedOf[] {
  const asked = new Map<string, AskedOf>()
  const rows = db.prepare(
    "SELECT jws FROM statement WHERE kind = 'subscribe' AND jws IS NOT NULL ORDER BY idx",
  )
  for (const row of rows.all()) {
    const said = peekJws(row['jws'] as string).payload as unknown as Subscribe
    const { recipient: from, dataset } = said
    const key = `${from} ${dataset}`
    const selection = applyAsked(asked.get(key)?.selection ?? [], said)
    asked.set(key, { from, dataset, selection })
  }
  return [...asked.values()].filter(({ selection }) => selection.length > 0)
}

/**
 * Refuses to give up a part of what is asked for as a whole: the wider would still contain it.
 * @throws {NodeError} `SELECTION_WIDER`
 */
export function mustNotBeContained(db: Database, request: SubscribeRequest): void {
  if (request.action === 'subscribe') return
  const { from, dataset } = request
  const { selection = [] } =
    askedByUs(db).find((each) => each.from === from && each.dataset === dataset) ?? {}
  const wider = selection.find((each) => contains(each, request) && !contains(request, each))
  if (wider === undefined) return
  const what = formatSelector(wider) || 'all'
  throw new NodeError(
    'SELECTION_WIDER',
    `you ask ${from} for ${what} of ${dataset}, which contains ${formatSelector(request)}: ask for less with \`entente subscribe ${dataset} --from ${from} --kind … --only\`, or for none of it with \`entente unsubscribe ${dataset} --from ${from}\``,
  )
}

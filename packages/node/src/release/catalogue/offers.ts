import { type PolicyDocument, topicsFor } from '@entente/policy'
import { type Nation, type OfferedDataset, utf8 } from '@entente/schema'
import type { Database } from '../../adapters/sqlite-database.ts'
import type { Deps } from '../../deps.ts'
import type { PlannedChange, Planner } from '../plan.ts'
import type { PolicyInForce } from '../policy-store.ts'

/** `catalogue_asked.answered` of a nation that has given its catalogue up: what it is offered is kept true for `LINGER_MS` all the same. */
export const GIVEN_UP = 2

/** Whoever asks again within this finds what was kept: to give up and ask by turns makes nobody look at every record each time. */
const LINGER_MS = 3_600_000

/** Nations that ask what we offer them, and are partners still. */
export const catalogueAskers = (deps: Pick<Deps, 'db' | 'partners'>): Nation[] =>
  nationsBelow(deps, GIVEN_UP)

const nationsBelow = ({ db, partners }: Pick<Deps, 'db' | 'partners'>, state: number): Nation[] =>
  db
    .prepare('SELECT nation FROM catalogue_asked WHERE answered < ? ORDER BY nation')
    .all(state)
    .map((row) => row['nation'] as Nation)
    .filter((nation) => partners.has(nation))

/** Forgets what was offered to nations that gave it up long enough ago. Inside a transaction. */
function forgetGivenUp({ db }: Pick<Deps, 'db'>, atMs: number): void {
  const gone = db
    .prepare('DELETE FROM catalogue_asked WHERE answered = ? AND at_ms <= ? RETURNING nation')
    .all(GIVEN_UP, atMs - LINGER_MS)
  for (const { nation } of gone)
    db.prepare('DELETE FROM offer WHERE nation = ?').run(nation as Nation)
}

/** What one record says in the catalogue of one nation, by the very composition that a release would send; null: nothing. */
function offeredBy(
  { source, composition }: Pick<PlannedChange, 'source' | 'composition'>,
  document: PolicyDocument,
) {
  const dataset = source === null ? undefined : document.datasets[source.dataset]
  if (source === null || dataset === undefined || composition.fragment === null) return null
  return {
    dataset: source.dataset,
    kind: source.record.kind,
    // A topic is a value of a record: in a dataset that waits for an officer's plan, none goes ahead of it.
    topics: dataset.mode === 'live' ? topicsFor(composition) : [],
  }
}

/** Notes, of a record that has just been decided, what it says in each catalogue that somebody has asked for. Inside a transaction. */
export function noteOffers(
  deps: Deps,
  planner: Planner,
  id: string,
  policy: PolicyInForce | null,
  atMs: number,
): void {
  const { db } = deps
  forgetGivenUp(deps, atMs)
  for (const nation of nationsBelow(deps, GIVEN_UP + 1)) {
    const planned = planner.offer(id, nation, policy, atMs)
    const offered = policy === null ? null : offeredBy(planned, policy.compiled.document)
    if (offered === null)
      db.prepare('DELETE FROM offer WHERE nation = ? AND record = ?').run(nation, id)
    else
      db.prepare(
        'INSERT OR REPLACE INTO offer(nation, record, dataset, kind, topics, valid_until) VALUES (?, ?, ?, ?, ?, ?)',
      ).run(
        nation,
        id,
        offered.dataset,
        offered.kind,
        JSON.stringify(offered.topics),
        planned.composition.validUntil,
      )
  }
}

/** One catalogue names no more topics: it must fit in a statement. */
const MOST_TOPICS = 500
const MOST_DATASETS = 100

/** Bytes of JSON: base64url of a signed statement with as many is below what a frame may have. */
const MOST_BYTES = 80_000

/** What is longest is left out where all of it does not fit: topics first, then what datasets say of themselves. */
export function fitted(datasets: readonly OfferedDataset[]): readonly OfferedDataset[] {
  const fits = (all: readonly OfferedDataset[]) => utf8(JSON.stringify(all)).length <= MOST_BYTES
  if (fits(datasets)) return datasets
  const without = datasets.map((each): OfferedDataset => ({ ...each, topics: [] }))
  if (fits(without)) return without
  return without.map(({ dataset, title, kinds, topics }) => ({ dataset, title, kinds, topics }))
}

/** A catalogue, and for each of its lines one record that shows it. */
export interface Offer {
  readonly datasets: readonly OfferedDataset[]
  readonly shownBy: readonly string[]
}

/** What is offered to a nation now: never a dataset of which nothing is, never how much there is. */
export function offerTo(db: Database, nation: Nation, { datasets }: PolicyDocument): Offer {
  const shownBy = new Set<string>()
  const offered = new Map<string, { kinds: Set<string>; topics: Set<string> }>()
  const kinds = db.prepare(
    'SELECT dataset, kind, MIN(record) AS record FROM offer WHERE nation = ? GROUP BY 1, 2 ORDER BY 1, 2',
  )
  for (const row of kinds.iterate(nation)) {
    const dataset = row['dataset'] as string
    if (!offered.has(dataset) && offered.size === MOST_DATASETS) break
    const one = offered.get(dataset) ?? { kinds: new Set(), topics: new Set() }
    offered.set(dataset, one)
    one.kinds.add(row['kind'] as string)
    shownBy.add(row['record'] as string)
  }
  const topics = db.prepare(
    'SELECT dataset, value AS topic, MIN(record) AS record FROM offer, json_each(topics) WHERE nation = ? GROUP BY 1, 2 ORDER BY 1, 2 LIMIT ?',
  )
  for (const row of topics.iterate(nation, MOST_TOPICS)) {
    const { topics: named } = offered.get(row['dataset'] as string) ?? { topics: null }
    if (named === null || named.size >= 256) continue
    named.add(row['topic'] as string)
    shownBy.add(row['record'] as string)
  }
  return {
    datasets: fitted(
      [...offered].flatMap(([dataset, has]): OfferedDataset[] => {
        const named = datasets[dataset]
        if (named === undefined) return []
        const { title, description, steward } = named
        return [
          {
            dataset,
            title,
            ...(description !== undefined && { description }),
            ...(steward !== undefined && { steward }),
            kinds: [...has.kinds].sort() as OfferedDataset['kinds'],
            topics: [...has.topics].sort(),
          },
        ]
      }),
    ),
    shownBy: [...shownBy].sort(),
  }
}

import type { Fragment, Opening } from '@entente/schema'
import { toHex } from '@entente/schema'
import { parseTlogProof } from '@entente/tlog'
import type { Deps, Partner } from '../../deps.ts'
import type { PolicyFrame, StatementFrame } from '../../feed/frames.ts'
import type { PassedItem } from './frames.ts'

/** Rows that are looked at in one go. */
const ROWS = 200

/**
 * What the receiver admitted of partners' logs after the given places, in the order in which it did, each as a partner's stream would send it;
 * checkpoints before all else, since the witnesses of today may vouch for the last of them alone.
 * Of what was put only what is held still and not hidden goes, of what was dropped only what nobody has put again: coming back after weeks costs every
 * statement and the values of today.
 * @param reached the last place of each log that the other node has; none: it has nothing of it
 * @param until no further than this place
 */
export function* passedItems(
  deps: Pick<Deps, 'db'>,
  partners: readonly Partner[],
  reached: ReadonlyMap<string, number>,
  until: number,
): Iterable<PassedItem> {
  const { db } = deps
  const wants = new Map(partners.map(({ log }) => [log.origin, reached.get(log.origin) ?? 0]))
  for (const kinds of [HEADS, OTHERS]) yield* itemsOf({ db }, kinds, wants, until)
}

const HEADS = "kind IN ('checkpoint', 'again')"
const OTHERS = `NOT ${HEADS}`

function* itemsOf(
  { db }: Pick<Deps, 'db'>,
  kinds: string,
  wants: ReadonlyMap<string, number>,
  until: number,
): Iterable<PassedItem> {
  let from = Math.min(until, ...wants.values())
  while (from < until) {
    const rows = db
      .prepare(
        `SELECT n, origin, kind, feed, seq, json FROM passing WHERE n > ? AND n <= ? AND ${kinds} ORDER BY n LIMIT ?`,
      )
      .all(from, until, ROWS) as unknown as readonly Row[]
    if (rows.length === 0) return
    for (const row of rows) {
      from = row.n
      if (row.n <= (wants.get(row.origin) ?? Number.POSITIVE_INFINITY)) continue
      const frame = frameOf({ db }, row)
      if (frame !== null) yield { t: 'item', n: row.n, origin: row.origin, frame }
    }
  }
}

/** The last place of the list. */
export const lastPassed = ({ db }: Pick<Deps, 'db'>): number =>
  (db.prepare('SELECT MAX(n) AS n FROM passing').get()?.['n'] as number | null) ?? 0

interface Row {
  readonly n: number
  readonly origin: string
  readonly kind: string
  readonly feed: string
  readonly seq: number
  readonly json: string | null
}

const nowhere = { size: 0, hashes: [] }

function frameOf(
  { db }: Pick<Deps, 'db'>,
  { kind, feed, seq, json }: Row,
): PassedItem['frame'] | null {
  const said = json === null ? undefined : (JSON.parse(json) as unknown)
  switch (kind) {
    case 'checkpoint':
    case 'again': {
      const { note, base } = said as { note: string; base: StatementFrame['base'] }
      return { t: 'head', checkpoint: note, base }
    }
    case 'notice':
      return { t: 'notice', ...(said as object) } as PassedItem['frame']
    case 'body': {
      const { entry } = said as { entry: string }
      const row = db.prepare(`${GIVEN} AND entry = ?`).get(feed, seq, entry)
      const given = row === undefined ? null : givenIn(row)
      return given === null ? null : { t: 'body', feed, seq, ...given }
    }
    default: {
      const policy = said as StatementFrame['policy']
      return statementOf({ db }, feed, seq, policy) ?? policyOf({ db }, feed, seq, policy)
    }
  }
}

/** Of a feed that has been replaced nothing is said any more: what it gave is taken back by what replaces it. */
function statementOf(
  { db }: Pick<Deps, 'db'>,
  feed: string,
  seq: number,
  policy: StatementFrame['policy'],
): StatementFrame | null {
  const row = db
    .prepare(
      'SELECT jws, salt, proof FROM statement_in JOIN feed_in USING (feed) WHERE feed = ? AND statement_in.seq = ?',
    )
    .get(feed, seq)
  if (row === undefined) return null
  const given = db
    .prepare(`${GIVEN} AND opening <> ''`)
    .all(feed, seq)
    .flatMap((row) => givenIn(row) ?? [])
  const dropped = db
    .prepare('SELECT opening FROM dropped_in WHERE feed = ? AND seq = ?')
    .all(feed, seq)
    .map(({ opening }) => ({ opening: JSON.parse(opening as string) as Opening, body: null }))
  const all = [...given, ...dropped]
  return {
    t: 'statement',
    jws: row['jws'] as string,
    salt: toHex(row['salt'] as Uint8Array),
    proof: row['proof'] as string,
    // Its checkpoint has been passed on before it.
    base: nowhere,
    ...(policy && { policy }),
    openings: all.map(({ opening }) => opening),
    bodies: all.map(({ body }) => body),
  }
}

/** But statements of other feeds may rest on a policy that has come with it, and came only once. */
function policyOf(
  { db }: Pick<Deps, 'db'>,
  feed: string,
  seq: number,
  policy: StatementFrame['policy'],
): PolicyFrame | null {
  const row = db.prepare('SELECT proof FROM statement_in WHERE feed = ? AND seq = ?').get(feed, seq)
  // One whose key has been revoked since is not known here any more.
  const known = db.prepare('SELECT 1 FROM partner_policy WHERE jws = ?').get(policy?.jws ?? '')
  if (policy === undefined || row === undefined || known === undefined) return null
  const { checkpoint } = parseTlogProof(row['proof'] as string)
  return { t: 'policy', checkpoint, policy }
}

const GIVEN =
  'SELECT opening, json, consents, fields AS hidden FROM held_in LEFT JOIN hidden_in USING (feed, record) WHERE feed = ? AND held_in.seq = ?'

interface Given {
  readonly opening: Opening
  readonly body: Fragment
}

/** What is hidden here is about to be taken back: the other node would show it until it hears of that. Null: all of it is. */
function givenIn(row: Record<string, unknown>): Given | null {
  const consents = row['consents'] as string
  const hidden = JSON.parse((row['hidden'] as string | null) ?? '[]') as readonly string[] | 'all'
  const { disclosures, ...fragment } = JSON.parse(row['json'] as string) as Fragment
  const shown = hidden === 'all' ? [] : disclosures.filter(([, field]) => !hidden.includes(field))
  if (hidden.length > 0 && shown.length === 0) return null
  return {
    opening: JSON.parse(row['opening'] as string) as Opening,
    body: {
      ...fragment,
      disclosures: shown,
      ...(consents !== '' && { consents: JSON.parse(consents) as string[] }),
    } as Fragment,
  }
}

import { type Asked, applyAsked, canonicalJson, type Nation, type Selection } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { decideAllAgain } from '../retransfer/source-record.ts'
import { appendToControlFeed } from './control-feed.ts'
import { selectionOf, setSelection } from './selection.ts'

export interface SubscribeRequest extends Asked {
  readonly dataset: string
  readonly from: Nation
}

/** Asks a nation for a dataset, a part of it, or no longer, as a signed statement in our control feed to it. @returns its seq */
export function sealSubscribe(
  deps: Deps,
  log: ReleaseLog,
  { from, dataset, action, kind, topic, only }: SubscribeRequest,
): number {
  const said = {
    dataset,
    action,
    ...(kind !== undefined && { kind }),
    ...(topic !== undefined && { topic }),
    ...(only === true && { only }),
  }
  const { seq } = deps.db.transact(() => appendToControlFeed(deps, log, 'subscribe', from, said))
  log.noteHead()
  return seq
}

/** Datasets that one nation asks for at once, whether or not there are such: names of none are remembered, since they may come. */
export const MOST_ASKED = 256

/** Changes of what a nation asks for of one dataset that count as they come; after them one in `CHANGE_MS`. */
const MOST_CHANGES = 16
const CHANGE_MS = 60_000

/**
 * `asked_turn`: how often a nation changed of late what it asks for of a dataset. `free_ms`: when none of it counts any more, one change in
 * `CHANGE_MS`; `selection`: what it asks for from its turn on; null: nothing waits.
 */
export const askedTurnTables = `
CREATE TABLE IF NOT EXISTS asked_turn(nation TEXT NOT NULL, dataset TEXT NOT NULL, free_ms INTEGER NOT NULL, selection TEXT, PRIMARY KEY(nation, dataset)) STRICT, WITHOUT ROWID;
`

/**
 * A partner's subscription, admitted: every record of the dataset is decided for it again. What it holds and still asks for stays
 * untouched; only what leaves the selection is dropped, and what enters it put. A word that changes nothing costs nothing; one dataset
 * more than `MOST_ASKED` is noted as refused, `SUBSCRIPTION_FLOOD`, and its statement stands. While a record is to be decided again it
 * goes to nobody: so of one that changes its mind without end the last word waits for its turn. Inside a transaction.
 */
export function noteSubscription(
  { db, journal, clock }: Pick<Deps, 'db' | 'journal' | 'clock'>,
  nation: Nation,
  dataset: string,
  asked: Asked | boolean,
): void {
  const said: Asked =
    typeof asked === 'boolean' ? { action: asked ? 'subscribe' : 'unsubscribe' } : asked
  const nowMs = clock.nowMs()
  db.prepare('DELETE FROM asked_turn WHERE selection IS NULL AND free_ms <= ?').run(nowMs)
  const turn = db
    .prepare('SELECT free_ms, selection FROM asked_turn WHERE nation = ? AND dataset = ?')
    .get(nation, dataset)
  const inForce = selectionOf(db, nation, dataset)
  const waits = turn?.['selection'] as string | null | undefined
  const before = waits == null ? inForce : (JSON.parse(waits) as Selection)
  if (before.length === 0 && said.action === 'subscribe' && askedBy(db, nation) >= MOST_ASKED) {
    const message = `${nation} asks for more than ${MOST_ASKED} datasets: one more counts once it has given up another (entente unsubscribe)`
    journal.refused({ from: nation, code: 'SUBSCRIPTION_FLOOD', message })
    return
  }
  const after = applyAsked(before, said)
  if (same(after, before)) return
  const freeMs = turn === undefined ? nowMs : (turn['free_ms'] as number)
  if (waits == null && isTurn(freeMs, nowMs)) change(db, nation, dataset, after, nowMs)
  else
    db.prepare('UPDATE asked_turn SET selection = ? WHERE nation = ? AND dataset = ?').run(
      same(after, inForce) ? null : canonicalJson(after),
      nation,
      dataset,
    )
}

/** Does what waited for its turn. @returns whether something did */
export function takeLateWords({ db, clock }: Pick<Deps, 'db' | 'clock'>): boolean {
  const nowMs = clock.nowMs()
  const due = db
    .prepare('SELECT * FROM asked_turn WHERE selection IS NOT NULL ORDER BY nation, dataset')
    .all()
    .filter((row) => isTurn(row['free_ms'] as number, nowMs))
  if (due.length === 0) return false
  db.transact(() => {
    for (const { nation, dataset, selection } of due)
      change(
        db,
        nation as Nation,
        dataset as string,
        JSON.parse(selection as string) as Selection,
        nowMs,
      )
  })
  return true
}

/** When the next word has its turn; infinite: none waits. */
export function nextLateWord({ db }: Pick<Deps, 'db'>): number {
  const next = db
    .prepare('SELECT MIN(free_ms) AS next FROM asked_turn WHERE selection IS NOT NULL')
    .get()?.['next'] as number | null
  return next === null ? Infinity : next - (MOST_CHANGES - 1) * CHANGE_MS
}

/** Whoever sets the clock back owes nothing of what was to come. */
const isTurn = (freeMs: number, nowMs: number): boolean =>
  freeMs - nowMs <= (MOST_CHANGES - 1) * CHANGE_MS || freeMs - nowMs > MOST_CHANGES * CHANGE_MS

function change(
  db: Database,
  nation: Nation,
  dataset: string,
  selection: Selection,
  nowMs: number,
): void {
  setSelection(db, nation, dataset, selection)
  decideAllAgain(db, dataset)
  db.prepare(
    `INSERT INTO asked_turn(nation, dataset, free_ms, selection) VALUES (?1, ?2, ?3 + ${CHANGE_MS}, NULL)
     ON CONFLICT(nation, dataset) DO UPDATE SET selection = NULL,
       free_ms = CASE WHEN free_ms > ?3 + ${MOST_CHANGES * CHANGE_MS} THEN ?3 ELSE max(free_ms, ?3) END + ${CHANGE_MS}`,
  ).run(nation, dataset, nowMs)
}

const same = (a: Selection, b: Selection): boolean => canonicalJson(a) === canonicalJson(b)

const askedBy = (db: Database, nation: Nation): number =>
  db
    .prepare(
      "SELECT COUNT(*) AS n FROM (SELECT dataset FROM subscription WHERE nation = ?1 UNION SELECT dataset FROM asked_turn WHERE nation = ?1 AND selection <> '[]')",
    )
    .get(nation)?.['n'] as number

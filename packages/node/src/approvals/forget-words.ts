import { subjectOf } from '@entente/policy'
import { type ApprovalOpening, canonicalJson, type Inputs } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { NodeError } from '../errors.ts'

/**
 * Deletes what these leaves say of approvals, so that they approve nothing any more. Inside a transaction.
 * @throws {NodeError} `ERASE_REFUSED` where a release that stays rests on one: nobody could replay it; where an approval that stays
 * was refused by one: it would count again
 */
export function forgetWords(db: Database, leaves: readonly number[]): void {
  const erased = new Set(leaves)
  const word = db.prepare('SELECT about, record, decision, opening FROM approval WHERE idx = ?')
  const gone = leaves.flatMap((index) => {
    const row = word.get(index)
    return row === undefined ? [] : [row]
  })
  if (gone.length === 0) return
  const abouts = new Set(gone.map((row) => row['about'] as string))
  const rests = db.prepare(
    "SELECT idx, json FROM decision_inputs WHERE json ->> '$.approvals' IS NOT NULL ORDER BY idx",
  )
  for (const row of rests.iterate()) {
    const { approvals = [] } = JSON.parse(row['json'] as string) as Inputs
    const index = row['idx'] as number
    if (!erased.has(index) && approvals.some(([, , named]) => named.some((one) => abouts.has(one))))
      throw new NodeError(
        'ERASE_REFUSED',
        `the release at leaf ${index} rests on one of these approvals: erase both together`,
      )
  }
  const subjectIn = (opening: unknown) =>
    canonicalJson(subjectOf((JSON.parse(opening as string) as ApprovalOpening)[1]))
  const approved = db.prepare(
    "SELECT idx, opening FROM approval WHERE record = ? AND decision = 'approve' ORDER BY idx",
  )
  for (const row of gone.filter(({ decision }) => decision === 'deny')) {
    const stays = approved
      .all(row['record'] as string)
      .find(
        ({ idx, opening }) =>
          !erased.has(idx as number) && subjectIn(opening) === subjectIn(row['opening']),
      )
    if (stays !== undefined)
      throw new NodeError(
        'ERASE_REFUSED',
        `the approval at leaf ${stays['idx'] as number} would count again without its refusal: erase both together`,
      )
  }
  const remove = db.prepare('DELETE FROM approval WHERE idx = ?')
  const dirty = db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)')
  for (const index of leaves) remove.run(index)
  for (const row of gone) dirty.run(row['record'] as string)
}

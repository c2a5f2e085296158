import type { Inputs } from '@entente/schema'
import type { Database } from '../adapters/sqlite-database.ts'
import { NodeError } from '../errors.ts'

/**
 * Deletes what these leaves say of approvals, so that they approve nothing any more. Inside a transaction.
 * @throws {NodeError} `ERASE_REFUSED` where a release that stays rests on one: nobody could replay it
 */
export function forgetWords(db: Database, leaves: readonly number[]): void {
  const erased = new Set(leaves)
  const word = db.prepare('SELECT about, record FROM approval WHERE idx = ?')
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
  const remove = db.prepare('DELETE FROM approval WHERE idx = ?')
  const dirty = db.prepare('INSERT OR IGNORE INTO dirty(record) VALUES (?)')
  for (const index of leaves) remove.run(index)
  for (const row of gone) dirty.run(row['record'] as string)
}

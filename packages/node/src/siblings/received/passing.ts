import { toHex } from '@entente/schema'
import type { OnTaken } from '../../admit/taken.ts'
import type { Deps } from '../../deps.ts'

/** Writes down what is admitted, in this order, for our nation's other nodes. Inside the transaction that admits it. */
export const notePassing =
  ({ db }: Pick<Deps, 'db'>): OnTaken =>
  (origin, taken) => {
    const add = (feed: string | null, seq: number | null, json: object | null): void => {
      db.prepare('INSERT INTO passing(origin, kind, feed, seq, json) VALUES (?, ?, ?, ?, ?)').run(
        origin,
        taken.kind === 'checkpoint' && !taken.isNew ? 'again' : taken.kind,
        feed,
        seq,
        json === null ? null : JSON.stringify(json),
      )
    }
    switch (taken.kind) {
      case 'checkpoint': {
        const { note, base, isNew } = taken
        // What was cosigned again says no more than the last of its kind.
        db.prepare("DELETE FROM passing WHERE origin = ? AND kind = 'again'").run(origin)
        add(null, null, isNew ? { note, base } : { note, base: { size: 0, hashes: [] } })
        return
      }
      case 'statement':
        db.prepare("DELETE FROM passing WHERE feed = ? AND seq = ? AND kind = 'notice'").run(
          taken.feed,
          taken.seq,
        )
        add(taken.feed, taken.seq, taken.policy ?? null)
        return
      case 'body':
        add(taken.feed, taken.seq, { entry: taken.entry })
        return
      case 'notice': {
        const known = db
          .prepare("SELECT n, json FROM passing WHERE feed = ? AND seq = ? AND kind = 'notice'")
          .get(taken.feed, taken.seq)
        const before = known && (JSON.parse(known['json'] as string) as typeof taken.frame)
        if (before === undefined) return add(taken.feed, taken.seq, taken.frame)
        const openings = unionOf(before.openings, taken.frame.openings)
        // A notice may come once more with more openings, which the other node has to hear of as well.
        if (before.jws !== taken.frame.jws || openings.length === before.openings.length) return
        db.prepare('DELETE FROM passing WHERE n = ?').run(known?.['n'] as number)
        add(taken.feed, taken.seq, { ...taken.frame, openings })
      }
    }
  }

const unionOf = <T>(some: readonly T[], more: readonly T[]): T[] => [
  ...new Map([...some, ...more].map((each) => [JSON.stringify(each), each])).values(),
]

/** The name of this list. */
export function passingName({ db, randomBytes }: Pick<Deps, 'db' | 'randomBytes'>): string {
  db.prepare('INSERT OR IGNORE INTO passing_name(one, name) VALUES (1, ?)').run(
    toHex(randomBytes(16)),
  )
  return db.prepare('SELECT name FROM passing_name').get()?.['name'] as string
}

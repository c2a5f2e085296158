import type { OfficerWord, Said } from '@entente/policy'
import { type ApprovalOpening, type Json, type Nation, sealerOf } from '@entente/schema'
import type { Deps } from '../deps.ts'

/** What officers have said about one record for one nation, and what names all of it that counts at a moment. */
export interface SaidOn extends Said {
  /** Equal as long as a fragment that was composed on it is still so. */
  readonly ground: string
}

/** What officers have said, as the log has it. */
export interface ApprovalStore {
  readonly saidOn: (recipient: Nation, record: string, atMs: number) => SaidOn
  /** Records of which a word ran out after one moment and not after the other. */
  readonly endedBetween: (afterMs: number, atMs: number) => readonly string[]
  /** Values that some nation holds by a word that runs out before a moment: how many, and when the first does. */
  readonly ending: (
    atMs: number,
    beforeMs: number,
  ) => { readonly values: number; readonly endsMs: number | null }
  /** When the next word runs out; infinite: none will. */
  readonly nextEnd: (atMs: number) => number
  /** Words have been added or taken away. */
  readonly reload: () => void
}

const nothing: SaidOn = { words: [], standing: {}, ground: '' }

/** Words of those who are no officers any more count for nothing, from the roster on that no longer names them. */
export function createApprovalStore({ db, nation, roster, verify }: Deps): ApprovalStore {
  const officers = roster.members.get(nation)?.officers ?? []
  let loaded: Map<string, OfficerWord[]> | null = null

  const load = (): Map<string, OfficerWord[]> => {
    const words = new Map<string, OfficerWord[]>()
    for (const row of db.prepare('SELECT * FROM approval ORDER BY idx').iterate()) {
      const about = row['about'] as string
      const decision = row['decision'] as OfficerWord['decision']
      const officer = sealerOf(row['seal'] as string, { nation, about, decision }, officers, verify)
      if (officer === null) continue
      const [, content] = JSON.parse(row['opening'] as string) as ApprovalOpening
      const value = JSON.parse(row['value'] as string) as Json
      const key = keyOf(content.recipient, content.record)
      const list = words.get(key) ?? []
      words.set(key, list)
      list.push({ about, decision, content, value, officer })
    }
    return words
  }
  const all = () => {
    loaded ??= load()
    return loaded
  }
  const ends = function* () {
    for (const list of all().values())
      for (const { content } of list)
        if (content.until !== null) yield { record: content.record, until: content.until }
  }
  return {
    saidOn: (recipient, record, atMs) => {
      const words = all().get(keyOf(recipient, record))
      if (words === undefined) return nothing
      const row = db
        .prepare('SELECT abouts FROM approval_standing WHERE recipient = ? AND record = ?')
        .get(recipient, record)
      const abouts = (row?.['abouts'] as string | undefined) ?? '{}'
      const good = words.filter(({ content }) => (content.until ?? Infinity) > atMs)
      return {
        words,
        standing: JSON.parse(abouts) as Said['standing'],
        ground: `${good.map(({ about }) => about).join()} ${abouts}`,
      }
    },
    endedBetween: (afterMs, atMs) => {
      const records = new Set<string>()
      for (const { record, until } of ends())
        if (afterMs < until && until <= atMs) records.add(record)
      return [...records]
    },
    ending: (atMs, beforeMs) => {
      let values = 0
      let endsMs: number | null = null
      const rows = db.prepare('SELECT recipient, record, abouts FROM approval_standing').iterate()
      for (const row of rows) {
        const words = all().get(keyOf(row['recipient'] as Nation, row['record'] as string)) ?? []
        const standing = JSON.parse(row['abouts'] as string) as Said['standing']
        for (const abouts of Object.values(standing)) {
          const untils = words
            .filter(({ about }) => abouts.includes(about))
            .map(({ content }) => content.until ?? Infinity)
          const end = Math.min(...untils)
          if (end <= atMs || end >= beforeMs) continue
          values++
          endsMs = Math.min(endsMs ?? Infinity, end)
        }
      }
      return { values, endsMs }
    },
    nextEnd: (atMs) => {
      let next = Infinity
      for (const { until } of ends()) if (until > atMs) next = Math.min(next, until)
      return next
    },
    reload: () => {
      loaded = null
    },
  }
}

const keyOf = (recipient: Nation, record: string): string => `${recipient} ${record}`

/** Notes what a nation holds now by approvals. Inside the transaction that gives it. */
export function noteStanding(
  { db }: Pick<Deps, 'db'>,
  recipient: Nation,
  record: string,
  approvals: Said['standing'],
): void {
  if (Object.keys(approvals).length > 0)
    db.prepare(
      'INSERT OR REPLACE INTO approval_standing(recipient, record, abouts) VALUES (?, ?, ?)',
    ).run(recipient, record, JSON.stringify(approvals))
  else
    db.prepare('DELETE FROM approval_standing WHERE recipient = ? AND record = ?').run(
      recipient,
      record,
    )
}

/** Fields that a nation has lost rest on nothing any more; null: all of them. Inside the transaction that takes them. */
export function loseStanding(
  deps: Pick<Deps, 'db'>,
  recipient: Nation,
  record: string,
  lost: readonly string[] | null,
): void {
  const row = deps.db
    .prepare('SELECT abouts FROM approval_standing WHERE recipient = ? AND record = ?')
    .get(recipient, record)
  if (row === undefined) return
  const before = Object.entries(JSON.parse(row['abouts'] as string) as Said['standing'])
  const left = lost === null ? [] : before.filter(([field]) => !lost.includes(field))
  noteStanding(deps, recipient, record, Object.fromEntries(left))
}

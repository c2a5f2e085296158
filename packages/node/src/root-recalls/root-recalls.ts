import {
  type Nation,
  openRootRecall,
  RootRecallError,
  type SignedRootRecall,
} from '@entente/schema'
import { forgetDeleted } from '../adapters/sqlite-database.ts'
import { letGoRecalled } from '../admit/root-recalled.ts'
import type { Deps } from '../deps.ts'
import { keepBackRecalled } from '../release/keep-back-recalled.ts'
import type { View } from '../view/view.ts'

/** Recalls that roots have signed, whoever told them. */
export interface RootRecalls {
  /** All of them, as their roots signed them. */
  readonly seals: () => readonly string[]
  /**
   * Takes in those that are new; they count at once. What no root has signed is left out, and its bringer named.
   * @param from who brings them; null: our own people
   * @throws {RootRecallError} of the first bad one, when our own people bring it
   */
  readonly take: (seals: readonly string[], from: Nation | null) => readonly SignedRootRecall[]
  /** Called after every such change. */
  readonly on: (listener: (from: Nation | null) => void) => void
}

/** Of one frame; whoever sends more bad ones is not read on. */
const MOST_BAD = 16

export function createRootRecalls(deps: Deps, view: View): RootRecalls {
  const { db, journal, roster, verify } = deps
  const known = new Set(
    db
      .prepare('SELECT seal FROM root_recall')
      .all()
      .map(({ seal }) => seal as string),
  )
  const listeners = new Set<(from: Nation | null) => void>()

  const takeOne = (seal: string): SignedRootRecall | null => {
    const opened = openRootRecall(roster.members, seal, verify)
    const { digest, recall } = opened
    if (db.prepare('SELECT 1 FROM root_recall WHERE digest = ?').get(digest) !== undefined)
      return null
    db.transact(() => {
      const note = db.prepare('INSERT INTO root_recalled(record, nation, digest) VALUES (?, ?, ?)')
      for (const record of new Set(recall.records)) note.run(record, recall.nation, digest)
      const purged = recall.nation === deps.nation ? 0 : letGoRecalled(deps, view, opened)
      if (recall.nation === deps.nation) keepBackRecalled(deps, opened)
      db.prepare(
        'INSERT INTO root_recall(digest, nation, seal, purge, purged, deleted) VALUES (?, ?, ?, ?, ?, 0)',
      ).run(digest, recall.nation, seal, recall.purge ? 1 : 0, purged)
    })
    known.add(seal)
    return opened
  }
  return {
    seals: () => [...known],
    on: (listener) => void listeners.add(listener),
    take: (seals, from) => {
      const taken: SignedRootRecall[] = []
      let bad = 0
      for (const seal of seals) {
        if (known.has(seal) || bad === MOST_BAD) continue
        try {
          const opened = takeOne(seal)
          if (opened !== null) taken.push(opened)
        } catch (error) {
          if (!(error instanceof RootRecallError) || from === null) throw error
          bad++
          const { code, message } = error
          journal.refused({ from, code, message: `${from} told a recall: ${message}` })
        }
      }
      if (taken.length === 0) return taken
      deleteRecalled(deps)
      for (const listener of listeners) listener(from)
      return taken
    },
  }
}

/** Tries to delete the last byte of what was recalled, while a reader may hold it; only then it is said to be purged. */
export function deleteRecalled({ db }: Pick<Deps, 'db'>): void {
  const due = db.prepare('SELECT 1 FROM root_recall WHERE deleted = 0').get()
  if (due !== undefined && forgetDeleted(db)) db.exec('UPDATE root_recall SET deleted = 1')
}

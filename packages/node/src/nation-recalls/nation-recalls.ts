import {
  type Nation,
  type NationRecall,
  type NationRecallCode,
  NationRecallError,
  openNationRecall,
} from '@entente/schema'
import { forgetDeleted } from '../adapters/sqlite-database.ts'
import { letGoRecalled } from '../admit/nation-recalled.ts'
import { withoutQuotes } from '../admit/without-quotes.ts'
import type { Deps } from '../deps.ts'
import { keepBackRecalled } from '../release/keep-back-recalled.ts'
import type { View } from '../view/view.ts'
import { keepBack } from './kept-back.ts'
import { lookAtPurgesAgain } from './note-nation-purge.ts'
import { inTellingOrder, isRootWord, rootsFirst, type Told } from './telling-order.ts'

/** Recalls by the word of a nation, which its root or a node of it has signed, whoever told them. */
export interface NationRecalls {
  /** All that count, as they were signed; where not all can be told, the last ones go first. */
  readonly seals: () => readonly string[]
  /**
   * Takes in those that are new; they count at once. What nobody has signed who may is left out, and its bringer named.
   * @param from who brings them; null: our own people
   * @throws {NationRecallError} of the first bad one, when our own people bring it
   */
  readonly take: (seals: readonly string[], from: Nation | null) => readonly NationRecall[]
  /** @throws {NationRecallError} `NODE_RECALL_REVOKED`, `NODE_RECALL_MANY` */
  readonly mustCount: (recall: NationRecall) => void
  /** A key was revoked: what a node signed with it counts no more. What has gone by it has gone, and stays back until a person lets it go. */
  readonly recheck: () => void
  /** Called after every such change. */
  readonly on: (listener: (from: Nation | null) => void) => void
}

/** Of one frame; whoever sends more that nobody has signed is not read on. */
const MOST_BAD = 16
/** Nobody honest tells these: what else does not count here may count elsewhere, and stands before what counts. */
const unsigned: ReadonlySet<NationRecallCode> = new Set([
  'ROOT_RECALL_FORM',
  'ROOT_RECALL_SIGNATURE',
  'NODE_RECALL_SIGNATURE',
])
/** Of the nodes of one other nation: their keys are on line, and what they say goes to everybody. Its root says what more there is. */
const MOST_OF_NODES = 256

export function createNationRecalls(deps: Deps, view: View): NationRecalls {
  const { db, journal, roster, verify } = deps
  const open = (seal: string): NationRecall => openNationRecall(roster.members, seal, verify)
  /** By seal. */
  const known = new Map<string, Told>()
  const listeners = new Set<(from: Nation | null) => void>()

  const isKnown = (digest: string): boolean =>
    db.prepare('SELECT 1 FROM root_recall WHERE digest = ?').get(digest) !== undefined
  const mustCount: NationRecalls['mustCount'] = ({ origin, isRevoked, recall: { nation } }) => {
    if (isRevoked)
      throw new NationRecallError(
        'NODE_RECALL_REVOKED',
        `the key of the node of ${nation} that recalls, whose log is ${origin}, is revoked: the root of ${nation} can recall it`,
      )
    const count = [...known.values()].filter(
      (each) => each.nation === nation && !each.isByRoot,
    ).length
    if (origin !== null && nation !== deps.nation && count >= MOST_OF_NODES)
      throw new NationRecallError(
        'NODE_RECALL_MANY',
        `the nodes of ${nation} have ${count} recalls here: the root of ${nation} can recall more`,
      )
  }
  const takeOne = (seal: string): NationRecall | null => {
    const opened = open(seal)
    const { digest, recall, origin } = opened
    if (isKnown(digest)) return null
    mustCount(opened)
    db.transact(() => {
      const note = db.prepare('INSERT INTO root_recalled(record, nation, digest) VALUES (?, ?, ?)')
      for (const record of new Set(recall.records)) note.run(record, recall.nation, digest)
      const purged = recall.nation === deps.nation ? 0 : letGoRecalled(deps, view, opened)
      if (recall.nation === deps.nation) keepBackRecalled(deps, opened)
      db.prepare(
        'INSERT INTO root_recall(digest, nation, seal, purge, purged, deleted) VALUES (?, ?, ?, ?, ?, 0)',
      ).run(digest, recall.nation, seal, recall.purge ? 1 : 0, purged)
      if (recall.nation === deps.nation) lookAtPurgesAgain(deps)
    })
    known.set(seal, { nation: recall.nation, isByRoot: origin === null })
    return opened
  }
  const take: NationRecalls['take'] = (seals, from) => {
    const taken: NationRecall[] = []
    let bad = 0
    const refused = new Map<string, number>()
    for (const seal of rootsFirst(seals)) {
      if (known.has(seal) || bad === MOST_BAD) continue
      try {
        const opened = takeOne(seal)
        if (opened !== null) taken.push(opened)
      } catch (error) {
        if (!(error instanceof NationRecallError) || from === null) throw error
        const { code, message } = error
        if (unsigned.has(code)) bad++
        const before = refused.get(code) ?? 0
        refused.set(code, before + 1)
        if (before < MOST_BAD)
          journal.refused({
            from,
            code,
            message: `${from} told a recall: ${withoutQuotes(message)}`,
          })
      }
    }
    if (taken.length === 0) return taken
    deleteRecalled(deps)
    for (const listener of listeners) listener(from)
    return taken
  }
  const recheck = (): void => {
    const revoked = [...known].filter(([seal, { isByRoot }]) => !isByRoot && isRevoked(seal))
    db.transact(() => {
      for (const [seal] of revoked) {
        const { digest, recall } = open(seal)
        // It stays back also from who was paired since.
        if (recall.nation === deps.nation)
          for (const record of new Set(recall.records))
            for (const nation of deps.partners.keys()) keepBack(db, nation, record, digest)
        db.prepare('DELETE FROM root_recalled WHERE digest = ?').run(digest)
        db.prepare('DELETE FROM root_recall_out WHERE digest = ? AND purged IS NULL').run(digest)
        known.delete(seal)
      }
      lookAtPurgesAgain(deps)
    })
  }
  const isRevoked = (seal: string): boolean => {
    try {
      return open(seal).isRevoked
    } catch (error) {
      // Its nation has left the roster.
      if (error instanceof NationRecallError) return false
      throw error
    }
  }

  for (const row of db
    .prepare(
      'SELECT seal, nation, digest FROM root_recall WHERE EXISTS (SELECT 1 FROM root_recalled WHERE root_recalled.digest = root_recall.digest)',
    )
    .all()) {
    const seal = row['seal'] as string
    known.set(seal, { nation: row['nation'] as Nation, isByRoot: isRootWord(seal) })
  }
  recheck()
  // What our own log says counts here, also after a crash, or a recovery, between the two.
  const said = db.prepare(
    "SELECT jws FROM statement WHERE kind = 'nation-recall' AND jws IS NOT NULL ORDER BY idx",
  )
  take(
    said.all().map(({ jws }) => jws as string),
    deps.nation,
  )
  return {
    seals: () => inTellingOrder(known),
    on: (listener) => void listeners.add(listener),
    take,
    mustCount,
    recheck,
  }
}

/** Tries to delete the last byte of what was recalled, while a reader may hold it; only then it is said to be purged. */
export function deleteRecalled({ db }: Pick<Deps, 'db'>): void {
  const due = db.prepare('SELECT 1 FROM root_recall WHERE deleted = 0').get()
  if (due !== undefined && forgetDeleted(db)) db.exec('UPDATE root_recall SET deleted = 1')
}

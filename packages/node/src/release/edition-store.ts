import { PolicyError } from '@entente/policy'
import { statementKeyAt } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { type EditionKind, editionLeaf } from './edition-leaf.ts'

/** What every compiled edition says of itself. */
interface Compiled {
  readonly nation: string
  readonly edition: number
  readonly digest: string
  readonly fromMs: number
  readonly untilMs: number
}

/** An edition of this nation, committed to its log. */
export interface Edition<C extends Compiled> {
  readonly edition: number
  readonly digest: string
  /** Leaf index of its statement. */
  readonly index: number
  readonly compiled: C
  /** The signed file as installed. */
  readonly signed: unknown
}

/** Editions of one kind that this nation's authorities have put in force. */
export interface EditionStore<C extends Compiled> {
  /** Checks signatures and content, then commits the edition to the log; must not run inside a transaction. */
  readonly install: (signed: unknown) => Edition<C>
  /** The edition in force: the latest committed to the log whose interval covers the time. */
  readonly at: (atMs: number) => Edition<C> | null
  readonly all: () => readonly Edition<C>[]
  /** The log has committed to a later edition than the one here that covers the time: a recovery did not find its file. */
  readonly isLost: (atMs: number) => boolean
  /** Commits anew those editions whose leaf no longer counts, because its key has been revoked since. */
  readonly commitAgain: () => void
}

/**
 * @param open checks seals and content of a file. @throws PolicyError
 * @param check what else must hold of an edition that is newly installed. @throws PolicyError
 */
export function createEditionStore<C extends Compiled>(
  deps: Deps,
  log: ReleaseLog,
  kind: EditionKind,
  open: (signed: unknown) => C,
  check: (compiled: C, before: readonly Edition<C>[], signed: unknown) => void = () => {},
): EditionStore<C> {
  const { db, nation, self } = deps
  let loaded: Edition<C>[] | null = null
  const all = (): readonly Edition<C>[] => {
    loaded ??= db
      .prepare(`SELECT edition, digest, idx, signed FROM ${kind}_edition ORDER BY edition`)
      .all()
      .map((row) => {
        const signed: unknown = JSON.parse(row['signed'] as string)
        return {
          edition: row['edition'] as number,
          digest: row['digest'] as string,
          index: row['idx'] as number,
          compiled: open(signed),
          signed,
        }
      })
    return loaded
  }
  const keep = ({ edition, digest, index, signed }: Edition<C>): void => {
    db.prepare(`INSERT INTO ${kind}_edition(edition, digest, idx, signed) VALUES (?, ?, ?, ?)`).run(
      edition,
      digest,
      index,
      JSON.stringify(signed),
    )
    // Every decision must be made again under the new edition.
    db.exec('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record')
  }
  const at = (atMs: number): Edition<C> | null =>
    all().findLast(({ compiled }) => compiled.fromMs <= atMs && atMs < compiled.untilMs) ?? null
  /** Commits to editions, in their order. Inside a transaction. @returns leaf index of the first */
  const appendAll = (editions: readonly Pick<Edition<C>, 'edition' | 'signed'>[]): number => {
    const atMs = log.nextAtMs()
    const first = log.append(editions.map(({ signed }) => editionLeaf(deps, kind, signed, atMs)))
    for (const [i, { edition }] of editions.entries())
      db.prepare(`UPDATE ${kind}_edition SET idx = ? WHERE edition = ?`).run(first + i, edition)
    return first
  }
  /** The file of an edition that the log has committed to already, which a recovery did not find. */
  const findAgain = (compiled: C, signed: unknown): Edition<C> | null => {
    const { edition, digest } = compiled
    const lost = db
      .prepare(`SELECT idx FROM ${kind}_lost WHERE digest = ? AND edition = ?`)
      .get(digest, edition)
    if (lost === undefined) return null
    const known = lost['idx'] as number
    const found = db.transact(() => {
      // A log that follows the one that committed to it has no leaf of it; of leaves that cover a time the latest counts.
      const later = known >= 0 ? [] : all().filter((each) => each.edition > edition)
      const index = known >= 0 ? known : appendAll([{ edition, signed }, ...later])
      const made = { edition, digest, index, compiled, signed }
      keep(made)
      db.prepare(`DELETE FROM ${kind}_lost WHERE digest = ?`).run(digest)
      return made
    })
    log.noteHead()
    loaded = null
    return found
  }
  return {
    all,
    at,
    isLost: (atMs) =>
      db.prepare(`SELECT 1 FROM ${kind}_lost WHERE edition > ?`).get(at(atMs)?.edition ?? 0) !==
      undefined,
    commitAgain: () => {
      const first = all().findIndex(
        ({ index }) => statementKeyAt(self.member, deps.origin, index)?.revoked != null,
      )
      if (first < 0) return
      // With all that come after it: of leaves that cover a time the latest counts.
      db.transact(() => appendAll(all().slice(first)))
      log.noteHead()
      loaded = null
    },
    install: (signed) => {
      const compiled = refusing(() => open(signed))
      const { edition, digest } = compiled
      if (compiled.nation !== nation)
        throw new NodeError(
          'POLICY_REFUSED',
          `this is a ${kind} of ${compiled.nation}, the node is of ${nation}`,
        )
      const again = findAgain(compiled, signed)
      if (again !== null) return again
      const missing = db.prepare(`SELECT MAX(edition) AS edition FROM ${kind}_lost`).get()
      const committed = (missing?.['edition'] as number | null | undefined) ?? 0
      if (edition <= committed)
        throw new NodeError(
          'POLICY_SUPERSEDED',
          `the log has committed to ${kind} edition ${committed}, whose file a recovery did not find: install that file, or sign an edition above it`,
        )
      const before = all().at(-1)
      if (before !== undefined && edition <= before.edition)
        throw new NodeError(
          'POLICY_SUPERSEDED',
          `${kind} edition ${edition} does not come after edition ${before.edition}, which is in force: raise the edition and sign again`,
        )
      refusing(() => check(compiled, all(), signed))
      const atMs = log.nextAtMs()
      const leaf = editionLeaf(deps, kind, signed, atMs)
      const installed = db.transact(() => {
        const made = { edition, digest, index: log.append([leaf]), compiled, signed }
        keep(made)
        return made
      })
      log.noteHead()
      loaded = null
      return installed
    },
  }
}

function refusing<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    throw new NodeError('POLICY_REFUSED', `${error.code}: ${error.message}`, { cause: error })
  }
}

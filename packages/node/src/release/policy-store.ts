import {
  type CompiledPolicy,
  checkPolicy,
  createDecider,
  type Decider,
  openPolicy,
  PolicyError,
} from '@entente/policy'
import { statementKeyAt } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { NodeError } from '../errors.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { policyLeaf } from './policy-leaf.ts'

/** A policy edition of this nation, committed to its log. */
export interface PolicyInForce {
  readonly edition: number
  readonly digest: string
  /** Leaf index of its policy statement. */
  readonly index: number
  readonly compiled: CompiledPolicy
  readonly decider: Decider
  /** The signed file as installed. */
  readonly signed: unknown
}

/** Policies this nation's authorities have put in force. */
export interface PolicyStore {
  /** Checks signatures, tests and bands, then commits the edition to the log; must not run inside a transaction. */
  readonly install: (signed: unknown) => PolicyInForce
  /** The edition in force: the latest committed to the log whose interval covers the time. Null: nothing may be released. */
  readonly at: (atMs: number) => PolicyInForce | null
  readonly latest: () => PolicyInForce | null
  /** Commits anew those editions whose leaf no longer counts, because its key has been revoked since. */
  readonly commitAgain: () => void
  readonly all: () => readonly PolicyInForce[]
}

export function createPolicyStore(deps: Deps, log: ReleaseLog): PolicyStore {
  const { db, clock, nation, roster, self, verify } = deps
  const authorities = roster.members.get(nation)?.authorities ?? []
  const quorum = roster.members.get(nation)?.policyQuorum ?? 1
  let loaded: PolicyInForce[] | null = null

  const open = (signed: unknown): CompiledPolicy => openPolicy(signed, authorities, verify, quorum)
  const all = (): readonly PolicyInForce[] => {
    loaded ??= db
      .prepare('SELECT edition, digest, idx, signed FROM policy_edition ORDER BY edition')
      .all()
      .map((row) => {
        const signed: unknown = JSON.parse(row['signed'] as string)
        const compiled = open(signed)
        return {
          edition: row['edition'] as number,
          digest: row['digest'] as string,
          index: row['idx'] as number,
          compiled,
          decider: createDecider(compiled),
          signed,
        }
      })
    return loaded
  }
  /** Bands of every type as the latest edition that has them cuts them: leaving a type out once does not free it. */
  const bandsSoFar = (): CompiledPolicy['document']['bands'] =>
    Object.assign({}, ...all().map(({ compiled }) => compiled.document.bands))
  const isLost = (): boolean =>
    db.prepare('SELECT 1 FROM policy_lost WHERE edition > ?').get(all().at(-1)?.edition ?? 0) !==
    undefined
  /** The file of an edition that the log has committed to already, which a recovery did not find. */
  const findAgain = (compiled: CompiledPolicy, signed: unknown): PolicyInForce | null => {
    const { edition, digest } = compiled
    const lost = db
      .prepare('SELECT idx FROM policy_lost WHERE digest = ? AND edition = ?')
      .get(digest, edition)
    if (lost === undefined) return null
    const index = lost['idx'] as number
    db.transact(() => {
      db.prepare(
        'INSERT INTO policy_edition(edition, digest, idx, signed) VALUES (?, ?, ?, ?)',
      ).run(edition, digest, index, JSON.stringify(signed))
      db.prepare('DELETE FROM policy_lost WHERE digest = ?').run(digest)
      db.exec('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record')
    })
    loaded = null
    return { edition, digest, index, compiled, decider: createDecider(compiled), signed }
  }
  return {
    all,
    latest: () => all().at(-1) ?? null,
    commitAgain: () => {
      const lost = all().filter(
        ({ index }) => statementKeyAt(self.member, deps.origin, index)?.revoked != null,
      )
      if (lost.length === 0) return
      const atMs = Math.max(clock.nowMs(), log.lastAtMs())
      db.transact(() => {
        const first = log.append(lost.map(({ signed }) => policyLeaf(deps, signed, atMs)))
        for (const [i, { edition }] of lost.entries())
          db.prepare('UPDATE policy_edition SET idx = ? WHERE edition = ?').run(first + i, edition)
      })
      log.noteHead()
      loaded = null
    },
    // An edition that the log has committed to and whose file a recovery did not find: none before it decides.
    at: (atMs) =>
      isLost()
        ? null
        : (all().findLast(({ compiled }) => compiled.fromMs <= atMs && atMs < compiled.untilMs) ??
          null),
    install: (signed) => {
      const compiled = refusing(() => open(signed))
      const { document, edition, digest } = compiled
      if (compiled.nation !== nation)
        throw new NodeError(
          'POLICY_REFUSED',
          `this is a policy of ${compiled.nation}, the node is of ${nation}`,
        )
      const again = findAgain(compiled, signed)
      if (again !== null) return again
      const before = all().at(-1)
      if (before !== undefined && edition <= before.edition)
        throw new NodeError(
          'POLICY_SUPERSEDED',
          `edition ${edition} does not come after edition ${before.edition}, which is in force: raise the edition and sign again`,
        )
      const issue = checkPolicy(document, bandsSoFar())[0]
      if (issue !== undefined)
        throw new NodeError('POLICY_REFUSED', `${issue.code} at ${issue.place}: ${issue.message}`)
      const atMs = Math.max(clock.nowMs(), log.lastAtMs())
      const leaf = policyLeaf(deps, signed, atMs)
      const index = db.transact(() => {
        const first = log.append([leaf])
        db.prepare(
          'INSERT INTO policy_edition(edition, digest, idx, signed) VALUES (?, ?, ?, ?)',
        ).run(edition, digest, first, JSON.stringify(signed))
        // Every decision must be made again under the new edition.
        db.exec('INSERT OR IGNORE INTO dirty(record) SELECT id FROM record')
        return first
      })
      log.noteHead()
      loaded = null
      return { edition, digest, index, compiled, decider: createDecider(compiled), signed }
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

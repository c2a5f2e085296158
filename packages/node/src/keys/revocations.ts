import {
  type Member,
  type Nation,
  openRevocation,
  type Revocation,
  RevocationError,
  revocationIn,
  revokedLists,
  type SignedRevocation,
  takesBackMore,
} from '@entente/schema'
import { withoutQuotes } from '../admit/without-quotes.ts'
import type { Deps } from '../deps.ts'
import { noteHeard, readHeard } from './heard-file.ts'

/** What this node knows of keys that no longer count: of the roster, and of whoever told it since. */
export interface Revocations {
  /** The one of each key that takes back most, as its root signed it. */
  readonly seals: () => readonly string[]
  /**
   * Takes in what takes back more than was known; it counts at once. What no root has signed is left out, and its bringer named.
   * @param from who brings them; null: our own people
   * @returns those that were new
   * @throws {RevocationError} of the first bad one, when our own people bring it
   */
  readonly take: (seals: readonly string[], from: Nation | null) => readonly Revocation[]
  /** Called after every such change. */
  readonly on: (listener: (taken: readonly Revocation[], from: Nation | null) => void) => void
}

/** Of one frame; whoever sends more bad ones is not read on. */
const MOST_BAD = 16

/** @param path where they are kept beside the roster */
export function createRevocations(
  { roster, journal, verify }: Pick<Deps, 'roster' | 'journal' | 'verify'>,
  path: string,
): Revocations {
  /** By key: a nation that signs ever earlier last good leaves has no more of them than keys, and wipes out nobody else's. */
  const known = new Map<string, string>()
  for (const { keyChanges } of roster.members.values())
    for (const { action, seal } of keyChanges) if (action === 'revoke') note(seal)
  // Those of drafting nodes stand in no log.
  for (const seal of readHeard(path)) if (counts(seal)) note(seal)

  function note(seal: string): void {
    const { origin, key, lastGood } = revocationIn(seal)
    const name = `${origin} ${key}`
    const before = known.get(name)
    if (before !== undefined && (revocationIn(before).lastGood ?? -1) <= (lastGood ?? -1)) return
    // The newest is told last, where a frame does not hold all.
    known.delete(name)
    known.set(name, seal)
  }
  function counts(seal: string): boolean {
    try {
      const { revocation } = openRevocation(roster.members, seal, verify)
      const { revocations = [] } = roster.members.get(revocation.nation) ?? {}
      return revocations.some(({ key }) => key === revocation.key)
    } catch (error) {
      if (error instanceof RevocationError) return false
      throw error
    }
  }
  const listeners = new Set<(taken: readonly Revocation[], from: Nation | null) => void>()

  const takeOne = (seal: string): Revocation | null => {
    const opened = openRevocation(roster.members, seal, verify)
    const { revocation } = opened
    const member = roster.members.get(revocation.nation)
    // Of a key that only a newer roster names: whoever told it tells it again under that one.
    if (member === undefined || !takesBackMore(member, revocation)) return null
    revoke(member, opened)
    note(seal)
    return revocation
  }
  return {
    seals: () => [...known.values()],
    on: (listener) => void listeners.add(listener),
    take: (seals, from) => {
      const taken: Revocation[] = []
      const fresh: string[] = []
      const told = new Set(known.values())
      let bad = 0
      for (const seal of seals) {
        if (told.has(seal) || bad === MOST_BAD) continue
        try {
          const revocation = takeOne(seal)
          if (revocation === null) continue
          taken.push(revocation)
          fresh.push(seal)
        } catch (error) {
          if (!(error instanceof RevocationError) || from === null) throw error
          bad++
          const { code, message } = error
          journal.refused({
            from,
            code,
            message: `${from} told a revocation: ${withoutQuotes(message)}`,
          })
        }
      }
      if (taken.length === 0) return taken
      try {
        noteHeard(path, fresh)
      } catch (error) {
        // It counts all the same; partners tell it again to the next process.
        const message = error instanceof Error ? error.message : String(error)
        journal.fault({ where: 'keys', code: 'REVOCATIONS_UNWRITTEN', message })
      }
      for (const listener of listeners) listener(taken, from)
      return taken
    },
  }
}

/**
 * Everything that admits, signs or serves asks the member's lists at the moment of doing so. They change in place, once only here, so
 * that what is taken back is taken back everywhere at once; nothing else of a member ever changes.
 */
function revoke(member: Member, opened: SignedRevocation): void {
  const lists = revokedLists(member, opened)
  const replace = <T>(list: readonly T[], by: readonly T[]): void =>
    void (list as T[]).splice(0, list.length, ...by)
  replace(member.revocations, lists.revocations)
  replace(member.keyChanges, lists.keyChanges)
  replace(member.further, lists.further)
  replace(member.drafting, lists.drafting)
}

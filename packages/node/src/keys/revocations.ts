import {
  type KeyDocument,
  type Member,
  type Nation,
  openRevocation,
  type Revocation,
  RevocationError,
  takesBackMore,
} from '@entente/schema'
import type { Deps } from '../deps.ts'
import { noteHeard } from './heard-file.ts'

/** What this node knows of keys that no longer count: of the roster, and of whoever told it since. */
export interface Revocations {
  /** All of them, as their roots signed them. */
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
  const known = new Set(
    [...roster.members.values()].flatMap(({ keyChanges }) =>
      keyChanges.flatMap(({ action, seal }) => (action === 'revoke' ? [seal] : [])),
    ),
  )
  const listeners = new Set<(taken: readonly Revocation[], from: Nation | null) => void>()

  const takeOne = (seal: string): Revocation | null => {
    const { revocation } = openRevocation(roster.members, seal, verify)
    const member = roster.members.get(revocation.nation)
    // Of a key that only a newer roster names: whoever told it tells it again under that one.
    if (member === undefined || !takesBackMore(member, revocation)) return null
    revoke(member, revocation, seal)
    known.add(seal)
    return revocation
  }
  return {
    seals: () => [...known],
    on: (listener) => void listeners.add(listener),
    take: (seals, from) => {
      const taken: Revocation[] = []
      const fresh: string[] = []
      let bad = 0
      for (const seal of seals) {
        if (known.has(seal) || bad === MOST_BAD) continue
        try {
          const revocation = takeOne(seal)
          if (revocation === null) continue
          taken.push(revocation)
          fresh.push(seal)
        } catch (error) {
          if (!(error instanceof RevocationError) || from === null) throw error
          bad++
          const { code, message } = error
          journal.refused({ from, code, message: `${from} told a revocation: ${message}` })
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
 * Everything that admits, signs or serves asks the member's lists at the moment of doing so. They grow in place, once only here, so
 * that what is taken back is taken back everywhere at once; nothing else of a member ever changes.
 */
function revoke(member: Member, revocation: Revocation, seal: string): void {
  const revocations = member.revocations as Revocation[]
  const keyChanges = member.keyChanges as KeyDocument[]
  revocations.push(revocation)
  keyChanges.push({ action: 'revoke', origin: revocation.origin, from: 0, seal })
}

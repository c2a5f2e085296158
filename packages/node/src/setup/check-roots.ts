import {
  type Fork,
  forkIn,
  type Nation,
  type Rooted,
  type RootSuccession,
  type Roster,
  rootsIn,
  toBase64url,
} from '@entente/schema'
import { SetupError } from './setup-error.ts'

/** What is known of roots where a roster is to be installed, and what people have found out about them. */
export interface KnownRoots {
  /** What roots have said of their successors, wherever this node has it from. */
  readonly words?: readonly RootSuccession[]
  /** Nations whose other root, with nothing between, people have compared words for: theirs was lost or stolen. */
  readonly allowed?: ReadonlySet<Nation>
}

/**
 * What a roster may do to the roots of the one before it. A root that has been succeeded does not come back, no root has two successors, and
 * what a nation has once said of its roots stays said. A nation that begins anew has another root with nothing between: that is for
 * people, who have compared words and say so.
 * @throws {SetupError} `ROOT_TWICE`, `ROOT_SUCCEEDED`, `ROOT_CHANGED`, `ROSTER_FORGETS`
 */
export function checkRoots(
  installed: Roster,
  next: Roster,
  { words = [], allowed = new Set() }: KnownRoots = {},
): void {
  for (const [nation, member] of installed.members) {
    const now = next.members.get(nation)
    if (now === undefined) continue
    checkFork([...(member.successions ?? []), ...(now.successions ?? [])], member)
    for (const word of now.successions ?? []) {
      // One that is in force stays: every root has signed for it.
      const stands = member.successions?.some(
        ({ from, to }) => from === word.from && to === word.to,
      )
      const said = words.filter((each) => each.nation === nation && each.from === word.from)
      if (stands !== true) checkFork([...said, word], member)
    }
    const [before, after] = [rootsIn(member), rootsIn(now)]
    const root = toBase64url(now.root)
    if (before.includes(root) && before.at(-1) !== root)
      throw new SetupError(
        'ROOT_SUCCEEDED',
        `this roster names root ${root} of ${nation}, which another has succeeded: build it with the newest nation file of ${nation}`,
      )
    if (!after.includes(before.at(-1) ?? '')) {
      if (allowed.has(nation)) continue
      throw new SetupError(
        'ROOT_CHANGED',
        `this roster names root ${root} of ${nation}, which the root in force, ${before.at(-1)}, has not named: ask ${nation} by telephone. If it begins anew because its root is lost or stolen, compare the words of its root with it (entente roster show FILE), then entente roster install FILE --allow-root ${nation}`,
      )
    }
    if (before.some((each, i) => after[i] !== each))
      throw new SetupError(
        'ROSTER_FORGETS',
        `this roster lacks what the roots of ${nation} have said of their successors: build it with the newest nation file of ${nation}`,
      )
  }
}

/** @param own our nation file, opened @throws {SetupError} `ROOT_NOT_OURS` */
export function checkOwnIn(next: Roster, nation: Nation, own: readonly string[]): void {
  const member = next.members.get(nation)
  if (member === undefined || own.includes(toBase64url(member.root))) return
  throw new SetupError(
    'ROOT_NOT_OURS',
    `this roster names root ${toBase64url(member.root)} of ${nation}, and the nation file of this node does not: if it is your new root, entente root install FILE here first`,
  )
}

function checkFork(words: Parameters<typeof forkIn>[0], member: Rooted): void {
  const fork = forkIn(words)
  if (fork !== null) throw new SetupError('ROOT_TWICE', sayFork(fork, member))
}

/** The same words wherever it is found. @param member as the roster in force has the nation, in which one of the two may stand already */
export function sayFork(
  { nation, from, successors }: Fork,
  member: Pick<Rooted, 'successions'> | undefined,
): string {
  const [one, other] = successors
  const stands = member?.successions?.find((word) => word.from === from)?.to
  return `root ${from} of ${nation} has named two successors, ${one} and ${other}: somebody else has the old key, or has had it. ${
    stands === undefined
      ? `Neither is taken from here on; ask ${nation} by telephone. ${howAnew(nation)}`
      : `${stands} is in force, every root has signed for it, and it stays; the other is not taken. Tell ${nation} by telephone, whose old key is to be destroyed`
  }`
}

/** How a nation goes on whose root nobody can name a successor of any more, or whose root has named two. */
const howAnew = (nation: Nation): string =>
  `It begins anew under another root: entente partner revoke ${nation}, and docs/recovery.md, "The root lost or stolen"`

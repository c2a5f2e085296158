import { forkIn, type Nation, type Roster, rootsIn, toBase64url } from '@entente/schema'
import { SetupError } from './setup-error.ts'

/**
 * What a roster may do to the roots of the one before it. A root that has been succeeded does not come back, no root has two successors, and
 * what a nation has once said of its roots stays said. A nation that was paired anew has another root with nothing between: that is for
 * people, who have compared the words.
 * @throws {SetupError} `ROOT_TWICE`, `ROOT_SUCCEEDED`, `ROSTER_FORGETS`
 */
export function checkRoots(installed: Roster, next: Roster): void {
  for (const [nation, member] of installed.members) {
    const now = next.members.get(nation)
    if (now === undefined) continue
    checkFork([...(member.successions ?? []), ...(now.successions ?? [])])
    const [before, after] = [rootsIn(member), rootsIn(now)]
    const root = toBase64url(now.root)
    if (before.includes(root) && before.at(-1) !== root)
      throw new SetupError(
        'ROOT_SUCCEEDED',
        `this roster names root ${root} of ${nation}, which another has succeeded: build it with the newest nation file of ${nation}`,
      )
    if (!after.includes(before.at(-1) ?? '')) continue
    if (before.some((each, i) => after[i] !== each))
      throw new SetupError(
        'ROSTER_FORGETS',
        `this roster lacks what the roots of ${nation} have said of their successors: build it with the newest nation file of ${nation}`,
      )
  }
}

function checkFork(words: Parameters<typeof forkIn>[0]): void {
  const fork = forkIn(words)
  if (fork !== null) throw new SetupError('ROOT_TWICE', sayFork(fork))
}

/** The same words wherever it is found. */
export const sayFork = ({
  nation,
  from,
  successors: [one, other],
}: {
  readonly nation: Nation
  readonly from: string
  readonly successors: readonly [string, string]
}): string =>
  `root ${from} of ${nation} has named two successors, ${one} and ${other}: somebody else has the old key, or has had it. Neither is taken from here on; ask ${nation} by telephone, and pair anew`

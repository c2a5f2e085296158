import {
  forkIn,
  keyBytes,
  type Member,
  type Nation,
  openSuccession,
  type RootSuccession,
  type Roster,
  SignedSuccession,
  toBase64url,
  type Verify,
} from '@entente/schema'
import { type BundleFiles, readManifest } from './bundle/manifest.ts'
import { rootSuccessionLines } from './bundle/read-bundle.ts'
import { type AddFinding, reasonOf } from './finding.ts'
import { formatDate } from './report/render-parts.ts'

/** What bundles show of roots that gave their place to others. */
export interface FollowedRoots {
  /** The auditor's own, each member under the root to which the one that the auditor trusts leads. */
  readonly roster: Roster
  /** What the auditor is to know of it: trust in a root that the auditor has not brought comes from one that the auditor has. */
  readonly remarks: readonly string[]
}

/**
 * Follows roots that the auditor trusts to those that they have named, by words in the bundles. No root is taken from a bundle: each is
 * signed for by the one before it, and the first by nobody but the auditor. Where one root has named two, neither is followed.
 */
export function followRoots(
  roster: Roster,
  bundles: readonly BundleFiles[],
  verify: Verify,
  found: (nation: Nation | null) => AddFinding,
): FollowedRoots {
  const words = new Map<string, RootSuccession>()
  for (const files of bundles) {
    const manifest = readManifest(files)
    // Whose bundle shows it has made it up, or hands on what another has.
    const shower = typeof manifest === 'string' ? null : manifest.nation
    for (const { nation, ...signed } of rootSuccessionLines(files))
      try {
        const word = openSuccession(SignedSuccession.parse(signed), verify)
        if (word.nation !== nation) throw new Error(`it is of a root of ${word.nation}`)
        words.set(`${word.nation} ${word.from} ${word.to}`, word)
      } catch (error) {
        found(shower)(
          'ROOT_SUCCESSION',
          `what is shown of a root of ${nation} and its successor: ${reasonOf(error)}`,
        )
      }
  }
  const members = new Map<Nation, Member>()
  const remarks: string[] = []
  for (const member of roster.members.values()) {
    const { nation, successions = [] } = member
    const said = [...words.values()].filter((word) => word.nation === nation)
    const known = new Set([...successions, ...said].map((word) => word.from))
    const forks = new Set<string>()
    for (const from of known) {
      const fork = forkIn([...successions, ...said].filter((word) => word.from === from))
      if (fork === null) continue
      forks.add(from)
      found(nation)(
        'ROOT_TWICE',
        `root ${from} of ${nation} has named two successors, ${fork.successors.join(' and ')}`,
      )
    }
    const followed: RootSuccession[] = []
    const seen = new Set([...successions.map(({ from }) => from)])
    for (let at = toBase64url(member.root); !seen.has(at); ) {
      seen.add(at)
      const next = forks.has(at) ? undefined : said.find(({ from }) => from === at)
      if (next === undefined) break
      followed.push(next)
      at = next.to
    }
    remarks.push(
      ...successions.map((word) => sayWord(word, 'as the roster that you trust says')),
      ...followed.map((word) =>
        sayWord(
          word,
          'as both have signed and the roster that you trust does not say yet: ask that nation, and take a newer roster',
        ),
      ),
    )
    const last = followed.at(-1)
    members.set(
      nation,
      last === undefined
        ? member
        : { ...member, root: keyBytes(last.to), successions: [...successions, ...followed] },
    )
  }
  return { roster: { ...roster, members }, remarks }
}

const sayWord = ({ nation, from, to, at, reason }: RootSuccession, as: string): string =>
  `${nation}: root ${from} gave its place to ${to} on ${formatDate(at)} (${reason}), ${as}`

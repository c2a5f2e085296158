import type { Nation } from '@entente/schema'
import { largestCheckpoint } from '../../admit/evidence.ts'
import type { Deps } from '../../deps.ts'
import { type Standing, standingOf } from '../../gossip/standing.ts'
import { ago } from './ago.ts'

/** How it is with one further node of a partner that releases something to us. */
export interface FurtherLog {
  readonly standing: Standing['kind']
  /** When its log was last proven; null: not yet. */
  readonly provenAtMs: number | null
  /** What keeps the nation from being in sync; null: nothing of this node. */
  readonly words: string | null
}

/**
 * The further nodes of a partner on which something rests here: those that it has handed a dataset to. A log that has two histories is
 * named whether or not anything does. Where its key is revoked, nobody releases what it was handed, and that is said.
 * @param isAway whether a node of this peer id is out of reach
 * @param freshMs how old a proof may be
 */
export function furtherLogsOf(
  deps: Deps,
  nation: Nation,
  { isAway, freshMs }: { readonly isAway: (peerId: string) => boolean; readonly freshMs: number },
): readonly FurtherLog[] {
  const { db, clock, roster } = deps
  const nowMs = clock.nowMs()
  const given = Map.groupBy(
    db.prepare('SELECT dataset, origin FROM releaser_in WHERE sender = ? ORDER BY 1').all(nation),
    ({ origin }) => origin as string,
  )
  return deps.further.flatMap((node): FurtherLog[] => {
    const { origin } = node.log
    const standing = standingOf({ db, nowMs, policy: roster.witnessPolicy }, origin)
    const datasets = given.get(origin)?.map(({ dataset }) => dataset as string) ?? []
    if (node.nation !== nation) return []
    const provenAtMs = largestCheckpoint(deps, origin)?.seenMs ?? null
    // One whose key is revoked gives nothing any more; what was good of it stays.
    const goesOn = node.member.further.some((each) => each.origin === origin)
    if (!goesOn)
      return datasets.length === 0
        ? []
        : [
            {
              standing: 'good',
              provenAtMs,
              words: `nobody releases ${datasets.join(', ')}: ${nation} handed it to its node ${node.certificate.name}, whose key is revoked; it stands still until ${nation} hands it to another node`,
            },
          ]
    if (datasets.length === 0 && standing.kind !== 'forked') return []
    const name = `its node ${node.certificate.name}, which releases ${datasets.join(', ')},`
    const words =
      standing.kind === 'forked'
        ? `the log of its node ${node.certificate.name} has signed two histories: nothing of it is admitted (entente log evidence)`
        : standing.kind === 'unproven'
          ? `${name} has left a proof unanswered for ${ago(nowMs - standing.sinceMs)}: nothing of it is admitted until it proves that its log has one history`
          : isAway(node.certificate.peerId)
            ? `${name} is out of reach`
            : provenAtMs === null
              ? `${name} has proven nothing yet`
              : nowMs - provenAtMs > freshMs
                ? `${name} has proven nothing for ${ago(nowMs - provenAtMs)}: until its log is cosigned again, nothing that widens is admitted of it`
                : null
    return [{ standing: standing.kind, provenAtMs, words }]
  })
}

/** The worst of several. */
export const worstOf = (standings: readonly Standing['kind'][]): Standing['kind'] =>
  (['forked', 'unproven'] as const).find((kind) => standings.includes(kind)) ?? 'good'

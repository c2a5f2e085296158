import { isMainNode, type Releaser } from '@entente/schema'
import type { Deps, Partner } from '../deps.ts'
import type { Refuse } from './place.ts'

/** Which log of a nation releases a dataset to us, where that is not its main node's; and the leaf by which another log handed it on. */
export const releaserTables = `
CREATE TABLE IF NOT EXISTS releaser_in(sender TEXT NOT NULL, dataset TEXT NOT NULL, origin TEXT NOT NULL, last_origin TEXT NOT NULL, last_leaf INTEGER NOT NULL, PRIMARY KEY(sender, dataset)) STRICT, WITHOUT ROWID;
`

/** Log of the node that releases a dataset of a partner to us. */
function releaserOf(
  { db }: Pick<Deps, 'db'>,
  { nation, member }: Partner,
  dataset: string,
): string {
  const row = db
    .prepare('SELECT origin FROM releaser_in WHERE sender = ? AND dataset = ?')
    .get(nation, dataset)
  return (row?.['origin'] as string | undefined) ?? member.node.origin
}

/**
 * What is released comes from the node whose turn it is: another certified node of the same nation, whoever has taken it, gives
 * nothing. What the one before had sealed until it handed over still comes.
 * @param index leaf of what comes
 * @throws {AdmitError} `NOT_RELEASER`
 */
export function checkReleaser(
  deps: Deps,
  partner: Partner,
  dataset: string,
  index: number,
  refuse: Refuse,
): void {
  const origin = releaserOf(deps, partner, dataset)
  if (origin === partner.log.origin) return
  // A main node whose log was retired goes on under the next one.
  if (
    isMainNode(partner.certificate) &&
    partner.member.nodes.some((n) => n.origin === origin && isMainNode(n))
  )
    return
  const row = deps.db
    .prepare('SELECT last_origin, last_leaf FROM releaser_in WHERE sender = ? AND dataset = ?')
    .get(partner.nation, dataset)
  // Also what it takes away: that must not wait for the other node.
  if (row?.['last_origin'] === partner.log.origin && index < (row['last_leaf'] as number)) return
  throw refuse(
    'NOT_RELEASER',
    `${dataset} of ${partner.nation} is released by ${origin}, and this comes from ${partner.log.origin}`,
  )
}

/**
 * Takes the word of the node that released a dataset until now. Only its own word counts, and only for a node that the roster
 * certifies for its nation. Inside a transaction.
 * @throws {AdmitError} `NOT_RELEASER`
 */
export function takeReleaser(
  deps: Deps,
  partner: Partner,
  { dataset, from, to }: Releaser,
  index: number,
  refuse: Refuse,
): void {
  const { nation, member, log } = partner
  const isOfSender = member.nodes.some((node) => node.key === from && node.origin === log.origin)
  if (!isOfSender || releaserOf(deps, partner, dataset) !== log.origin)
    throw refuse('NOT_RELEASER', `${log.origin} hands over ${dataset}, which it does not release`)
  const next = [member.node, ...member.further].find((node) => node.key === to)
  if (next === undefined)
    throw refuse(
      'NOT_RELEASER',
      `it hands ${dataset} over to a node that the roster does not certify for ${nation}: install the newest roster`,
    )
  deps.db
    .prepare(
      'INSERT OR REPLACE INTO releaser_in(sender, dataset, origin, last_origin, last_leaf) VALUES (?, ?, ?, ?, ?)',
    )
    .run(nation, dataset, next.origin, log.origin, index)
}

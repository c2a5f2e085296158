import { type Hash, MOST_RECALLS_NAMED, type NationRecall } from '@entente/schema'
import type { AddFinding } from '../finding.ts'
import type { NationAudit } from '../nation-audit.ts'
import { digestJws } from '../statements/open-leaf.ts'

/**
 * Step 6, what nodes recall by their word for their nation: every word that somebody shows is in the log of its node, every one in a log is
 * shown with it, and from then on that node names it with what it puts again.
 * @param logs by origin
 */
export function checkNodeRecalls(
  logs: ReadonlyMap<string, NationAudit>,
  hash: Hash,
  found: (nation: NationAudit['nation']) => AddFinding,
): void {
  const words = new Map<string, NationRecall>()
  for (const { nationRecalls } of logs.values())
    for (const word of nationRecalls.all)
      if (word.origin !== null) words.set(digestJws(word.seal, hash), word)
  const byLog = Map.groupBy(words, ([, { origin }]) => origin)
  for (const [origin, audit] of logs)
    checkLog(audit, new Map(byLog.get(origin) ?? []), hash, found(audit.nation))
}

/** @param words those of the node of this log, by the digest of their statement */
function checkLog(
  { leaves, entries, nationRecalls }: NationAudit,
  words: ReadonlyMap<string, NationRecall>,
  hash: Hash,
  found: AddFinding,
): void {
  const shown = new Set(nationRecalls.all.map(({ seal }) => digestJws(seal, hash)))
  let lastAtMs = 0
  for (const { statement } of leaves.byIndex.values()) lastAtMs = Math.max(lastAtMs, statement.at)
  for (const [statement, { recall, digest, isRevoked }] of words) {
    // A thief has no log. What is not opened has its own finding.
    if (isRevoked || leaves.unread > 0 || leaves.byDigest.has(statement)) continue
    // A log is dated in its order: what it says before its last leaf stands in it.
    if (recall.at < lastAtMs)
      found(
        'NODE_RECALL_UNLOGGED',
        `its node has recalled ${recall.records.join(', ')} by the word ${digest}, which is no leaf of its log`,
      )
  }
  for (const leaf of leaves.byIndex.values()) {
    if (leaf.kind !== 'nation-recall') continue
    const { index } = leaf
    const word = words.get(leaf.digest)
    if (!shown.has(leaf.digest))
      found('NODE_RECALL_UNTOLD', `leaf ${index} recalls, and is not shown as a recall`, index)
    if (word === undefined || word.isRevoked) continue
    for (const [at, rows] of entries.byLeaf)
      for (const { entry } of at > index ? rows : [])
        if (
          entry.op === 'put' &&
          word.recall.records.includes(entry.record) &&
          (entry.recalls ?? []).length < MOST_RECALLS_NAMED &&
          entry.recalls?.includes(word.digest) !== true
        )
          found(
            'NODE_RECALL_UNNAMED',
            `release ${at} puts ${entry.record} again, and does not name the recall of leaf ${index}`,
            at,
          )
  }
}

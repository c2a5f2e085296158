import { canonicalJson, type Nation, toHex, utf8 } from '@entente/schema'
import type { Deps } from '../deps.ts'
import { logFiles } from '../log/log-files.ts'
import type { PublishedLog } from '../log/published-log.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import {
  ackRows,
  checkpointRows,
  heldRows,
  nationRecallRows,
  receivedRows,
} from './partner-rows.ts'

/**
 * What this node can show of its dealings with one partner, for that partner's auditor: what it holds from the partner, its
 * acknowledgements, the largest checkpoint of the partner's log, and the public bytes of its own log. Nothing that concerns a
 * third nation, no opening of its own log and no content. The manifest comes last.
 * @see docs/protocol.md, "Evidence about a pair"
 */
export function* pairEvidence(
  { db, hash, nation, origin, partners }: Deps,
  log: ReleaseLog,
  published: PublishedLog,
  about: Nation,
): Generator<readonly [path: string, bytes: Uint8Array]> {
  const partner = partners.get(about)
  if (partner === undefined) return
  // All of one moment: while they are sent, more arrives.
  const rows: readonly (readonly [path: string, bytes: Uint8Array])[] = [
    ['received.jsonl', linesOf(receivedRows(db, about))],
    ['held.jsonl', linesOf(heldRows(db, about))],
    ['acks-given.jsonl', linesOf(ackRows(db, 'given', about))],
    ['acks-received.jsonl', linesOf(ackRows(db, 'received', about))],
    ['partner-checkpoints.jsonl', linesOf(checkpointRows(db, partner.log.origin))],
  ]
  const recalls = linesOf(nationRecallRows(db, about))
  const files: Record<string, string> = {}
  function* all(): Generator<readonly [path: string, bytes: Uint8Array]> {
    yield* rows
    if (recalls.length > 0) yield ['root-recalls.jsonl', recalls]
    if (published.size > 0)
      for (const [path, bytes] of logFiles(log, published)) yield [`log/${path}`, bytes]
  }
  for (const [path, bytes] of all()) {
    files[path] = toHex(hash(bytes))
    yield [path, bytes]
  }
  const manifest = { format: 'entente-evidence/1', nation, origin, about, files }
  yield ['manifest.json', utf8(`${canonicalJson(manifest)}\n`)]
}

const linesOf = (rows: Iterable<unknown>): Uint8Array =>
  utf8(Array.from(rows, (row) => `${canonicalJson(row)}\n`).join(''))

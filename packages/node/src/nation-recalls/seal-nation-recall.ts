import { NodeRecall, openNationRecall, signJws, statementType } from '@entente/schema'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import type { NationRecalls } from './nation-recalls.ts'

export interface NationRecallRequest {
  readonly records: readonly string[]
  readonly purge: boolean
  /** Everybody reads it. */
  readonly reason: string
}

/** Where it stands in the log, its name, and the word itself, which anybody may carry. */
export interface SaidRecall {
  readonly index: number
  readonly digest: string
  readonly seal: string
}

/**
 * Recalls records from everybody by this node's word for its nation, whichever node of it has released them: one leaf, addressed to nobody,
 * which partners and our other nodes are told at once. It stays back here too, until a person lets it go again.
 * @throws {NationRecallError} `NODE_RECALL_NODE`, `NODE_RECALL_REVOKED`: this node may not
 */
export function sealNationRecall(
  deps: Deps,
  log: ReleaseLog,
  recalls: Pick<NationRecalls, 'mustCount' | 'take'>,
  { records, purge, reason }: NationRecallRequest,
): SaidRecall {
  const { db, nation, origin } = deps
  const atMs = log.nextAtMs()
  const said = { origin, at: atMs, nation, records: [...new Set(records)].sort(), purge, reason }
  const kind = 'nation-recall'
  const jws = signJws(statementType(kind), NodeRecall.parse(said), deps.signStatement)
  const opened = openNationRecall(deps.roster.members, jws, deps.verify)
  recalls.mustCount(opened)
  const salt = deps.randomBytes(32)
  const index = db.transact(() => log.append([{ kind, jws, salt, atMs, feed: null, seq: null }]))
  log.noteHead()
  recalls.take([jws], null)
  return { index, digest: opened.digest, seal: jws }
}

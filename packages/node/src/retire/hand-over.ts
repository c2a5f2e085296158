import {
  type HandoverSeal,
  handoverSealType,
  openRootWord,
  signJws,
  statementType,
} from '@entente/schema'
import type { Ed25519Signer } from '../adapters/ed25519.ts'
import type { Database } from '../adapters/sqlite-database.ts'
import type { Deps } from '../deps.ts'
import type { ReleaseLog } from '../log/release-log.ts'
import { loadOwn } from '../setup/node-folder.ts'
import { readOwnNationFile } from '../setup/own-nation-file.ts'
import { prepareNextLog } from './next-log.ts'

/** The root's word that another log follows, and that log. */
export interface PlannedHandover {
  readonly next: string
  readonly seal: string
}

/**
 * Makes the key of the log that will follow, and has the root name it. Nothing is logged yet.
 * @throws {SetupError} `ROOT_NOT_OURS`
 */
export function planHandover(folder: string, root: Ed25519Signer, atMs: number): PlannedHandover {
  const own = loadOwn(folder)
  const { nation, origin } = own.config
  readOwnNationFile({ folder, nation, rosterPath: own.rosterPath }, root)
  const next = prepareNextLog(folder, own.config)
  const seal: HandoverSeal = { nation, origin, next: next.origin, nextKey: next.logKey, at: atMs }
  return { next: next.origin, seal: signJws(handoverSealType, seal, root.sign) }
}

/**
 * Appends the last leaf of a log. From here on this log takes no other.
 * @returns its index @throws {JwsError} when the root has not signed the seal
 */
export function sealHandover(deps: Deps, log: ReleaseLog, { next, seal }: PlannedHandover): number {
  openRootWord(deps.self.member, seal, handoverSealType, deps.verify)
  const atMs = log.nextAtMs()
  const payload = { origin: deps.origin, at: atMs, next, seal }
  const jws = signJws(statementType('handover'), payload, deps.signStatement)
  const salt = deps.randomBytes(32)
  const index = deps.db.transact(() =>
    log.appendExactly([{ kind: 'handover', jws, salt, atMs, feed: null, seq: null }]),
  )
  log.noteHead()
  return index
}

/** Whether the log has had its last leaf. */
export const isHandedOver = (db: Database): boolean =>
  db.prepare("SELECT 1 FROM statement WHERE kind = 'handover' LIMIT 1").get() !== undefined
